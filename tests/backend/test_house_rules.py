"""Rules of the house that no type checker knows, read from the syntax of every file."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "backend" / "plantwright"
LONGEST_FILE = 500
LONGEST_FUNCTION = 60

# A room imports only from rooms of lower floors; `app`, `worker`, `cli` and their helpers stand on the roof.
# Three pairs that the plan draws side by side lean on each other one way: identity records in the journal, the health
# score counts alerts, and REST is a table of routes onto GraphQL.
FLOORS = {
    "core": 0,
    "journal": 1,
    "identity": 2,
    "assets": 3,
    "readings": 4,
    "detection": 5,
    "agents": 5,
    "alerts": 6,
    "rules": 6,
    "health": 7,
    "prognosis": 7,
    "maintenance": 8,
    "notifications": 9,
    "reports": 9,
    "sources": 9,
    "escalation": 10,
    "graphql": 11,
    "rest": 12,
}
ROOF = 13
ROOMS_ON_THE_ROOF = {"worker"}
# They drive or start the product from outside.
APART = {"demo": {"core"}, "embedded": {"core"}}
# Fills the product with its demo tenants, through the services of the rooms, as the command line does.
ON_THE_ROOF = {"demo/seed.py"}

# The same for the edge agent, which is a package of its own.
AGENT = ROOT / "agent" / "plantwright_agent"
AGENT_FLOORS = {
    "errors": 0,
    "samples": 0,
    "secret": 0,
    "backoff": 0,
    "normalise": 1,
    "moment": 1,
    "inputs": 2,
    "buffer": 2,
    "configuration": 3,
    "status": 3,
    "uplink": 4,
    "supervision": 5,
    "cli": 6,
    "__main__": 7,
}

SQL_BUILDERS = {"select", "text", "insert", "update", "delete", "union", "union_all", "literal_column", "TextClause"}


def python_files(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


BACKEND = python_files("backend/plantwright")
EVERYTHING = python_files("backend/plantwright", "agent/plantwright_agent", "tests", "bench")


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def room_of(file: Path) -> str:
    """The folder of the package; the command line of a room is put together above all rooms, as its name says."""
    inside = file.relative_to(PACKAGE).parts
    is_command = inside[-1] == "cli.py" and inside[0] in FLOORS
    if len(inside) == 1 or inside[0] in ROOMS_ON_THE_ROOF or "/".join(inside) in ON_THE_ROOF or is_command:
        return "roof"
    return inside[0]


def imports_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and imported name; the name is empty for a plain import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.module or "", alias.name) for alias in node.names)


def rooms_imported(tree: ast.Module) -> set[str]:
    rooms = set()
    for module, name in imports_of(tree):
        parts = [*module.split("."), name] if name else module.split(".")
        if parts[0] == "plantwright" and len(parts) > 1:
            rooms.add(parts[1] if parts[1] in FLOORS or parts[1] in APART else "roof")
    return rooms


def wrong_imports(file: Path, tree: ast.Module) -> set[str]:
    room = room_of(file)
    wanted = rooms_imported(tree) - {room}
    if room in APART:
        return wanted - APART[room]
    own = FLOORS.get(room, ROOF)
    return {other for other in wanted if (FLOORS.get(other, ROOF) >= own and own != ROOF)}


@pytest.mark.parametrize("file", BACKEND, ids=name_of)
def test_a_room_imports_only_from_lower_floors(file: Path) -> None:
    room = room_of(file)
    assert room in {"roof", "migrations", *FLOORS, *APART}, f"give the room {room} a floor"
    if room != "migrations":
        assert wrong_imports(file, tree_of(file)) == set()


def agent_rooms_imported(tree: ast.Module) -> set[str]:
    paths = [[*module.split("."), name] if name else module.split(".") for module, name in imports_of(tree)]
    return {path[1] for path in paths if path[0] == "plantwright_agent" and len(path) > 1} - {"__version__"}


@pytest.mark.parametrize("file", sorted(AGENT.rglob("*.py")), ids=name_of)
def test_a_room_of_the_agent_imports_only_from_lower_floors(file: Path) -> None:
    place = file.relative_to(AGENT)
    room = place.parts[0] if len(place.parts) > 1 else place.stem
    wanted = agent_rooms_imported(tree_of(file)) - {room}
    if room == "__init__":
        assert wanted == set()
        return
    assert room in AGENT_FLOORS, f"give the room {room} a floor"
    assert {other for other in wanted if AGENT_FLOORS[other] >= AGENT_FLOORS[room]} == set()


def builds_sql(tree: ast.Module) -> set[str]:
    return {
        name
        for module, name in imports_of(tree)
        if module.split(".")[0] in {"sqlalchemy", "sqlmodel"} and name in SQL_BUILDERS
    }


def may_build_sql(file: Path) -> bool:
    return room_of(file) in {"core", "migrations", "readings"} or file.name.endswith("repository.py")


@pytest.mark.parametrize("file", [file for file in BACKEND if not may_build_sql(file)], ids=name_of)
def test_only_repositories_build_sql(file: Path) -> None:
    assert builds_sql(tree_of(file)) == set()


def calls_of(tree: ast.Module, *names: str) -> list[int]:
    """Lines that call a method of one of these names."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
    ]


COMMITTING = {"core/database.py", "core/migrate.py"}


@pytest.mark.parametrize(
    "file", [file for file in BACKEND if file.relative_to(PACKAGE).as_posix() not in COMMITTING], ids=name_of
)
def test_only_the_unit_of_work_commits(file: Path) -> None:
    assert calls_of(tree_of(file), "commit") == []


def naive_times(tree: ast.Module) -> list[int]:
    """Lines that make a time without a zone."""
    lines = calls_of(tree, "utcnow", "utcfromtimestamp", "today")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = len(node.args) + len(node.keywords)
            on_datetime = isinstance(node.func.value, ast.Name) and node.func.value.id == "datetime"
            if on_datetime and given < {"now": 1, "fromtimestamp": 2}.get(node.func.attr, 0):
                lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("file", python_files("backend/plantwright", "agent/plantwright_agent"), ids=name_of)
def test_every_time_has_a_zone(file: Path) -> None:
    assert naive_times(tree_of(file)) == []


def long_functions(tree: ast.Module) -> list[str]:
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]


def test_files_and_functions_stay_short() -> None:
    # The first migration is one long list of tables; each of its functions makes one group of them.
    migrations = PACKAGE / "migrations"
    long_files = [name_of(file) for file in EVERYTHING if len(file.read_text().splitlines()) > LONGEST_FILE]
    found = {name_of(file): long_functions(tree_of(file)) for file in EVERYTHING if not file.is_relative_to(migrations)}
    assert long_files == []
    assert {file: names for file, names in found.items() if names} == {}


class TestTheRulesThemselves:
    """A rule that finds nothing in bad code would guard nothing."""

    @pytest.mark.parametrize(
        ("place", "line", "wrong"),
        [
            ("core/ids.py", "import plantwright.identity.models", {"identity"}),
            ("journal/service.py", "from plantwright.identity import repository", {"identity"}),
            ("identity/keys.py", "from plantwright.journal.service import Fact", set()),
            ("alerts/service.py", "from plantwright.health.models import MachineHealth", {"health"}),
            ("health/formula.py", "from plantwright.alerts.models import Severity", set()),
            ("assets/service.py", "from plantwright import graphql", {"graphql"}),
            ("readings/ingest/writer.py", "from plantwright.app import create_app", {"roof"}),
            ("demo/plant.py", "from plantwright.identity.models import Role", {"identity"}),
            ("demo/cli.py", "from plantwright.assets.models import Machine", {"assets"}),
            ("journal/cli.py", "from plantwright.identity.repository import list_tenants", set()),
            ("worker/process.py", "from plantwright.graphql.schema import schema", set()),
            ("rest/app.py", "from plantwright.graphql.schema import schema", set()),
            ("graphql/view.py", "from plantwright.rest.app import routes", {"rest"}),
        ],
    )
    def test_floors(self, place: str, line: str, wrong: set[str]) -> None:
        assert wrong_imports(PACKAGE / place, ast.parse(line)) == wrong

    def test_sql(self) -> None:
        assert builds_sql(ast.parse("from sqlmodel import select, col\nfrom sqlalchemy import text")) == {
            "select",
            "text",
        }
        assert builds_sql(ast.parse("from sqlalchemy.exc import IntegrityError")) == set()

    def test_times(self) -> None:
        bad = "datetime.now()\ndatetime.utcnow()\ndate.today()\ndatetime.fromtimestamp(1)"
        good = "datetime.now(UTC)\ndatetime.fromtimestamp(1, UTC)\ndatetime.fromtimestamp(1, tz=UTC)\nclock.now()"
        assert sorted(naive_times(ast.parse(bad))) == [1, 2, 3, 4]
        assert naive_times(ast.parse(good)) == []

    def test_commits_and_lengths(self) -> None:
        assert calls_of(ast.parse("await work.session.commit()"), "commit") == [1]
        assert long_functions(ast.parse("def long():\n" + "    pass\n" * 60)) == ["long"]
        assert long_functions(ast.parse("def short():\n" + "    pass\n" * 59)) == []
