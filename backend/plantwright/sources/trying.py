"""The steps of a test: each says what it found, and the first that fails says what to do."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from asyncua.ua import uaerrors
from plantwright_agent.errors import AgentError, PermanentInputError, RetryableInputError
from plantwright_agent.inputs.opcua.trust import OfferedEndpoint
from plantwright_agent.inputs.trial import Trial, trial
from plantwright_agent.normalise import to_reading
from plantwright_agent.samples import Reading

from plantwright.readings.ingest.decoded import QUALITY_NAMES
from plantwright.sources.addresses import DeviceGuard
from plantwright.sources.certificate import ClientIdentity, describe
from plantwright.sources.configuration import Device, source_config
from plantwright.sources.models import SourceProtocol, TagMapping
from plantwright.sources.reach import (
    Reach,
    checked_host,
    laid_files,
    offered_certificate,
    offers_of,
    require_confirmed,
)
from plantwright.sources.report import Offer, Report, StepName, TriedTag

REACH_SECONDS = 5.0
LONGEST_TRIAL = 10.0
MACHINE = "-"
TRUST_US = (
    "the server does not trust this tenant's certificate. Save the certificate that is shown here and have the "
    "server's administrator trust it"
)
# The node every OPC UA server has: reading it shows that the session stands, when no tag is mapped yet.
_SERVER_STATE = "i=2259"
_ABOUT_USERS = (
    uaerrors.BadUserAccessDenied,
    uaerrors.BadIdentityTokenRejected,
    uaerrors.BadIdentityTokenInvalid,
    uaerrors.BadIdentityChangeNotSupported,
    uaerrors.BadUserSignatureInvalid,
)
_ABOUT_TRUST = (
    uaerrors.BadSecurityChecksFailed,
    uaerrors.BadCertificateUntrusted,
    uaerrors.BadCertificateInvalid,
)


class _StepFailed(Exception):
    def __init__(self, name: StepName, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


async def try_device(
    guard: DeviceGuard,
    device: Device,
    tags: Sequence[TagMapping],
    identity: ClientIdentity | None,
    *,
    seconds: float,
) -> Report:
    """Never raises for what the device does; the report says it. `identity` is for secured OPC UA."""
    report = Report(client_certificate=None if identity is None else describe(identity.certificate))
    try:
        async with asyncio.timeout(seconds):
            await _try(report, guard, device, tags, identity)
    except _StepFailed as failure:
        report.failed(failure.name, failure.message)
    except TimeoutError:
        report.failed(list(StepName)[len(report.steps)], f"no answer within {seconds:g} s")
    return report


def for_people(error: Exception) -> str:
    """The input's words, in terms of the server's screens rather than of the agent's command line."""
    return TRUST_US if isinstance(error.__cause__, _ABOUT_TRUST) else str(error)


async def _try(
    report: Report, guard: DeviceGuard, device: Device, tags: Sequence[TagMapping], identity: ClientIdentity | None
) -> None:
    host = await _resolve(report, guard, device)
    await _reach(report, host, device.host_and_port[1])
    async with contextlib.AsyncExitStack() as stack:
        reach = Reach(host)
        if device.protocol is SourceProtocol.MODBUS_TCP:
            report.skipped(StepName.SECURED, "Modbus TCP has no security")
            report.skipped(StepName.AUTHENTICATED, "Modbus TCP knows no users")
        else:
            server = await _secure(report, device, host)
            if server is not None and identity is not None:
                reach = Reach(host, await stack.enter_async_context(laid_files(identity, server, device.user)))
        await _read(report, device, tags, reach)


async def _resolve(report: Report, guard: DeviceGuard, device: Device) -> str:
    try:
        host = await checked_host(guard, device)
    except (PermanentInputError, RetryableInputError) as error:
        raise _StepFailed(StepName.RESOLVED, str(error)) from error
    report.passed(StepName.RESOLVED, host)
    return host


async def _reach(report: Report, host: str, port: int) -> None:
    try:
        async with asyncio.timeout(REACH_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        raise _StepFailed(
            StepName.REACHED, f"nobody answers at {host} port {port} within {REACH_SECONDS:g} s; is there a firewall?"
        ) from None
    except OSError as error:
        reason = error.strerror or "no connection"
        raise _StepFailed(StepName.REACHED, f"{host} port {port}: {reason}; is the device on?") from None
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    report.passed(StepName.REACHED, f"{host} port {port}")


async def _secure(report: Report, device: Device, host: str) -> bytes | None:
    """The server's certificate, confirmed; None without security."""
    try:
        offers = await offers_of(device, host)
        report.offers = [_offer(one) for one in offers]
        shown = offered_certificate(offers)
        report.server_certificate = None if shown is None else describe(shown)
        if not device.is_secured:
            report.skipped(StepName.SECURED, "switched off by securityMode NONE")
            return None
        confirmed = require_confirmed(device, shown)
    except (AgentError, ValueError) as error:
        raise _StepFailed(StepName.SECURED, for_people(error)) from error
    report.is_confirmed = True
    return confirmed


async def _read(report: Report, device: Device, tags: Sequence[TagMapping], reach: Reach) -> None:
    enabled = [tag for tag in tags if tag.is_enabled]
    is_opcua = device.protocol is SourceProtocol.OPC_UA
    if not enabled and not is_opcua:
        report.skipped(StepName.READ, "no tag is mapped yet")
        return
    wanted = enabled or [_placeholder()]
    # Polling shows the value that is there; a subscription would wait for the next one.
    at_once = replace(device, settings={**device.settings, "mode": "poll"})
    config = source_config(
        wanted[0].source_id, at_once if is_opcua else device, wanted, MACHINE, host=reach.host, files=reach.files
    )
    found = await trial(config, LONGEST_TRIAL)
    if is_opcua:
        _judge_session(report, device, found)
    elif not found.started:
        raise _StepFailed(StepName.READ, str(found.error))
    if not enabled:
        report.skipped(StepName.READ, "no tag is mapped yet")
        return
    report.tags = [_tried(tag, found) for tag in enabled]
    missing = [tag for tag in report.tags if tag.problem is not None]
    if missing:
        why = found.trouble or (str(found.error) if found.error else missing[0].problem)
        raise _StepFailed(StepName.READ, f"{len(missing)} of {len(report.tags)} tags gave no value: {why}")
    report.passed(StepName.READ, f"{len(report.tags)} tags")


def _judge_session(report: Report, device: Device, found: Trial) -> None:
    """Security and user are settled by one connect, so its error says which of them it was."""
    cause = None if found.error is None or found.started else found.error.__cause__
    message = "" if found.error is None else for_people(found.error)
    if found.error is not None and not found.started and not isinstance(cause, _ABOUT_USERS):
        if device.is_secured:
            raise _StepFailed(StepName.SECURED, message) from found.error
        raise _StepFailed(StepName.AUTHENTICATED, message) from found.error
    if device.is_secured:
        report.passed(StepName.SECURED, f"{device.settings['security_policy']}, {device.settings['security_mode']}")
    if isinstance(cause, _ABOUT_USERS):
        raise _StepFailed(StepName.AUTHENTICATED, message) from found.error
    report.passed(StepName.AUTHENTICATED, _user_of(device))


def _user_of(device: Device) -> str:
    if device.user is not None:
        return f"by the certificate {describe(device.user.certificate).subject}"
    name = device.settings.get("username")
    return f"as {name}" if name else "without a user"


def _tried(tag: TagMapping, found: Trial) -> TriedTag:
    sample = next((one for one in found.samples.values() if one.tag.metric_name == tag.metric_name), None)
    if sample is None:
        problem = next((why for raw, why in found.refusals.items() if raw == _raw(tag.tag)), "no value came")
        return TriedTag(tag.tag, tag.metric_name, tag.unit, problem=problem)
    reading = to_reading(sample)
    if not isinstance(reading, Reading):
        return TriedTag(tag.tag, tag.metric_name, tag.unit, problem=f"{str(sample.value)[:100]!r} is {reading}")
    quality = QUALITY_NAMES[reading.quality]
    return TriedTag(tag.tag, tag.metric_name, tag.unit, reading.value, quality, reading.timestamp)


def _raw(tag: str) -> str:
    return tag.replace("=", "").replace(";", "_")


def _placeholder() -> TagMapping:
    return TagMapping(
        tenant_id=uuid4(), source_id=uuid4(), tag=_SERVER_STATE, place=0, metric_name="-", unit="", options={}
    )


def _offer(offer: OfferedEndpoint) -> Offer:
    return Offer(offer.security_mode, offer.security_policy, offer.user_tokens)
