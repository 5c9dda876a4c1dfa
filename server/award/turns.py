"""One does it, the others wait for it: what a whole hall asks for at the same moment is made once."""

import asyncio
from collections.abc import Hashable
from weakref import WeakValueDictionary


class Turns:
    """A lock for each key, which is forgotten when nobody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    def of(self, key: Hashable) -> asyncio.Lock:
        """The lock of a key; look again, once it is held, whether somebody else has done it."""
        return self._locks.setdefault(key, asyncio.Lock())
