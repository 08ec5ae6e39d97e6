"""One attempt: the stored message, the channel's way, and an outcome whatever happens."""

import asyncio
import time
from dataclasses import replace
from datetime import datetime

import httpx
import structlog

from plantwright.core.errors import DomainError
from plantwright.core.outbound import Outbound
from plantwright.core.text import storable
from plantwright.core.vault import Vault
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.registry import Channels
from plantwright.notifications.channels.words import open_alert
from plantwright.notifications.messages import html_of
from plantwright.notifications.models import NotificationChannel, NotificationDelivery
from plantwright.notifications.sealing import stored_config
from plantwright.notifications.templates import Words

log = structlog.get_logger()

# Channels keep to ten seconds themselves; this is for one that does not.
LONGEST_SECONDS = 15.0
LONGEST_DETAIL = 500
LONGEST_RESPONSE = 2_048


class Sender:
    """Sends for every tenant; holds no transaction."""

    def __init__(self, channels: Channels, vault: Vault, outbound: Outbound) -> None:
        self._channels = channels
        self._vault = vault
        self._outbound = outbound

    async def send(self, channel: NotificationChannel, delivery: NotificationDelivery, now: datetime) -> Outcome:
        begin = time.monotonic()
        outcome = await self._attempt(channel, message_of(delivery, now))
        return replace(
            outcome,
            latency_ms=round((time.monotonic() - begin) * 1000),
            detail=storable(outcome.detail)[:LONGEST_DETAIL],
            response=storable(outcome.response).replace("\N{REPLACEMENT CHARACTER}", "")[:LONGEST_RESPONSE],
        )

    async def _attempt(self, row: NotificationChannel, message: Message) -> Outcome:
        try:
            channel = self._channels.get(row.type)
            config = stored_config(row, channel, self._vault)
            async with asyncio.timeout(LONGEST_SECONDS):
                return await channel.send(config, message, self._outbound)
        except DomainError as error:
            return _failed("refused", error.message)
        except TimeoutError:
            return _failed("timeout", "The receiver did not answer in time.")
        except (OSError, httpx.HTTPError) as error:
            return _failed("unreachable", f"No connection: {error}.")
        except Exception:
            # One channel's fault must not stop the others, nor this delivery from being tried again.
            log.exception("channel_failed", channel_type=row.type, delivery_id=str(message.delivery_id))
            return _failed("error", "Something went wrong on our side; the server's log has it.")


def message_of(delivery: NotificationDelivery, now: datetime) -> Message:
    words = Words(delivery.subject, delivery.text)
    return Message(
        delivery_id=delivery.id,
        event=delivery.event,
        subject=delivery.subject,
        text=delivery.text,
        html=html_of(words, delivery.link, open_alert(delivery.language)),
        severity=delivery.severity,
        link=delivery.link,
        payload=delivery.payload,
        dedup_key=delivery.dedup_key,
        sequence=delivery.sequence,
        language=delivery.language,
        sent_at=now,
    )


def _failed(status: str, detail: str) -> Outcome:
    return Outcome(is_delivered=False, status=status, detail=detail)
