"""Text messages: counted as the network counts them, and never longer than asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plantwright.notifications.channels.sms_text import alphabet_of, fit, segments_of


@pytest.mark.parametrize(
    ("text", "alphabet", "segments"),
    [
        ("", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        # 76 of two units fill 152 of 153: the next does not go half into this message.
        ("€" * 152, "GSM-7", 2),
        ("€" * 153, "GSM-7", 3),
        ("°" * 70, "UCS-2", 1),
        ("°" * 71, "UCS-2", 2),
        ("🔥" * 35, "UCS-2", 1),
        ("🔥" * 36, "UCS-2", 2),
        # 33 pairs fill 66 of 67.
        ("🔥" * 66, "UCS-2", 2),
        ("🔥" * 67, "UCS-2", 3),
    ],
)
def test_messages_are_counted_as_the_network_counts_them(text: str, alphabet: str, segments: int) -> None:
    found = alphabet_of(text)
    assert found == alphabet
    assert segments_of(text, found) == segments


def test_what_fits_is_sent_as_it_is() -> None:
    fitted = fit("Pump P-101: 93 °C, over 85 °C", 1)
    assert (fitted.text, fitted.alphabet, fitted.segments) == ("Pump P-101: 93 °C, over 85 °C", "UCS-2", 1)


def test_a_long_text_is_cut_with_a_mark() -> None:
    fitted = fit("x" * 500, 2)
    assert fitted.text == "x" * 303 + "..."
    assert fitted.segments == 2


def test_when_the_rare_character_is_cut_off_the_shorter_alphabet_is_counted() -> None:
    fitted = fit("x" * 200 + "°", 1)
    assert (fitted.alphabet, fitted.segments) == ("GSM-7", 1)
    assert fitted.text == "x" * 67 + "..."


@given(st.text(max_size=400), st.integers(1, 4))
def test_it_never_needs_more_than_asked_and_begins_as_the_text_does(text: str, most: int) -> None:
    fitted = fit(text, most)
    assert fitted.segments <= most
    assert segments_of(fitted.text, alphabet_of(fitted.text)) == fitted.segments
    assert fitted.text == text or text.startswith(fitted.text.removesuffix("..."))
