"""A poll's result kept up to date by what changed in the tally, instead of a full recount."""

from collections.abc import Mapping, Sequence

from polls.model import Poll, SegmentId
from voting.count import Reading, assemble, group_of, hidden_groups, method_of
from voting.profile import decode_entry
from voting.result import Result
from voting.tally import RUNNING


class LivePoll:
    """The profile of one round and its running counts: everyone's, and each group's.

    Law: after any sequence of `add` and `follow` the result equals `count_poll` of the tally, to the
    fraction. A ballot that was changed is one fewer of the old and one more of the new, which is how the
    tally itself has it.
    """

    def __init__(self, poll: Poll, segments: Sequence[SegmentId] = ()) -> None:
        """`segments` are the event's, in its order."""
        self.poll = poll
        self.segments = tuple(segments)
        self.cast = 0
        """Ballots in the profile."""
        start = RUNNING[method_of(poll)]
        self._profile: dict[str, int] = {}
        self._everyone = start(poll)
        self._groups = {name: start(poll) for name in poll.groups(segments)}
        self._casts = dict.fromkeys(self._groups, 0)

    def add(self, key: str, by: int) -> None:
        """Count `by` more ballots of a tally key, or fewer when it is below zero.

        Raises ValueError for what cannot be: a key that is none, a ballot that is not of this poll, fewer
        than no ballots. Then this object is of no more use.
        """
        left = self._profile.get(key, 0) + by
        if left < 0:
            raise ValueError(f"the count of {key!r} is below zero: {left}")
        if left:
            self._profile[key] = left
        else:
            self._profile.pop(key, None)
        segment, canonical = decode_entry(key)
        self._everyone.add(canonical, by)
        self.cast += by
        name = group_of(segment, self._groups)
        if name is not None:
            self._groups[name].add(canonical, by)
            self._casts[name] += by

    def difference(self, tally: Mapping[str, int]) -> dict[str, int]:
        """What is to be added so that the profile is this tally, as the store holds it."""
        profile = self._profile
        if profile == tally:
            return {}
        found = {key: count - profile.get(key, 0) for key, count in tally.items()}
        found |= {key: -count for key, count in profile.items() if key not in tally}
        return {key: by for key, by in found.items() if by or key not in profile}

    def follow(self, tally: Mapping[str, int]) -> None:
        """Add the `difference`. Raises ValueError like `add`."""
        for key, by in self.difference(tally).items():
            self.add(key, by)

    def result(self, round: int, *, epoch: str = "", offset: int = 0) -> Result:
        """The Result of the profile; the arguments are those of `count_poll`."""
        hidden = hidden_groups(self._casts, self.cast, self.poll.min_group)
        parts = {name: None if name in hidden else count.parts() for name, count in self._groups.items()}
        return assemble(
            self.poll, self._everyone.parts(), parts, dict(self._casts), Reading(round, epoch, offset)
        )
