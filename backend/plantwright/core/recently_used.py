"""A bounded memory of what was looked up."""

from typing import Generic, TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class RecentlyUsed(Generic[_Key, _Value]):
    """A dictionary of bounded size that forgets what has not been used for longest, roughly.

    Two generations: what is used moves to the young one; when that is full it becomes the old one, and the old one
    goes. That costs a plain dictionary's time per use, where an exact order would cost more than the lookup.
    """

    def __init__(self, capacity: int) -> None:
        self._half = max(1, capacity // 2)
        self._young: dict[_Key, _Value] = {}
        self._old: dict[_Key, _Value] = {}

    def get(self, key: _Key) -> _Value | None:
        value = self._young.get(key)
        if value is None:
            value = self._old.get(key)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: _Key, value: _Value) -> None:
        if len(self._young) >= self._half and key not in self._young:
            self._old, self._young = self._young, {}
        self._young[key] = value

    def discard(self, key: _Key) -> None:
        self._young.pop(key, None)
        self._old.pop(key, None)
