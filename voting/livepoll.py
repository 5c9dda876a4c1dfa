"""A preference poll's result kept up to date by what changed in the tally, instead of a full recount."""

from collections.abc import Mapping, Sequence

from polls.model import Poll, SegmentId
from voting.count import Reading, assemble, group_of, hidden_groups
from voting.profile import decode_entry
from voting.result import Result
from voting.tally.preference import RunningCount


class LivePoll:
    """The running count of one round of a preference poll: everyone's, and each group's.

    Law: after any sequence of `follow` the result equals `count_poll` of the last tally. A ballot that
    was changed is one fewer of the old and one more of the new, which is how the tally itself has it.
    """

    def __init__(self, poll: Poll, segments: Sequence[SegmentId] = ()) -> None:
        """`segments` are the event's, in its order."""
        self.poll = poll
        self.segments = tuple(segments)
        self._tally: dict[str, int] = {}
        self._everyone = RunningCount(poll)
        self._cast = 0
        self._groups = {name: RunningCount(poll) for name in poll.groups(segments)}
        self._casts = dict.fromkeys(self._groups, 0)

    def follow(self, tally: Mapping[str, int]) -> None:
        """Apply what differs between this tally, as the store holds it, and the one before.

        Raises ValueError when the tally holds what cannot be; then this object is of no more use.
        """
        before = self._tally
        for key, count in tally.items():
            if count < 0:
                raise ValueError(f"the count of {key!r} is below zero: {count}")
            if count != (old := before.get(key, 0)):
                self._add(key, count - old)
        for key, old in before.items():
            if key not in tally:
                self._add(key, -old)
        self._tally = dict(tally)

    def _add(self, key: str, by: int) -> None:
        segment, canonical = decode_entry(key)
        self._everyone.add(canonical, by)
        self._cast += by
        name = group_of(segment, self._groups)
        if name is not None:
            self._groups[name].add(canonical, by)
            self._casts[name] += by

    def result(self, round: int, *, epoch: str = "", offset: int = 0) -> Result:
        """The Result of the tally that was followed last; the arguments are those of `count_poll`."""
        hidden = hidden_groups(self._casts, self._cast, self.poll.min_group)
        parts = {name: None if name in hidden else count.parts() for name, count in self._groups.items()}
        return assemble(
            self.poll, self._everyone.parts(), parts, dict(self._casts), Reading(round, epoch, offset)
        )
