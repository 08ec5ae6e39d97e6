"""The few words that a channel itself puts into a message."""

from typing import Final

_OPEN_ALERT: Final = {"en": "Open alert", "de": "Alarm öffnen", "fr": "Voir l'alarme", "es": "Abrir la alarma"}


def open_alert(language: str) -> str:
    """On the button that leads to the alert."""
    return _OPEN_ALERT.get(language, _OPEN_ALERT["en"])
