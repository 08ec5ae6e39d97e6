"""Values from outside the files: environment variables, files they name, and credentials of systemd.

- `PLANTWRIGHT_AGENT_<KEY>` is a key of `[agent]`.
- `PLANTWRIGHT_AGENT__<STEP>__<STEP>…` is any key, a step being a key, an index, or the name of a source:
  `PLANTWRIGHT_AGENT__SOURCE__PRESS_PLC__OPCUA__PASSWORD`. Case does not matter, and what cannot stand in the name of a
  variable is an underscore.
- With `_FILE` at the end the value is the content of that file.
- A file in `$CREDENTIALS_DIRECTORY` counts as the variable it is named after.
- The variable itself wins over `_FILE`, which wins over a credential.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from plantwright_agent.configuration.convert import convert, element_of, fields_of, nearest, struct_of
from plantwright_agent.configuration.document import read_text
from plantwright_agent.configuration.syntax import Place
from plantwright_agent.errors import ConfigError, Problem

PREFIX = "PLANTWRIGHT_AGENT_"
PATH_PREFIX = f"{PREFIX}_"
FILE_SUFFIX = "_FILE"


@dataclass(frozen=True, slots=True)
class Setting:
    """`file` is where the value was read from, if not from the environment itself."""

    variable: str
    value: str
    file: Path | None = None


@dataclass(slots=True)
class Settings:
    """All that the environment sets, by variable without `_FILE`."""

    by_variable: dict[str, Setting] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def files(self) -> set[Path]:
        return {setting.file for setting in self.by_variable.values() if setting.file} | {
            problem.file for problem in self.problems
        }


def read_settings(environment: Mapping[str, str], agent_keys: set[str]) -> Settings:
    """`agent_keys` tell `ca_file`, a key, from a value in a file."""
    settings = Settings()
    for variable, path in _named_files(environment, agent_keys):
        try:
            settings.by_variable[variable] = Setting(variable, read_text(path).strip(), path)
        except ConfigError as error:
            settings.problems += [Problem(path, problem.line, variable, problem.reason) for problem in error.problems]
    for variable, value in environment.items():
        if _is_value(variable, agent_keys):
            settings.by_variable[variable] = Setting(variable, value)
    return settings


class Override:
    """Puts settings into the values of the files; remembers which places it has set."""

    def __init__(self, file: Path, values: dict[str, Any], kind: type[msgspec.Struct]) -> None:
        self._file = file
        self._values = values
        self._kind = kind
        self.origins: dict[Place, Setting] = {}
        self.problems: list[Problem] = []

    def put(self, setting: Setting) -> None:
        """An empty value counts as not set."""
        if not setting.value:
            return
        try:
            place = self._put(steps_of(setting.variable), setting.value)
        except LookupError as error:
            self.problems.append(Problem(self._file, None, setting.variable, str(error.args[0])))
        else:
            self.origins[place] = setting

    def _put(self, steps: list[str], text: str) -> Place:
        values: Any = self._values
        kind: Any = self._kind
        place: Place = ()
        for position, step in enumerate(steps, 1):
            key, kind = _step(values, kind, step)
            place = (*place, key)
            if position == len(steps):
                values[key] = _typed(text, kind)
            elif isinstance(values, dict):
                values = values.setdefault(key, {})
            else:
                values = values[key]
        return place


def steps_of(variable: str) -> list[str]:
    if variable.startswith(PATH_PREFIX):
        return variable.removeprefix(PATH_PREFIX).split("__")
    return ["agent", variable.removeprefix(PREFIX)]


def _named_files(environment: Mapping[str, str], agent_keys: set[str]) -> Iterator[tuple[str, Path]]:
    if folder := environment.get("CREDENTIALS_DIRECTORY"):
        yield from ((path.name, path) for path in sorted(Path(folder).glob(f"{PREFIX}*")))
    for variable, value in environment.items():
        target = variable.removesuffix(FILE_SUFFIX)
        if target != variable and not _is_value(variable, agent_keys) and _is_value(target, agent_keys):
            yield target, Path(value)


def _is_value(variable: str, agent_keys: set[str]) -> bool:
    """Variables that only begin alike, such as those of a container platform, are none of ours."""
    if variable.startswith(PATH_PREFIX):
        return not variable.endswith(FILE_SUFFIX) or variable.removesuffix(FILE_SUFFIX).endswith("_")
    return variable.startswith(PREFIX) and variable.removeprefix(PREFIX).lower() in agent_keys


def _step(values: Any, kind: Any, step: str) -> tuple[str | int, Any]:
    if isinstance(values, list):
        return _element(values, step), element_of(kind, list)
    if isinstance(values, dict) and (struct := struct_of(kind)) is not None:
        fields = fields_of(struct)
        key = step.lower()
        if key not in fields:
            raise LookupError(f'there is no key "{key}"{nearest(key, fields)}')
        return key, fields[key].type
    if (element := element_of(kind, dict)) is not None and isinstance(values, dict):
        fitting = [key for key in values if _plain(key) == step.upper()]
        return (fitting[0] if len(fitting) == 1 else step.lower()), element
    raise LookupError(f'"{step.lower()}" would be below something that is no table')


def _element(values: list[Any], step: str) -> int:
    """By index, or by name where the elements have one."""
    if step.isdigit() and int(step) < len(values):
        return int(step)
    names = [str(item.get("name", "")) if isinstance(item, dict) else "" for item in values]
    fitting = [index for index, name in enumerate(names) if name and _plain(name) == step.upper()]
    if len(fitting) > 1:
        both = " and ".join(f'"{names[index]}"' for index in fitting)
        raise LookupError(f"fits {both}; use the index instead")
    if not fitting:
        raise LookupError(f'there is no "{step}" among {len(values)}{nearest(step, filter(None, names))}')
    return fitting[0]


def _plain(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _typed(text: str, kind: Any) -> Any:
    """Text as the type wants it; lists and tables are written as JSON. What fits neither is left for the check."""
    try:
        return convert(text, kind, strict=False)
    except msgspec.ValidationError:
        try:
            return json.loads(text)
        except ValueError:
            return text
