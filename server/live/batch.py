"""Ballots gather into batches: while one batch is being decided by the store, the next collects.

No timer is involved: a lone ballot goes at once, a burst fills large batches by itself, and of these the
store may have two at a time. Two polls or two rounds never share a batch, so no ballot depends on another
question's fate. There are at most three tasks per round that is being voted on while ballots are under way,
none per ballot.
"""

import asyncio
from collections import deque
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

IN_FLIGHT = 2
"""Batches of a round that the store may have at once: it takes in the second while it writes the first to
disk (docs/performance.md has the measurement)."""

ENOUGH = 128
"""Ballots that make a second batch worth its call; fewer wait till the first is decided."""

SLICE = 128
"""Voters who are told before others get their turn; the store's next batch is on its way by then."""


class Batcher:
    """The queue before one round's ballot box. `limit` is the largest batch, in ballots, `enough` what makes
    one that goes while another is being decided; while `has_room` says no, nothing new goes into the box.
    `on_batch` is told the size of each batch; `outbox` is where the answers of those who are told go."""

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
        enough: int = ENOUGH,
    ) -> None:
        self._outbox = outbox or Outbox()
        self._box, self._event, self._poll, self._round = box, event, poll, round
        self._limit, self._enough = limit, enough
        self._has_room, self._on_batch = has_room, on_batch
        # Of the same length: what is to be decided, and who waits for it.
        self._pending: list[CastBallot] = []
        self._waiting: list[Waiter] = []
        self._busy = set[str]()
        """Whose ballots the store has and has not answered yet."""
        self._deciding = deque[asyncio.Task[Answered]]()
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
        elif len(self._pending) == self._enough:
            asyncio.get_running_loop().call_soon(self._send_more)  # with what else comes in this turn

    async def _work(self) -> None:
        (waiting, answers), told = NOBODY, 0
        deciding = self._deciding
        try:
            while self._pending or deciding or waiting:
                # The store gets its next batch before the last one is told: telling takes longer than
                # deciding, and neither need wait for the other.
                self._send()
                while told < len(waiting):
                    first, told = told, told + SLICE
                    self._tell(waiting[first:told], answers[first:told])
                    if told < len(waiting) or deciding:
                        await asyncio.sleep(0)
                        self._send()
                (waiting, answers), told = NOBODY, 0
                if deciding:
                    waiting, answers = await deciding[0]
                    deciding.popleft()
        finally:
            self._worker = None
            self._tell(waiting[told:], answers[told:])
            # Only when the server stops: a batch that is still being decided tells its voters so itself.
            while deciding:
                one = deciding.popleft()
                if not one.cancel() and not one.cancelled():
                    self._tell(*(one.result() if one.exception() is None else NOBODY))

    def _send_more(self) -> None:
        if self._worker is not None:  # else nobody would tell the voters
            self._send()

    def _send(self) -> None:
        """Give the store what is to be decided, as far as it may have another batch.

        It never has two batches with ballots of one voter, so these are decided in the order in which they
        came (law L2): a batch ends before the first ballot whose voter waits for another one.
        """
        while (
            len(self._pending) >= (self._enough if self._deciding else 1) and len(self._deciding) < IN_FLIGHT
        ):
            ballots = self._pending[: self._limit]
            voters = [ballot.voter for ballot in ballots]
            if not self._busy.isdisjoint(voters):
                size = next(place for place, voter in enumerate(voters) if voter in self._busy)
                if not size:
                    return
                del ballots[size:], voters[size:]
            waiting = self._waiting[: len(ballots)]
            del self._pending[: len(ballots)], self._waiting[: len(ballots)]
            self._busy.update(voters)
            self._deciding.append(asyncio.create_task(self._decide(ballots, waiting)))

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
        finally:
            self._busy.difference_update([ballot.voter for ballot in ballots])
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
