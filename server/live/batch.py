"""Ballots gather into batches: while one batch is being decided by the store, the next collects.

No timer is involved: a lone ballot goes at once, a burst fills large batches by itself. Two polls or
two rounds never share a batch, so no ballot depends on another question's fate. There is one task per
round that is being voted on while ballots are under way, none per ballot.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from polls.model import EventId, PollId
from server.live.outbox import Outbox
from voting.ballot import CastBallot, CastOutcome
from voting.errors import StoreFull, StoreUnavailable, VotingError
from voting.ports import BallotBox

log = structlog.get_logger()

Decided = CastOutcome | VotingError


class Waiter(Protocol):
    """Whoever waits for what becomes of one ballot."""

    def decided(self, answer: Decided) -> None:
        """Hear it: what became of the ballot, or the store's error; then its fate is unknown and sending it
        again is safe. Called once."""
        ...


Answered = tuple[Sequence[Waiter], Sequence[Decided]]
"""Who waits, and what became of each one's ballot; of the same length."""

NOBODY: Answered = ((), ())

SLICE = 128
"""Voters who are told before others get their turn; the store's next batch is on its way by then."""


class Batcher:
    """The queue before one round's ballot box. `limit` is the largest batch, in ballots; while `has_room`
    says no, nothing new goes into the box. `on_batch` is told the size of each batch; `outbox` is where the
    answers of those who are told go."""

    def __init__(
        self,
        box: BallotBox,
        event: EventId,
        poll: PollId,
        round: int,
        limit: int,
        has_room: Callable[[], bool] = lambda: True,
        on_batch: Callable[[int], None] = lambda size: None,
        outbox: Outbox | None = None,
    ) -> None:
        self._outbox = outbox or Outbox()
        self._box, self._event, self._poll, self._round, self._limit = box, event, poll, round, limit
        self._has_room, self._on_batch = has_room, on_batch
        # Of the same length: what is to be decided, and who waits for it.
        self._pending: list[CastBallot] = []
        self._waiting: list[Waiter] = []
        self._worker: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is waiting or under way."""
        return self._worker is None and not self._pending

    def submit(self, ballot: CastBallot, waiter: Waiter) -> None:
        """Decide one ballot together with the others of the moment, and tell `waiter`."""
        self._pending.append(ballot)
        self._waiting.append(waiter)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())

    async def _work(self) -> None:
        (waiting, answers), told = NOBODY, 0
        deciding: asyncio.Task[Answered] | None = None
        try:
            while self._pending or waiting:
                # The store gets its next batch before the last one is told: telling takes longer than
                # deciding, and neither need wait for the other. It has one batch at a time all the same, so
                # two ballots of one voter are decided in the order in which they came (law L2).
                if self._pending:
                    deciding = asyncio.create_task(self._decide(*self._next_batch()))
                while told < len(waiting):
                    first, told = told, told + SLICE
                    self._tell(waiting[first:told], answers[first:told])
                    if told < len(waiting) or deciding is not None:
                        await asyncio.sleep(0)
                (waiting, answers), told = NOBODY, 0
                if deciding is not None:
                    (waiting, answers), deciding = await deciding, None
        finally:
            self._worker = None
            self._tell(waiting[told:], answers[told:])
            # Only when the server stops: a batch that is still being decided tells its voters so itself.
            if deciding is not None and not deciding.cancel() and not deciding.cancelled():
                self._tell(*(deciding.result() if deciding.exception() is None else NOBODY))

    def _next_batch(self) -> tuple[list[CastBallot], list[Waiter]]:
        batch = self._pending[: self._limit], self._waiting[: self._limit]
        del self._pending[: self._limit], self._waiting[: self._limit]
        return batch

    async def _decide(self, ballots: list[CastBallot], waiting: list[Waiter]) -> Answered:
        answers: Sequence[Decided]
        self._on_batch(len(ballots))
        try:
            if self._has_room():
                answers = await self._box.cast(self._event, self._poll, self._round, ballots)
            else:
                answers = await self._look(ballots)
        except VotingError as error:
            answers = [error] * len(waiting)
        except BaseException:
            self._tell(waiting, [StoreUnavailable("the server is stopping")] * len(waiting))
            raise
        return waiting, answers

    async def _look(self, ballots: list[CastBallot]) -> list[Decided]:
        """Without writing: whoever was counted before is told so again, everybody else has to wait."""
        wanted = [(self._poll, self._round, ballot.voter) for ballot in ballots]
        return [
            CastOutcome(code="dup", entry=entry)
            if entry is not None and (entry.rev, entry.nonce) == (ballot.rev, ballot.nonce)
            else StoreFull("the disk has too little free space")
            for ballot, entry in zip(ballots, await self._box.own(self._event, wanted), strict=True)
        ]

    def _tell(self, waiting: Sequence[Waiter], answers: Sequence[Decided]) -> None:
        self._outbox.hold()
        try:
            for waiter, answer in zip(waiting, answers, strict=True):
                try:
                    waiter.decided(answer)
                except Exception as error:  # keeps no receipt from anybody else
                    asyncio.get_running_loop().call_exception_handler(
                        {"message": "a voter could not be told", "exception": error}
                    )
        finally:
            self._outbox.release()


class Batchers:
    """One Batcher per round that is being voted on."""

    def __init__(
        self,
        box: BallotBox,
        limit: int,
        on_batch: Callable[[int], None] = lambda size: None,
        outbox: Outbox | None = None,
    ) -> None:
        self._outbox = outbox or Outbox()
        self._box, self._limit, self._on_batch = box, limit, on_batch
        self.has_room = True
        """Whether new ballots are taken: not while the disk is nearly full."""
        self._by_round: dict[tuple[EventId, PollId, int], Batcher] = {}

    def submit(
        self,
        event: EventId,
        poll: PollId,
        round: int,
        ballot: CastBallot,
        waiter: Waiter,
    ) -> None:
        """Decide one ballot of one round; see Batcher.submit."""
        key = (event, poll, round)
        batcher = self._by_round.get(key)
        if batcher is None:
            self._drop_idle()
            batcher = self._by_round[key] = Batcher(
                self._box,
                event,
                poll,
                round,
                self._limit,
                lambda: self.has_room,
                self._on_batch,
                self._outbox,
            )
        batcher.submit(ballot, waiter)

    def _drop_idle(self) -> None:
        for key in [key for key, batcher in self._by_round.items() if batcher.is_idle]:
            del self._by_round[key]
