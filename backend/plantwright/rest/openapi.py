"""OpenAPI 3.1 from the table: its schemas are the classes that parse and print, so they cannot say anything else."""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from plantwright.graphql.readings.export import EXPORT_PATH
from plantwright.readings.exchange.long_form import ExportFormat
from plantwright.rest.export import FileParameters
from plantwright.rest.route import RestRoute
from plantwright.rest.shapes import Body, Faults, Page, Parameters, Problem

_REFERENCE = "#/components/schemas/{model}"
_SECURITY = "accessToken"
_KEY_SECURITY = "apiKey"
Model = tuple[type[BaseModel], JsonSchemaMode]
References = dict[Any, Any]


class _Schemas(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - names say it already
        return False


def describe(routes: Sequence[RestRoute]) -> dict[str, Any]:
    """The document that `/api/v1/openapi.json` answers."""
    models = list(dict.fromkeys(model for route in routes for model in _models_of(route)))
    models += [(Problem, "serialization"), (Faults, "serialization"), (FileParameters, "validation")]
    references, definitions = models_json_schema(models, ref_template=_REFERENCE, schema_generator=_Schemas)
    schemas: dict[str, Any] = definitions["$defs"]
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.full_path, {})[route.method.lower()] = _operation(route, references, schemas)
    paths[EXPORT_PATH] = {"get": _export(references, schemas)}
    for query in {FileParameters.__name__, *(route.query.__name__ for route in routes)}:
        schemas.pop(query)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Plantwright REST", "version": version("plantwright")},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                _SECURITY: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                _KEY_SECURITY: {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def answer_model(route: RestRoute) -> type[BaseModel] | None:
    if route.answer is None or not route.is_list:
        return route.answer
    item: type[Body] = route.answer
    return Page[item]  # type: ignore[valid-type]


def _models_of(route: RestRoute) -> Iterable[Model]:
    yield route.query, "validation"
    if route.body is not None:
        yield route.body, "validation"
    answer = answer_model(route)
    if answer is not None:
        yield answer, "serialization"


def _operation(route: RestRoute, references: References, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [route.path.split("/")[1]],
        "parameters": [*map(_path_parameter, route.path_parameters), *_query_parameters(route.query, schemas)],
        "responses": _responses(route, references),
        "security": [] if route.is_public else [{_SECURITY: []}],
    }
    if route.body is not None:
        is_required = any(field.is_required() for field in route.body.model_fields.values())
        operation["requestBody"] = {"required": is_required, **_json(references[route.body, "validation"])}
    return operation


def _export(references: References, schemas: dict[str, Any]) -> dict[str, Any]:
    """The one route that is no row of the table: it answers with a file."""
    content = {kind.media_type: {"schema": {"type": "string", "format": "binary"}} for kind in ExportFormat}
    estimate = {"schema": {"type": "integer"}, "description": "About how many readings the file has; may be missing."}
    success = {"description": "The file", "headers": {"X-Estimated-Readings": estimate}, "content": content}
    return {
        "operationId": "get_readings_export",
        "summary": "A selection of readings as a file. A transfer that breaks off is not whole.",
        "tags": ["readings"],
        "parameters": [*_query_parameters(FileParameters, schemas)],
        "responses": {"200": success, **_refusals(references)},
        "security": [{_SECURITY: []}, {_KEY_SECURITY: []}],
    }


def _operation_id(route: RestRoute) -> str:
    return "_".join(re.findall(r"\w+", f"{route.method.lower()} {route.path}".replace("-", "_")))


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


def _query_parameters(query: type[Parameters], schemas: dict[str, Any]) -> Iterable[dict[str, Any]]:
    properties: dict[str, Any] = schemas[query.__name__].get("properties", {})
    for name, field in query.model_fields.items():
        yield _query_parameter(field.alias or name, field, properties)


def _query_parameter(name: str, field: FieldInfo, properties: dict[str, Any]) -> dict[str, Any]:
    schema = _without_null(properties[name])
    described = {"description": schema.pop("description")} if "description" in schema else {}
    return {"name": name, "in": "query", "required": field.is_required(), "schema": schema, **described}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query string cannot hold null: what may be null may be left out."""
    kinds = schema.get("anyOf", [])
    plain = {name: value for name, value in schema.items() if name != "anyOf" and value is not None}
    return {**plain, **next((kind for kind in kinds if kind != {"type": "null"}), {})}


def _responses(route: RestRoute, references: References) -> dict[str, Any]:
    answer = answer_model(route)
    success = {"description": HTTPStatus(route.status).phrase}
    if answer is not None:
        success |= _json(references[answer, "serialization"])
    return {str(route.status): success, **_refusals(references)}


def _refusals(references: References) -> dict[str, Any]:
    problem = references[Problem, "serialization"]
    faults = references[Faults, "serialization"]
    return {
        "422": {"description": "Input of the wrong shape, or against a rule", **_json({"anyOf": [faults, problem]})},
        "4XX": {"description": "Refused", **_json(problem)},
        "5XX": {"description": "Our fault, or unavailable for the moment", **_json(problem)},
    }


def _json(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}
