"""Ballots gather into batches: while one batch is being decided by the store, the next collects.

No timer is involved: a lone ballot goes at once, a burst fills large batches by itself. Two polls or
two rounds never share a batch, so no ballot depends on another question's fate. There is one task per
round that is being voted on while ballots are under way, none per ballot.
"""

import asyncio
from collections.abc import Callable

import structlog

from polls.model import EventId, PollId
from voting.ballot import CastBallot, CastOutcome
from voting.errors import StoreUnavailable, VotingError
from voting.ports import BallotBox

log = structlog.get_logger()

Decided = CastOutcome | VotingError
Pending = tuple[CastBallot, Callable[[Decided], None]]


class Batcher:
    """The queue before one round's ballot box. `limit` is the largest batch, in ballots."""

    def __init__(self, box: BallotBox, event: EventId, poll: PollId, round: int, limit: int) -> None:
        self._box, self._event, self._poll, self._round, self._limit = box, event, poll, round, limit
        self._pending: list[Pending] = []
        self._worker: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is waiting or under way."""
        return self._worker is None and not self._pending

    def submit(self, ballot: CastBallot, decided: Callable[[Decided], None]) -> None:
        """Decide one ballot together with the others of the moment; `decided` is called once with what
        became of it, or with the store's error: then its fate is unknown and sending it again is safe."""
        self._pending.append((ballot, decided))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())

    async def _work(self) -> None:
        try:
            while self._pending:
                batch, self._pending = self._pending[: self._limit], self._pending[self._limit :]
                await self._decide(batch)
        finally:
            self._worker = None

    async def _decide(self, batch: list[Pending]) -> None:
        answers: list[Decided]
        try:
            answers = list(
                await self._box.cast(self._event, self._poll, self._round, [ballot for ballot, _ in batch])
            )
        except VotingError as error:
            answers = [error] * len(batch)
        except BaseException:
            self._tell(batch, [StoreUnavailable("the server is stopping")] * len(batch))
            raise
        self._tell(batch, answers)

    @staticmethod
    def _tell(batch: list[Pending], answers: list[Decided]) -> None:
        for (_, decided), answer in zip(batch, answers, strict=True):
            decided(answer)


class Batchers:
    """One Batcher per round that is being voted on."""

    def __init__(self, box: BallotBox, limit: int) -> None:
        self._box, self._limit = box, limit
        self._by_round: dict[tuple[EventId, PollId, int], Batcher] = {}

    def submit(
        self,
        event: EventId,
        poll: PollId,
        round: int,
        ballot: CastBallot,
        decided: Callable[[Decided], None],
    ) -> None:
        """Decide one ballot of one round; see Batcher.submit."""
        key = (event, poll, round)
        batcher = self._by_round.get(key)
        if batcher is None:
            self._drop_idle()
            batcher = self._by_round[key] = Batcher(self._box, event, poll, round, self._limit)
        batcher.submit(ballot, decided)

    def _drop_idle(self) -> None:
        for key in [key for key, batcher in self._by_round.items() if batcher.is_idle]:
            del self._by_round[key]
