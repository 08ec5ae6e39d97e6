"""Numbers as people's programs write them: decimal comma, groups of thousands."""

import re

SPACES = str.maketrans({"\u00a0": " ", "\u202f": " "})


class NumberReader:
    """`thousands` is the mark between groups of three digits, or empty. A space also means a no-break space."""

    def __init__(self, decimal: str, thousands: str) -> None:
        self._decimal = decimal
        self._thousands = thousands
        mark, group = re.escape(decimal), re.escape(thousands)
        self._grouped = re.compile(rf"[+-]?\d{{1,3}}({group}\d{{3}})+({mark}\d*)?")

    def read(self, text: str) -> float | None:
        """None when it is no number. NaN and infinity pass: the check for finite numbers is the same for all inputs."""
        if self._thousands:
            text = text.translate(SPACES) if self._thousands == " " else text
            if self._thousands in text:
                if self._grouped.fullmatch(text) is None:
                    return None
                text = text.replace(self._thousands, "")
        if self._decimal == ",":
            if "." in text:
                return None
            text = text.replace(",", ".")
        try:
            return float(text) if "_" not in text else None
        except ValueError:
            return None
