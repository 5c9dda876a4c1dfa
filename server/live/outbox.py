"""Answers that belong together are made first and written afterwards.

A write to a socket is a system call, after which our code and data have to come into the processor's caches
again; to make the receipts of a slice one after the other and then write them one after the other takes
less time for each. Nothing else runs in between, so no frame overtakes another.
"""

import asyncio

from server.live.hub import Write


class Outbox:
    """Where connections of this process put answers: written at once, or on `release` after `hold`."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: list[tuple[Write, bytes]] | None = None

    def send(self, write: Write, frame: bytes) -> None:
        """Have `write` send `frame`."""
        if self._held is None:
            write(frame)
        else:
            self._held.append((write, frame))

    def hold(self) -> None:
        """Keep what is sent from now on. Whoever holds must release before anything else can run."""
        self._held = []

    def release(self) -> None:
        """Write what was kept, in its order; what follows each other for one client goes as one."""
        held, self._held = self._held, None
        last: Write | None = None
        frames = b""
        for write, frame in held or ():
            if write == last:
                frames += frame
                continue
            if last is not None:
                try:
                    last(frames)
                except Exception as error:
                    _report(error)
            last, frames = write, frame
        if last is not None:
            try:
                last(frames)
            except Exception as error:
                _report(error)


def _report(error: Exception) -> None:
    """A write has failed, which must not cost the others their answers."""
    asyncio.get_running_loop().call_exception_handler(
        {"message": "an answer could not be written", "exception": error}
    )
