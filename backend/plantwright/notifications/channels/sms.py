"""Text messages through a service with Twilio's REST interface (2010-04-01)."""

import base64
import re
from dataclasses import replace
from typing import ClassVar, Final
from urllib.parse import quote, urlencode

import msgspec

from plantwright.core.errors import ValidationFailed
from plantwright.core.outbound import Outbound
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.http import request
from plantwright.notifications.channels.sms_text import fit

MAX_SEGMENTS: Final = 10
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|MG[0-9a-f]{32}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Not the whole answer: the text comes back in it, and with a long one it is more than is read.
_FIELD = re.compile(r'"(sid|status|code|message|error_code)"\s*:\s*("(?:[^"\\]|\\.)*"|\d+|null)')
_FAILED: Final = frozenset({"failed", "undelivered", "canceled"})


class SmsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`to` and `from_number` in E.164; `from_number` may also be a short code, a name, or a messaging service's id."""

    to: str
    account_sid: str
    auth_token: str
    from_number: str
    base_url: str = "https://api.twilio.com"
    max_segments: int = 3


class SmsChannel:
    type: ClassVar[str] = "sms"
    Config: ClassVar = SmsConfig
    secret_fields: ClassVar[frozenset[str]] = frozenset({"auth_token"})
    generated_fields: ClassVar[frozenset[str]] = frozenset()

    async def check(self, config: SmsConfig, outbound: Outbound) -> None:
        check_number(config.to, "to")
        check_segments(config.max_segments)
        if not _SENDER.fullmatch(config.from_number):
            raise ValidationFailed(
                "from_number must be a number such as +4930123456, a short code, a name of up to 11 letters and "
                "digits, or the id of a messaging service (MG…).",
                ["from_number"],
            )
        if not _ACCOUNT.fullmatch(config.account_sid):
            raise ValidationFailed("account_sid must be letters and digits, such as AC0123….", ["account_sid"])
        if not config.auth_token.isascii() or not config.auth_token.isprintable() or not config.auth_token:
            raise ValidationFailed("auth_token must be printable ASCII characters.", ["auth_token"])
        await outbound.check_url(config.base_url, "base_url")

    async def send(self, config: SmsConfig, message: Message, outbound: Outbound) -> Outcome:
        sender = "MessagingServiceSid" if config.from_number.startswith("MG") else "From"
        form = {"To": config.to, sender: config.from_number, "Body": text_of(message, config.max_segments)}
        login = base64.b64encode(f"{config.account_sid}:{config.auth_token}".encode()).decode()
        url = f"{config.base_url.rstrip('/')}/2010-04-01/Accounts/{quote(config.account_sid)}/Messages.json"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {login}"}
        outcome = await request(outbound, "POST", url, urlencode(form).encode(), message, headers=headers)
        return _judged(outcome)


def text_of(message: Message, max_segments: int) -> str:
    """The text with the link when both fit, else the text alone, cut."""
    if message.link is not None and message.link not in message.text:
        whole = f"{message.text} {message.link}"
        if fit(whole, max_segments).text == whole:
            return whole
    return fit(message.text, max_segments).text


def check_number(text: str, field: str) -> None:
    """
    Raises:
        ValidationFailed: it is no number in E.164.
    """
    if not _NUMBER.fullmatch(text):
        raise ValidationFailed(
            f"{field} must be a number with + and the country code and nothing between, such as +4930123456.", [field]
        )


def check_segments(count: int) -> None:
    if not 1 <= count <= MAX_SEGMENTS:
        raise ValidationFailed(f"max_segments is between 1 and {MAX_SEGMENTS}.", ["max_segments"])


def _judged(outcome: Outcome) -> Outcome:
    """A service may refuse with a code of its own, or answer 201 for a message that it did not send."""
    answer = {name: value.strip('"') for name, value in _FIELD.findall(outcome.response)}
    if not outcome.is_delivered:
        said, code = answer.get("message"), answer.get("code")
        return replace(outcome, detail=f"{said} (code {code})" if code else said) if said else outcome
    state, error = answer.get("status", ""), answer.get("error_code", "null")
    if state in _FAILED or error != "null":
        with_code = "" if error == "null" else f" (code {error})"
        detail = f"The service took the message, but says that it is {state or 'failed'}{with_code}."
        return replace(outcome, is_delivered=False, detail=detail)
    if not answer.get("sid"):
        return replace(outcome, is_delivered=False, detail="The service answered without the id of a message.")
    return outcome
