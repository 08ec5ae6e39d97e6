"""What people change about themselves."""

import asyncio
from typing import Any

from sqlalchemy.exc import IntegrityError

from plantwright.core.clock import utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import Conflict, Unauthenticated, ValidationFailed
from plantwright.identity import repository
from plantwright.identity.models import CredentialDirectory, User
from plantwright.identity.passwords import hash_password, require_strong, verify_password
from plantwright.identity.principal import Principal
from plantwright.identity.registration import EMAIL_TAKEN, clean_email, clean_name
from plantwright.identity.sessions import SessionStore
from plantwright.identity.tokens import INVALID
from plantwright.journal.service import Fact, Journal

WRONG_PASSWORD = "The current password is wrong."  # noqa: S105 - a message
PASSWORD_NEEDED = "Changing the email needs the current password."  # noqa: S105 - a message


class Profiles:
    def __init__(self, database: Database, journal: Journal, sessions: SessionStore) -> None:
        self._database = database
        self._journal = journal
        self._sessions = sessions

    async def change_password(self, principal: Principal, current: str, new: str, address: str) -> User:
        """Every other session of the person ends.

        Raises:
            ValidationFailed: the current one is wrong, or the new one breaks a rule.
            TooManyAttempts: too many wrong ones, counted together with logins.
            Unavailable: attempts cannot be counted.
        """
        user = await self._verified(principal, current, address)
        if new == current:
            raise ValidationFailed("The new password is the current one.", ["newPassword"])
        await asyncio.to_thread(require_strong, new, [user.email, user.full_name], "newPassword")
        hashed = await hash_password(new)
        async with self._database.transaction(principal.tenant_id) as work:
            user = await _locked(work, principal)
            user.password_hash = hashed
            work.session.add(user)
            ended = await repository.end_sessions(work, user.id, utc_now(), principal.session_id)
            await self._journal.append(work, _fact("user.password_changed", user, {"sessions_ended": ended}))
        return user

    async def update(
        self, principal: Principal, address: str, *, full_name: str | None, email: str | None, password: str | None
    ) -> User:
        """What is None stays as it is.

        Raises:
            ValidationFailed: a rule is broken, or a new address comes without the right password.
            Conflict: the address has an account already.
            TooManyAttempts, Unavailable: as for a new password.
        """
        cleaned = None if email is None else clean_email(email)
        async with self._database.reading(principal.tenant_id) as work:
            before = await repository.get_user(work, principal.user_id)
        if cleaned is not None and before is not None and cleaned != before.email:
            if password is None:
                raise ValidationFailed(PASSWORD_NEEDED, ["currentPassword"])
            await self._verified(principal, password, address)
        async with self._database.transaction(principal.tenant_id) as work:
            user = await _locked(work, principal)
            values = {
                "full_name": user.full_name if full_name is None else clean_name(full_name),
                "email": user.email if cleaned is None else cleaned,
            }
            await self._write(work, user, values)
        return user

    async def _write(self, work: UnitOfWork, user: User, values: dict[str, str]) -> None:
        changes = {
            name: {"old": getattr(user, name), "new": value}
            for name, value in values.items()
            if getattr(user, name) != value
        }
        if not changes:
            return
        if "email" in changes:
            await _move_lookup(work, user.email, values["email"])
        for name in changes:
            setattr(user, name, values[name])
        work.session.add(user)
        await self._journal.append(work, _fact("user.updated", user, {"changes": changes}))

    async def _verified(self, principal: Principal, password: str, address: str) -> User:
        async with self._database.reading(principal.tenant_id) as work:
            user = await repository.get_user(work, principal.user_id)
        if user is None:
            raise Unauthenticated(INVALID)
        await self._sessions.count_login_attempt(user.email, address)
        if not await verify_password(user.password_hash, password):
            raise ValidationFailed(WRONG_PASSWORD, ["currentPassword"])
        await self._sessions.forget_login_attempts(user.email, address)
        return user


async def _locked(work: UnitOfWork, principal: Principal) -> User:
    user = await repository.lock_user(work, principal.user_id)
    if user is None:
        raise Unauthenticated(INVALID)
    return user


async def _move_lookup(work: UnitOfWork, old: str, new: str) -> None:
    await repository.delete_lookups(work, [repository.lookup_hash("email", old)])
    work.session.add(CredentialDirectory(lookup_hash=repository.lookup_hash("email", new), tenant_id=work.tenant_id))
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise Conflict(EMAIL_TAKEN, ["email"]) from error


def _fact(action: str, user: User, payload: dict[str, Any]) -> Fact:
    return Fact(action=action, resource_type="user", resource_id=str(user.id), payload=payload, actor_id=user.id)
