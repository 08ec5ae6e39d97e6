"""On which line each key and element of a TOML text stands.

The text has been accepted by `tomllib` before, so this only has to find its way, not to judge.
"""

import re
import tomllib
from bisect import bisect_right

from plantwright_agent.configuration.syntax import Place

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
BLANK = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
STRING = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
)
SCALAR = re.compile(r"[^,\]}\n#]*")


def toml_lines(text: str) -> dict[Place, int]:
    """Lines count from 1. An array of tables has a place for itself and one for each element."""
    return _Walk(text).lines


class _Walk:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._tables: dict[Place, int] = {}
        self.lines: dict[Place, int] = {}
        table: Place = ()
        while self._skip_blank():
            if self._sees("["):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Place:
        line = self._line()
        is_element = self._text.startswith("[[", self._at)
        self._at += 2 if is_element else 1
        keys = self._keys()
        self._at = self._text.index("]", self._at) + (2 if is_element else 1)
        place = self._descend((), keys[:-1], line)
        if not is_element:
            return self._descend(place, keys[-1:], line)
        place = (*place, keys[-1])
        self._note(place, line)
        self._tables[place] = self._tables.get(place, 0) + 1
        place = (*place, self._tables[place] - 1)
        self._note(place, line)
        return place

    def _descend(self, place: Place, keys: list[str], line: int) -> Place:
        """A key that names an array of tables means its newest element."""
        for key in keys:
            place = (*place, key)
            self._note(place, line)
            if place in self._tables:
                place = (*place, self._tables[place] - 1)
        return place

    def _pair(self, table: Place) -> None:
        line = self._line()
        place = self._descend(table, self._keys(), line)
        self._at = self._text.index("=", self._at) + 1
        self._skip_blank()
        self._value(place)

    def _value(self, place: Place) -> None:
        if self._sees("["):
            self._elements(place)
        elif self._sees("{"):
            self._at += 1
            while self._skip_blank() and not self._sees("}"):
                self._pair(place)
                self._skip_comma()
            self._at += 1
        elif string := STRING.match(self._text, self._at):
            self._at = string.end()
        else:
            self._at = _end(SCALAR, self._text, self._at)

    def _elements(self, place: Place) -> None:
        self._at += 1
        index = 0
        while self._skip_blank() and not self._sees("]"):
            self._note((*place, index), self._line())
            self._value((*place, index))
            self._skip_comma()
            index += 1
        self._at += 1

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._skip_blank()
            if string := STRING.match(self._text, self._at):
                keys.append(str(tomllib.loads(f"key = {string[0]}")["key"]))
                self._at = string.end()
            else:
                start, self._at = self._at, _end(BARE_KEY, self._text, self._at)
                keys.append(self._text[start : self._at])
            self._skip_blank()
            if not self._sees("."):
                return keys
            self._at += 1

    def _skip_comma(self) -> None:
        self._skip_blank()
        if self._sees(","):
            self._at += 1

    def _skip_blank(self) -> bool:
        """Past blanks, line ends and comments; False at the end of the text."""
        self._at = _end(BLANK, self._text, self._at)
        return self._at < len(self._text)

    def _sees(self, mark: str) -> bool:
        return self._text.startswith(mark, self._at)

    def _note(self, place: Place, line: int) -> None:
        self.lines.setdefault(place, line)

    def _line(self) -> int:
        return bisect_right(self._breaks, self._at - 1) + 1


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
