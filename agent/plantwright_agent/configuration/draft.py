"""The values of all files and of the environment put together, each still knowing where it came from."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from plantwright_agent.configuration.convert import Fault, fields_of, struct_of
from plantwright_agent.configuration.document import Document, read_source_file, read_toml
from plantwright_agent.configuration.environment import PATH_PREFIX, Override, Setting, read_settings
from plantwright_agent.configuration.syntax import Place, find_place, spell
from plantwright_agent.errors import ConfigError, Problem

SOURCES_DIR = "sources.d"
SUFFIXES = frozenset({".yaml", ".yml", ".json"})


class Draft:
    """`values` as the type `kind` describes them, not yet checked; `problems` so far; `watched` is what was read.

    Source files are taken in the order of their names, after the sources of the main file.
    """

    def __init__(self, file: Path, environment: Mapping[str, str], kind: type[msgspec.Struct]) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.values: dict[str, Any] = {}
        agent = struct_of(fields_of(kind)["agent"].type)
        settings = read_settings(environment, set(fields_of(agent)) if agent else set())
        self.watched: set[Path] = {file, *settings.files}
        self.problems += settings.problems
        self._added: dict[int, tuple[Document, Place]] = {}
        self._main = Document(file, {})
        try:
            self._main = read_toml(file)
        except ConfigError as error:
            self.problems += error.problems
            self.is_readable = False
            return
        self.is_readable = True
        self.values = self._main.values
        self._override = Override(file, self.values, kind)
        self._apply(item for item in settings.by_variable.values() if not item.variable.startswith(PATH_PREFIX))
        self._add_source_files()
        self._apply(item for item in settings.by_variable.values() if item.variable.startswith(PATH_PREFIX))

    @property
    def sources(self) -> list[Any]:
        """The values of all sources; empty when they are no list."""
        sources = self.values.get("source", [])
        return sources if isinstance(sources, list) else []

    def refuse(self, faults: Iterable[Fault]) -> None:
        self.problems += [self.problem(place, reason) for place, reason in faults]

    def refuse_rules(self, above: Place, broken: Iterable[tuple[str, str]]) -> None:
        """Broken rules name their key by its spelling below a place."""
        values: Any = self.values
        for step in above:
            values = values[step]
        for key, reason in broken:
            file, line = self._stands_at((*above, *find_place(key, values)))
            self.problems.append(Problem(file, line, f"{spell(above)}.{key}", reason))

    def _apply(self, settings: Iterable[Setting]) -> None:
        for setting in settings:
            self._override.put(setting)
        self.problems += self._override.problems
        self._override.problems = []

    def _add_source_files(self) -> None:
        folder = self._source_folder()
        if folder is None or not isinstance(self.values.setdefault("source", []), list):
            return
        for path in sorted(folder.iterdir()):
            if path.suffix not in SUFFIXES or path.name.startswith("."):
                continue
            self.watched.add(path)
            try:
                self._add(read_source_file(path))
            except ConfigError as error:
                self.problems += error.problems

    def _source_folder(self) -> Path | None:
        agent = self.values.get("agent")
        named = agent.get("sources_dir") if isinstance(agent, dict) else None
        if named is not None and not isinstance(named, str | Path):
            return None
        folder = self.file.parent / (named or SOURCES_DIR)
        self.watched.add(folder)
        if folder.is_dir():
            return folder
        if named is not None:
            self.refuse([(("agent", "sources_dir"), f"{folder} is not a folder")])
        return None

    def _add(self, document: Document) -> None:
        """One source, or a list of them."""
        is_list = isinstance(document.values, list)
        for index, source in enumerate(document.values if is_list else [document.values]):
            self._added[len(self.sources)] = (document, (index,) if is_list else ())
            self.sources.append(source)

    def problem(self, place: Place, reason: str) -> Problem:
        file, line = self._stands_at(place)
        if setting := self._set_by(place):
            return Problem(self.file, None, spell(place), f"{reason} (from {setting.variable})")
        return Problem(file, line, spell(place) or "(file)", reason)

    def _stands_at(self, place: Place) -> tuple[Path, int | None]:
        if len(place) > 1 and place[0] == "source" and isinstance(place[1], int) and place[1] in self._added:
            document, above = self._added[place[1]]
            return document.file, document.line((*above, *place[2:]))
        return self.file, self._main.line(place)

    def _set_by(self, place: Place) -> Setting | None:
        origins = self._override.origins
        return next((origins[place[:length]] for length in range(len(place) + 1) if place[:length] in origins), None)
