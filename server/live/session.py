"""What a connection does with the frames of its client, whichever shell carries it."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

import msgspec

from server import wire
from server.ballots import begin_cast
from server.clock import now_ms
from server.live.doors import Guest
from server.live.event import LiveEvent
from server.live.hub import Listener, Write
from voting.errors import VotingError

if TYPE_CHECKING:
    from server.context import Context

Reply = Callable[[wire.ServerFrame], None]


class Answer(msgspec.Struct, gc=False, eq=False):
    """The reply to one ballot of a guest, to come; unknown to the garbage collector as Casting is."""

    session: "Session"
    reply: Reply
    began_s: float

    def __call__(self, said: wire.Reply) -> None:
        """Send it."""
        self.session.answered(said, self.began_s)
        self.reply(said)


class Session:
    """One guest who is in. `come` and `go` bracket its stay; `take` handles its frames."""

    __slots__ = ("_at_s", "_context", "_level", "_live", "guest", "waiting")

    def __init__(self, context: "Context", live: LiveEvent, guest: Guest) -> None:
        self._context, self._live, self.guest = context, live, guest
        self._level, self._at_s = 0.0, perf_counter()
        self.waiting = 0
        """Ballots of this guest that the store has not decided yet."""

    def come(self, listener: Listener, write: Write | None = None) -> None:
        """Count the guest in and subscribe it; the newest state of its channels comes at once. `write` as
        for Hub.join."""
        hub = self._context.hub
        if self.guest.voter is not None:
            voter = self.guest.voter
            hub.phone_came(self._live.id, voter.device, voter.seat.room, voter.seat.segment)
        else:
            hub.screen_came(self._live.id, self.guest.kind)
        publisher = self._context.publisher(self._live.id)
        for topic in self.guest.topics:
            publisher.prepare(topic)
        hub.join(listener, self.guest.topics, write)

    def serve(self, listener: Listener, write: Write | None) -> None:
        """The client takes what is sent, by `write`, or has ceased to."""
        self._context.hub.serve(listener, self.guest.topics, write)

    def go(self, listener: Listener) -> None:
        """Undo `come`."""
        hub = self._context.hub
        hub.leave(listener, self.guest.topics)
        if self.guest.voter is not None:
            voter = self.guest.voter
            hub.phone_left(self._live.id, voter.device, voter.seat.room, voter.seat.segment)
        else:
            hub.screen_left(self._live.id, self.guest.kind)
        if self.guest.kind == "stage":  # what it showed counts no more
            self._spawn(self._report({"gone": 1}))

    def may_speak(self) -> bool:
        """Count one message; False when it is one too many (a leaky bucket over ten seconds)."""
        limit = self._context.config.live.messages_per_10s
        now = perf_counter()
        level = self._level - (now - self._at_s) * limit / 10
        self._level = level = level + 1 if level > 0 else 1.0
        self._at_s = now
        return level <= limit and self.waiting <= limit

    def take(self, frame: wire.ClientFrame, reply: Reply) -> None:
        """Handle one frame; `reply` may be called later. Never waits."""
        if isinstance(frame, wire.Cast):
            self._cast(frame, reply)
        elif isinstance(frame, wire.Hello):
            self._welcome(reply)
        elif self.guest.kind == "stage":
            self._spawn(self._painted(frame))

    def _cast(self, frame: wire.Cast, reply: Reply) -> None:
        voter = self.guest.voter
        if voter is None:
            return
        received = self._context.received
        received[self._live.id] = received.get(self._live.id, 0) + 1
        self.waiting += 1
        # `_at_s` is when it came in: `may_speak` has just looked.
        begin_cast(self._live, self._context.batchers, voter, frame, Answer(self, reply, self._at_s))

    def answered(self, said: wire.Reply, began_s: float) -> None:
        """One of this guest's ballots that came at `began_s` has its reply."""
        self.waiting -= 1
        self._context.metrics.answered(said, perf_counter() - began_s)

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        tasks = self._context.tasks
        tasks.add(task := asyncio.create_task(work))
        task.add_done_callback(tasks.discard)

    def _welcome(self, reply: Reply) -> None:
        greeter = self._context.greeter
        if self.guest.voter is not None:
            greeter.greet(self._live, self.guest.voter.device, reply)
        else:
            reply(greeter.welcome(self._live, []))

    async def _painted(self, frame: wire.Seen) -> None:
        shown = self._context.publisher(self._live.id).staged(self.guest.room, frame.offset)
        if shown is not None:  # else it is of before a restart, and a newer one is on its way
            await self._report({"poll": shown[0], "counted": shown[1], "offset": frame.offset})

    async def _report(self, words: dict[str, int | str]) -> None:
        where: dict[str, int | str] = {"room": self.guest.room, "ms": now_ms()}
        name = f"{self._context.worker}-{id(self):x}"
        # Without the store the next frame tells again, and silence says the rest; an event that is gone has
        # no publisher.
        with suppress(VotingError, KeyError):
            await self._context.store.report_painted(self._live.id, name, {**where, **words})
            self._context.publisher(self._live.id).wake()  # the console hears of it at once
