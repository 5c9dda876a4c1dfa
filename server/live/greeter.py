"""Welcomes: what a phone that says hello is told about itself, read for a whole hall at once.

After a join, or when a worker has gone, thousands say hello within seconds. What they voted is asked of
the store for all who came while it answered the last ones, so there is one task per event while anybody
waits, and none per phone.
"""

import asyncio
from collections.abc import Callable

from polls.model import EventId
from server.ballots import ballots_of
from server.clock import now_ms
from server.live.event import LiveEvent
from server.live.outbox import Outbox
from server.wire import Own, Welcome
from voting.errors import VotingError
from voting.ports import BallotBox

AT_ONCE = 250
"""Phones that the store is asked about in one go."""

RETRY_S, TRIES = 0.5, 60
"""How long after a store that did not answer it is asked again, in seconds, and how often."""

Hello = tuple[str, Callable[[Welcome], None]]


class Greeter:
    """Answers hellos. window_ms: over which phones come back that lose their connection; tasks: what ends
    with the process."""

    def __init__(
        self, box: BallotBox, window_ms: int, outbox: Outbox, tasks: set[asyncio.Task[None]]
    ) -> None:
        self._box, self._window_ms, self._outbox, self._tasks = box, window_ms, outbox, tasks
        self._waiting: dict[EventId, list[Hello]] = {}

    def greet(self, live: LiveEvent, device: str, reply: Callable[[Welcome], None]) -> None:
        """Tell the phone of `device` what it voted. `reply` is called once: later when the store is away
        for a moment, never when it is away for longer than TRIES."""
        waiting = self._waiting.get(live.id)
        if waiting is not None:
            waiting.append((device, reply))
            return
        self._waiting[live.id] = [(device, reply)]
        self._tasks.add(task := asyncio.create_task(self._work(live)))
        task.add_done_callback(self._tasks.discard)

    def welcome(self, live: LiveEvent, own: list[Own]) -> Welcome:
        """The welcome of somebody with these ballots."""
        return Welcome(epoch=live.snapshot.epoch, server_ms=now_ms(), window_ms=self._window_ms, own=own)

    async def _work(self, live: LiveEvent) -> None:
        waiting, failed = self._waiting[live.id], 0
        try:
            while waiting:
                now = waiting[:AT_ONCE]
                try:
                    theirs = await ballots_of(live, self._box, [device for device, _ in now])
                except VotingError:
                    failed += 1
                    if failed > TRIES:
                        return
                    await asyncio.sleep(RETRY_S)
                    continue
                failed, waiting[:] = 0, waiting[len(now) :]
                self._outbox.hold()
                try:
                    for (_, reply), own in zip(now, theirs, strict=True):
                        reply(self.welcome(live, own))
                finally:
                    self._outbox.release()
        finally:
            del self._waiting[live.id]
