"""Following the journal: subscriptions that lose nothing over a break, since their cursor is the sequence."""

from collections.abc import AsyncIterator, Sequence

from plantwright.core.bus import journal_channel
from plantwright.core.errors import Unauthenticated, ValidationFailed
from plantwright.graphql.context import READ_AGAIN_SECONDS, Info
from plantwright.identity.tokens import INVALID
from plantwright.journal import repository
from plantwright.journal.models import AuditRecord

BATCH = 200
RECHECK_TOKEN_EVERY = 15


async def follow(info: Info, since: int | None, prefixes: Sequence[str]) -> AsyncIterator[AuditRecord]:
    """Rows with these actions after `since`, for ever; without `since` from now on.

    Raises:
        Unauthenticated: the token ran out or was revoked meanwhile.
        ValidationFailed: a negative cursor.
    """
    context = info.context
    tenant_id = context.principal.tenant_id
    if since is not None and since < 0:
        raise ValidationFailed("since is a cursor that was handed out before.", ["since"])
    async with context.services.bus.listen(journal_channel(tenant_id)) as wakeups:
        position = since
        if position is None:
            async with context.reading() as work:
                position = await repository.last_sequence(work)
        rounds = 0
        while True:
            async with context.reading() as work:
                rows = await repository.read_actions_after(work, position, prefixes, BATCH)
            for row in rows:
                context.forget_loaded()
                yield row
                position = row.sequence
            if len(rows) == BATCH:
                continue
            await wakeups.wait(READ_AGAIN_SECONDS)
            rounds += 1
            if rounds % RECHECK_TOKEN_EVERY == 0 and not await context.token_is_valid():
                raise Unauthenticated(INVALID)
