"""Numbers and units as people read them."""

import math

_SIGNIFICANT = 3
_UNIT_SYMBOLS = {"celsius": "°C", "degc": "°C", "fahrenheit": "°F", "degf": "°F", "kelvin": "K", "percent": "%"}


def plain_number(value: float) -> str:
    """Three significant digits without an exponent up to a million: 9.21, 0.0213, 142, 1483."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    magnitude = math.floor(math.log10(abs(value)))
    if not -_SIGNIFICANT <= magnitude <= 2 * _SIGNIFICANT:
        return f"{value:.{_SIGNIFICANT}g}"
    return f"{value:.{max(0, _SIGNIFICANT - 1 - magnitude)}f}"


def unit_symbol(unit: str) -> str:
    """`celsius` becomes `°C`; a unit that is a symbol already stays as it is."""
    return _UNIT_SYMBOLS.get(unit.lower(), unit)
