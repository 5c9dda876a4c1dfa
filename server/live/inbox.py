"""Read first, think later: what sockets say in one turn of the loop is gone through in one go at its end.

Between two reads lies a system call, after which our code and data have to come into the processor's caches
again. A hall that answers in the same instant is read to the end first and then decoded, checked and
gathered ballot after ballot, which takes less time for each; after SLICE readings others get their turn.
Order is kept: first come, first taken. However fast they come, at most twice what one turn brings waits here.
"""

import asyncio
from typing import Protocol

SLICE = 512
"""Readings that are gone through before others get their turn: the store has its first batch by then."""


class Reader(Protocol):
    """A connection that can be told later what came."""

    def take(self, data: bytes) -> None:
        """Go through data as it came from the socket."""
        ...

    def cut(self) -> None:
        """End the connection at once."""
        ...


class Inbox:
    """What has come from the sockets of this process and was not looked at yet."""

    __slots__ = ("_came",)

    def __init__(self) -> None:
        self._came: list[tuple[Reader, bytes]] = []

    def put(self, reader: Reader, data: bytes) -> None:
        """Have `reader` take `data` at the end of this turn of the loop, or soon after it."""
        if not self._came:
            asyncio.get_running_loop().call_soon(self._take_some)
        self._came.append((reader, data))

    def empty(self) -> None:
        """Go through all that has come. An error ends its own connection and harms no other."""
        came, self._came = self._came, []
        self._take(came)

    def _take_some(self) -> None:
        count = max(SLICE, len(self._came) // 2)
        came = self._came[:count]
        del self._came[:count]
        if self._came:
            asyncio.get_running_loop().call_soon(self._take_some)
        self._take(came)

    @staticmethod
    def _take(came: list[tuple[Reader, bytes]]) -> None:
        for reader, data in came:
            try:
                reader.take(data)
            except Exception as error:
                reader.cut()
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "a connection's data could not be taken", "exception": error}
                )
