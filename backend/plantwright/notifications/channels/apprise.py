"""What the Apprise library speaks (https://github.com/caronc/apprise), in a process of its own.

The library opens its connections itself, so they do not go through `Outbound`. They are made in a child process that
has no secrets in its environment, checks every address at the moment of connecting, starts no program, reads no file
but those of the installation, and is ended after its time: `apprise_child`. docs/notifications.md says what is weaker.
"""

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import msgspec
import orjson

from plantwright.core.errors import ValidationFailed
from plantwright.core.outbound import TOTAL_SECONDS, Outbound
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.mail import one_line, text_with_link

LONGEST_URL: Final = 2_048
# Each child takes about 60 MB and half a second of a core.
CHILDREN: Final = 4
_TYPES: Final = {"critical": "failure", "warning": "warning"}
_OFF = (
    "Apprise is switched off on this server, because it opens its connections itself. Its operator allows it with "
    "PLANTWRIGHT_APPRISE=true."
)


class AppriseConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`url` as Apprise documents it, such as `ntfys://ntfy.example/topic`."""

    url: str


class AppriseChannel:
    """`surroundings` are the operator's settings for what may be connected to: `networks`, `ports`, `ca_file`."""

    type: ClassVar[str] = "apprise"
    Config: ClassVar = AppriseConfig
    secret_fields: ClassVar[frozenset[str]] = frozenset({"url"})
    generated_fields: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, is_allowed: bool, surroundings: Mapping[str, str]) -> None:
        self._is_allowed = is_allowed
        self._surroundings = surroundings
        self._children = asyncio.Semaphore(CHILDREN)

    async def check(self, config: AppriseConfig, outbound: Outbound) -> None:  # noqa: ARG002 - of the contract
        if len(config.url) > LONGEST_URL:
            raise ValidationFailed(f"url has at most {LONGEST_URL:,} characters.", ["url"])
        try:
            answer = await self._ask({"url": config.url})
        except TimeoutError:
            raise ValidationFailed("url could not be checked in time; try again.", ["url"]) from None
        if answer["status"] != "usable":
            raise ValidationFailed(answer["detail"], ["url"])

    async def send(self, config: AppriseConfig, message: Message, outbound: Outbound) -> Outcome:  # noqa: ARG002
        answer = await self._ask(
            {
                "url": config.url,
                "title": one_line(message.subject),
                "body": text_with_link(message),
                "kind": _TYPES.get(message.severity or "", "info"),
            }
        )
        return Outcome(
            is_delivered=answer["status"] == "sent",
            status=answer["status"],
            detail=answer["detail"],
            is_permanent=answer["status"] == "invalid",
        )

    async def _ask(self, question: Mapping[str, Any]) -> Mapping[str, str]:
        """
        Raises:
            ValidationFailed: the operator has not allowed it.
            OSError: the child ended without an answer.
            TimeoutError: it took too long, and was ended.
        """
        if not self._is_allowed:
            raise ValidationFailed(_OFF, ["type"])
        async with asyncio.timeout(TOTAL_SECONDS), self._children:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-m", "plantwright.notifications.channels.apprise_child"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={"LC_ALL": "C.UTF-8"},
                cwd="/",
            )
            try:
                said, _ = await child.communicate(orjson.dumps({**self._surroundings, **question}))
            finally:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        try:
            answer: dict[str, str] = orjson.loads(said)
        except orjson.JSONDecodeError:
            raise ChildProcessError("the library ended without an answer") from None
        return answer
