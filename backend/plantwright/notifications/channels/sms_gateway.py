"""Text messages through any gateway with an HTTP interface, described by templates."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import ClassVar, Final, Literal
from urllib.parse import quote, quote_plus, urlsplit

import msgspec
import orjson

from plantwright.core.errors import ValidationFailed
from plantwright.core.outbound import Outbound
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.http import request
from plantwright.notifications.channels.sms import check_number, check_segments, text_of
from plantwright.notifications.channels.webhook import check_headers

Format = Literal["json", "form", "text"]
_PLACE = re.compile(r"\{(to|text|secret)\}")
_TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain; charset=utf-8",
}
# Everything that could break out of its place.
_SAMPLE: Final = {"to": "+10000000", "text": '"\\\n{}&=', "secret": '"'}


class SmsGatewayConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`{to}`, `{text}` and `{secret}` in `url`, `body` and the values of `headers` are filled in, written so that they
    stay within their place. `success_text` is what an answer must hold besides a status of 2xx.
    """

    to: str
    url: str
    method: Literal["POST", "GET", "PUT"] = "POST"
    headers: dict[str, str] = {}
    body: str = '{"to": "{to}", "text": "{text}"}'
    body_format: Format = "json"
    secret: str | None = None
    success_text: str | None = None
    max_segments: int = 3


class SmsGatewayChannel:
    type: ClassVar[str] = "sms_gateway"
    Config: ClassVar = SmsGatewayConfig
    secret_fields: ClassVar[frozenset[str]] = frozenset({"headers", "secret"})
    generated_fields: ClassVar[frozenset[str]] = frozenset()

    async def check(self, config: SmsGatewayConfig, outbound: Outbound) -> None:
        check_number(config.to, "to")
        check_segments(config.max_segments)
        if "{" in _authority_of(config.url):
            raise ValidationFailed("url: the host cannot be filled in, only what comes after it.", ["url"])
        await outbound.check_url(_filled(config.url, _SAMPLE, _in_url), "url")
        check_headers({name: _filled(value, _SAMPLE, _in_url) for name, value in config.headers.items()})
        templates = [config.url] if config.method == "GET" else [config.url, config.body]
        if not any("{text}" in template for template in templates):
            raise ValidationFailed("The text goes nowhere: write {text} into body or url.", ["body"])
        _check_body(config)

    async def send(self, config: SmsGatewayConfig, message: Message, outbound: Outbound) -> Outcome:
        values = {"to": config.to, "text": text_of(message, config.max_segments), "secret": config.secret or ""}
        headers = {name: _filled(value, values, _as_it_is) for name, value in config.headers.items()}
        body = b""
        if config.method != "GET":
            headers["Content-Type"] = _TYPES[config.body_format]
            body = _filled(config.body, values, _WRITERS[config.body_format]).encode()
        outcome = await request(
            outbound, config.method, _filled(config.url, values, _in_url), body, message, headers=headers
        )
        if outcome.is_delivered and config.success_text is not None and config.success_text not in outcome.response:
            detail = f"The gateway answered {outcome.status}, but without {config.success_text!r}."
            return replace(outcome, is_delivered=False, detail=detail)
        return outcome


def _filled(template: str, values: Mapping[str, str], write: Callable[[str], str]) -> str:
    """In one pass: a text that holds `{secret}` is a text."""
    return _PLACE.sub(lambda found: write(values[found[1]]), template)


def _check_body(config: SmsGatewayConfig) -> None:
    if config.method == "GET" or config.body_format != "json":
        return
    try:
        orjson.loads(_filled(config.body, _SAMPLE, _in_json))
    except orjson.JSONDecodeError as error:
        raise ValidationFailed(f"body is no JSON: {error}.", ["body"]) from None


def _authority_of(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _in_url(text: str) -> str:
    return quote(text, safe="")


def _in_json(text: str) -> str:
    return orjson.dumps(text).decode()[1:-1]


def _as_it_is(text: str) -> str:
    return text


_WRITERS: Final[Mapping[Format, Callable[[str], str]]] = {"json": _in_json, "form": quote_plus, "text": _as_it_is}
