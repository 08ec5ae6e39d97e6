"""People that other things refer to."""

from uuid import UUID

from plantwright.graphql.context import Info
from plantwright.graphql.identity.types import User


async def load_user(info: Info, user_id: UUID | None) -> User | None:
    found = None if user_id is None else await info.context.loaders.user.load(user_id)
    return None if found is None else User.of(found)
