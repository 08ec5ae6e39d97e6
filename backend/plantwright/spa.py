"""The built frontend: files as they are, any other path the page that routes by itself."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

_IMMUTABLE = "public, max-age=31536000, immutable"


class HashedFiles(StaticFiles):
    """Files whose names carry a hash of their content never change."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["cache-control"] = _IMMUTABLE
        return response


def spa_routes(folder: Path | None) -> list[BaseRoute]:
    """No routes without a built frontend: the API stands alone then."""
    if folder is None or not (folder / "index.html").is_file():
        return [Route("/", _no_frontend)]
    root = folder.resolve()

    async def page(request: Request) -> Response:
        wanted = (root / request.path_params["path"]).resolve()
        if wanted.is_file() and wanted.is_relative_to(root):
            return FileResponse(wanted)
        return FileResponse(root / "index.html")

    return [
        Mount("/assets", HashedFiles(directory=root / "assets")),
        Route("/{path:path}", page),
    ]


async def _no_frontend(_request: Request) -> Response:
    return PlainTextResponse("This server has no frontend. The API is at /graphql and /api/v1.")
