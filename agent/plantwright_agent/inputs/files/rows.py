"""From lines to samples: what the parsers of both file inputs share."""

from abc import abstractmethod
from dataclasses import dataclass, field
from pathlib import Path

from plantwright_agent.inputs.files.lines import Lines
from plantwright_agent.samples import DeadLetter, Origin, RawSample


@dataclass(slots=True)
class Parsed:
    """What some lines gave."""

    samples: list[RawSample] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)


class LineParser:
    """Turns the lines of one file into samples."""

    def __init__(self, path: Path) -> None:
        self.file = str(path)

    def parse(self, lines: Lines) -> Parsed:
        """A line that gives nothing usable is a dead letter; an empty line is nothing at all."""
        parsed = Parsed(dead_letters=lines.set_aside)
        for number, text in enumerate(lines.texts, start=lines.first):
            if text and not text.isspace():
                self.row(Origin(self.file, number, text), parsed)
        return parsed

    @abstractmethod
    def row(self, origin: Origin, parsed: Parsed) -> None:
        """Add what one line gives."""


def broken(origin: Origin, reason: str) -> DeadLetter:
    """The line as a whole, or a part of it, cannot become a reading."""
    return DeadLetter(origin.file, origin.line, origin.text, reason)
