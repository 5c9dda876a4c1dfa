"""Read first, think later: what sockets say in one turn of the loop is gone through in one go at its end.

Between two reads lies a system call, after which our code and data have to come into the processor's caches
again. A hall that answers in the same instant is read to the end first and then decoded, checked and
gathered ballot after ballot, which takes less time for each. Order is kept: first come, first taken.
"""

import asyncio
from typing import Protocol


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
        """Have `reader` take `data` at the end of this turn of the loop."""
        if not self._came:
            asyncio.get_running_loop().call_soon(self.empty)
        self._came.append((reader, data))

    def empty(self) -> None:
        """Go through all that has come. An error ends its own connection and harms no other."""
        came, self._came = self._came, []
        for reader, data in came:
            try:
                reader.take(data)
            except Exception as error:
                reader.cut()
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "a connection's data could not be taken", "exception": error}
                )
