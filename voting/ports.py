"""What counting needs done with ballots; the server's stores do it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from polls.model import EventId, PollId
from voting.ballot import BoxEntry, CastBallot, CastOutcome


class LogEntry(NamedTuple):
    """One accepted ballot as the log has it; `id` orders the log (stream id and place in its batch).

    A named tuple, because a recount makes one for every ballot.
    """

    id: str
    voter: str
    entry: BoxEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundReading:
    """One atomic reading of a round: the log after `after`, the whole box, the whole tally.

    `tally` is keyed by "contest|segment|canonical ballot", as voting.profile reads it. `last` is the
    id after which the next reading may go on. `is_closed` says that the log ends with its closing line.
    `counted` is None until the round is sealed; then log and box are empty, and it says how many ballots
    the box held.
    """

    log: Sequence[LogEntry]
    last: str
    is_closed: bool
    box: Mapping[str, BoxEntry]
    tally: Mapping[str, int]
    counted: int | None = None


class BallotBox(Protocol):
    """Decides and records ballots. One voter has at most one ballot per poll and round (law L1)."""

    async def cast(
        self, event: EventId, poll: PollId, round: int, ballots: Sequence[CastBallot]
    ) -> list[CastOutcome]:
        """Decide a batch in its order, atomically; on return the counted ones are on disk (as far as the
        store is set to). Two ballots of one voter are decided one after the other.

        Raises StoreUnavailable or StoreFull: then nothing is known about these ballots, try again.
        """
        ...

    async def own(self, event: EventId, wanted: Sequence[tuple[PollId, int, str]]) -> list[BoxEntry | None]:
        """The ballots in the box for (poll, round, voter key), in the order asked."""
        ...

    async def read_round(self, event: EventId, poll: PollId, round: int, after: str = "") -> RoundReading:
        """Log, box and tally of one round, read at one moment."""
        ...

    async def freeze(self, event: EventId, poll: PollId, round: int, reason: str) -> None:
        """Take no more ballots in this round, because `reason`."""
        ...

    def wakes(self, event: EventId) -> AsyncIterator[bool]:
        """Yields whenever something changed (a hint: state is to be re-read, and may be read without it).

        True: somebody decided something, so who shows it should not wait for a turn; else more ballots came,
        or nothing did.
        """
        ...
