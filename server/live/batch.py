"""Ballots gather into batches: while one batch is being decided by the store, the next collects.

No timer is involved: a lone ballot goes at once, a burst fills large batches by itself.
Two polls or two rounds never share a batch, so no ballot depends on another question's fate.
"""

import asyncio

from polls.model import EventId, PollId
from voting.ballot import CastBallot, CastOutcome
from voting.errors import VotingError
from voting.ports import BallotBox

Pending = tuple[CastBallot, "asyncio.Future[CastOutcome]"]


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

    async def cast(self, ballot: CastBallot) -> CastOutcome:
        """Decide one ballot together with the others of the moment.

        Raises what the store raises (StoreUnavailable, StoreFull): then this ballot's fate is unknown
        and sending it again is safe.
        """
        future: asyncio.Future[CastOutcome] = asyncio.get_running_loop().create_future()
        self._pending.append((ballot, future))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        try:
            while self._pending:
                batch, self._pending = self._pending[: self._limit], self._pending[self._limit :]
                await self._decide(batch)
        finally:
            self._worker = None

    async def _decide(self, batch: list[Pending]) -> None:
        try:
            outcomes = await self._box.cast(
                self._event, self._poll, self._round, [ballot for ballot, _ in batch]
            )
        except VotingError as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
        except BaseException:
            for _, future in batch:
                future.cancel()
            raise
        else:
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if not future.done():  # its phone may have gone
                    future.set_result(outcome)


class Batchers:
    """One Batcher per round that is being voted on."""

    def __init__(self, box: BallotBox, limit: int) -> None:
        self._box, self._limit = box, limit
        self._by_round: dict[tuple[EventId, PollId, int], Batcher] = {}

    async def cast(self, event: EventId, poll: PollId, round: int, ballot: CastBallot) -> CastOutcome:
        """Decide one ballot of one round; see Batcher.cast."""
        key = (event, poll, round)
        batcher = self._by_round.get(key)
        if batcher is None:
            batcher = self._by_round[key] = Batcher(self._box, event, poll, round, self._limit)
        try:
            return await batcher.cast(ballot)
        finally:
            if batcher.is_idle and self._by_round.get(key) is batcher:
                del self._by_round[key]
