"""Polls and strategies that the tests of this package share."""

from collections.abc import Mapping, Sequence

from hypothesis import settings
from hypothesis import strategies as st

from polls.model import Option, OptionId, Poll, PollId, PollKind, Scale, SegmentId, Text
from voting.ballot import ABSTENTION, canonical_set
from voting.result import Entry

law = settings(deadline=None)
"""Laws are checked without a time limit per example: the machine may be busy."""

names = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)?", fullmatch=True)
segments = st.one_of(st.just(""), names)
nonces = st.from_regex(r"[A-Za-z0-9_-]{1,22}", fullmatch=True)


def options(*ids: str) -> tuple[Option, ...]:
    return tuple(Option(id=OptionId(option), text=Text.plain(f"Option {option}")) for option in ids)


def poll(
    kind: PollKind = PollKind.SINGLE,
    ids: Sequence[str] = ("1", "2", "3"),
    *,
    max_selections: int = 1,
    segments: Sequence[str] = (),
    beside: Sequence[str] = (),
    people: bool = False,
    min_group: int = 5,
    scale: Scale | None = None,
    method: str = "borda",
    ties: bool = False,
    unranked: str = "zero",
) -> Poll:
    return Poll(
        id=PollId("p"),
        kind=kind,
        question=Text.plain("Which one?"),
        options=options(*ids),
        max_selections=max_selections,
        segments=tuple(SegmentId(segment) for segment in segments),
        beside=tuple(SegmentId(segment) for segment in beside),
        abstain=True,
        people=people,
        min_group=min_group,
        scale=scale,
        method=method,
        ties=ties,
        unranked=unranked,
    )


def rating(low: int, high: int, *, people: bool = False) -> Poll:
    scale = Scale(low=low, high=high)
    return poll(PollKind.RATING, [str(point) for point in scale.points()], scale=scale, people=people)


def single(*counts: int, abstained: int = 0) -> dict[str, int]:
    """Single-choice ballots: so many for option 1, 2, 3 and so on."""
    ballots = {str(place): count for place, count in enumerate(counts, start=1) if count}
    return {**ballots, ABSTENTION: abstained} if abstained else ballots


def of_segment(segment: str, ballots: Mapping[str, int]) -> dict[Entry, int]:
    return {Entry(segment, canonical): count for canonical, count in ballots.items()}


KINDS: tuple[Poll, ...] = (
    poll(PollKind.SINGLE),
    poll(PollKind.SINGLE, people=True),
    poll(PollKind.MULTIPLE, max_selections=2),
    poll(PollKind.RANKED_BY_SELECTION, max_selections=2),
    rating(1, 5),
    rating(0, 10, people=True),
    poll(PollKind.PREFERENCE, max_selections=2),
    poll(PollKind.PREFERENCE, max_selections=3, method="irv"),
    poll(PollKind.PREFERENCE, max_selections=3, method="schulze-winning"),
)


@st.composite
def ballots_of(draw: st.DrawFn, poll: Poll, max_size: int = 30) -> list[Entry]:
    """The ballots of a poll one by one, each with its segment."""
    contents = st.lists(st.sampled_from(poll.option_ids), max_size=poll.max_selections, unique=True)
    joined = ">".join if poll.kind is PollKind.PREFERENCE else canonical_set
    return [
        Entry(segment, joined(chosen) or ABSTENTION)
        for segment, chosen in draw(
            st.lists(st.tuples(st.sampled_from(["", "a", "b", "c"]), contents), max_size=max_size)
        )
    ]
