"""Counts that follow every ballot: by hand for each kind, and the law that they are the whole's count."""

import dataclasses
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polls.model import EACH, Poll, PollKind, SegmentId
from tests.voting.material import KINDS, ballots_of, poll, rating
from tests.voting.methods.material import law
from voting.count import count_poll
from voting.livepoll import LivePoll
from voting.pollrules import METHOD_OF_KIND as METHOD_OF
from voting.profile import encode_entry
from voting.result import Base, Entry, Method, OutcomeKind, Rounding
from voting.tally import METHODS, RUNNING, Running
from voting.tally.parts import Parts

SEGMENTS = (SegmentId("a"), SegmentId("b"), SegmentId("c"))

each = pytest.mark.parametrize("paper", KINDS, ids=lambda paper: f"{paper.kind}-{paper.method}")


def started(paper: Poll) -> Running:
    return RUNNING[METHOD_OF[paper.kind]](paper)


def followed(paper: Poll, *steps: tuple[str, int]) -> Parts:
    running = started(paper)
    for canonical, by in steps:
        running.add(canonical, by)
    return running.parts()


def counted(paper: Poll, ballots: dict[str, int]) -> Parts:
    return METHODS[METHOD_OF[paper.kind]](paper, ballots)


def test_every_method_can_follow_and_is_tried() -> None:
    assert set(RUNNING) == set(METHODS) == set(Method) == {METHOD_OF[paper.kind] for paper in KINDS}


def test_plurality_after_a_change_of_mind_and_a_withdrawal() -> None:
    """Five choose 1 and three choose 2; one goes from 1 to 3, one from 2 abstains, one 1 is withdrawn."""
    steps = [("1", 5), ("2", 3), ("1", -1), ("3", 1), ("2", -1), ("-", 1), ("1", -1)]
    parts = followed(poll(), *steps)
    assert [line.count for line in parts.options] == [3, 2, 1]
    assert [line.share for line in parts.options] == [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]
    assert [line.shown for line in parts.options] == ["50\u00a0%", "33\u00a0%", "17\u00a0%"]
    assert [line.place for line in parts.options] == [1, 2, 3]
    assert (parts.base, parts.n, parts.cast, parts.abstained) == (Base.VALID, 6, 7, 1)
    assert parts.rounding is Rounding.LARGEST_REMAINDER
    assert (parts.outcome.kind, parts.outcome.winners) == (OutcomeKind.WINNER, ("1",))


def test_multiple_choice_moves_every_choice_of_a_ballot_and_the_ballot_once() -> None:
    """Four choose 1 and 2, two 3, three abstain; one of the four goes to 2 and 3, one who abstained to 3."""
    steps = [("1=2", 4), ("3", 2), ("-", 3), ("1=2", -1), ("2=3", 1), ("-", -1), ("3", 1)]
    parts = followed(poll(PollKind.MULTIPLE, max_selections=2), *steps)
    assert [line.count for line in parts.options] == [3, 4, 4]
    assert [line.shown for line in parts.options] == ["43\u00a0%", "57\u00a0%", "57\u00a0%"]
    assert (parts.base, parts.n, parts.cast, parts.abstained) == (Base.RESPONDENTS, 7, 9, 2)
    assert (parts.rounding, parts.mean) == (Rounding.HALF_UP, None)
    assert (parts.outcome.kind, parts.outcome.winners) == (OutcomeKind.SHARED, ("2", "3"))
    assert parts.ties == (("2", "3"),)


def test_ranked_by_selection_gives_and_takes_places() -> None:
    """Three choose 1 and 2, one chooses 3; then the one goes to 2, and nobody has selected 3 any more."""
    paper = poll(PollKind.RANKED_BY_SELECTION, max_selections=2)
    running = started(paper)
    for canonical, by in (("1=2", 3), ("3", 1)):
        running.add(canonical, by)
    assert [line.shown for line in running.parts().options] == ["1", "1", "3"]
    for canonical, by in (("3", -1), ("2", 1)):
        running.add(canonical, by)
    parts = running.parts()
    assert [line.shown for line in parts.options] == ["2", "1", "not selected"]
    assert [line.place for line in parts.options] == [2, 1, None]
    assert [line.percent for line in parts.options] == [75, 100, 0]
    assert (parts.base, parts.n, parts.cast, parts.abstained) == (Base.RESPONDENTS, 4, 4, 0)
    assert (parts.outcome.kind, parts.outcome.winners) == (OutcomeKind.WINNER, ("2",))


def test_the_mean_of_a_rating_follows() -> None:
    """2 + 2 + 5 = 9 points from three; one 2 becomes a 4, an abstention a 1: 2 + 4 + 5 + 1 = 12 from four."""
    running = started(rating(1, 5))
    for canonical, by in (("2", 2), ("5", 1), ("-", 2)):
        running.add(canonical, by)
    assert running.parts().mean == 3
    for canonical, by in (("2", -1), ("4", 1), ("-", -1), ("1", 1)):
        running.add(canonical, by)
    parts = running.parts()
    assert parts.mean == 3 and (parts.n, parts.cast, parts.abstained) == (4, 5, 1)
    running.add("1", -1)
    assert running.parts().mean == Fraction(11, 3)
    assert [line.count for line in running.parts().options] == [0, 1, 0, 1, 1]


@each
@law
@given(data=st.data())
def test_after_any_interleaving_it_is_the_count_of_the_whole_profile(
    paper: Poll, data: st.DataObject
) -> None:
    """Everyone's count and each group's, after every ballot added or taken."""
    paper = dataclasses.replace(paper, beside=(EACH,), min_group=data.draw(st.integers(1, 4)))
    live, box = LivePoll(paper, SEGMENTS), Counter[Entry]()
    everyone, groups = started(paper), {name: started(paper) for name in SEGMENTS}
    kinds = st.sampled_from([Entry("", "-"), Entry("b", "-"), *data.draw(ballots_of(paper, 6))])
    for entry, by in data.draw(st.lists(st.tuples(kinds, st.integers(-3, 4)), max_size=12)):
        by = max(by, -box[entry])
        box[entry] += by
        live.add(encode_entry(*entry), by)
        everyone.add(entry.canonical, by)
        if entry.segment:
            groups[SegmentId(entry.segment)].add(entry.canonical, by)
        assert everyone.parts() == counted(paper, by_content(box, *SEGMENTS, ""))
        for name, group in groups.items():
            assert group.parts() == counted(paper, by_content(box, name))
        assert live.result(1) == count_poll(paper, +box, round=1, segments=SEGMENTS)


def by_content(box: Counter[Entry], *segments: str) -> dict[str, int]:
    """How many ballots of these segments have each content."""
    found = Counter[str]()
    for entry, number in box.items():
        if entry.segment in segments:
            found[entry.canonical] += number
    return dict(+found)


@each
def test_what_is_withdrawn_to_zero_leaves_no_trace(paper: Poll) -> None:
    paper = dataclasses.replace(paper, beside=(EACH,), min_group=1)
    first, second = paper.option_ids[:2]
    live, running = LivePoll(paper, SEGMENTS), started(paper)
    steps = [("a", first, 4), ("", second, 2), ("b", "-", 3), ("a", first, -1), ("a", first, -3)]
    for segment, canonical, by in [*steps, ("b", "-", -3), ("", second, -2)]:
        live.add(encode_entry(segment, canonical), by)
        running.add(canonical, by)
    assert running.parts() == started(paper).parts() == counted(paper, {})
    assert live.result(1) == LivePoll(paper, SEGMENTS).result(1)
    assert (live.cast, live.difference({})) == (0, {})
    key = encode_entry("a", first)
    with pytest.raises(ValueError, match="below zero: -1"):
        live.add(key, -1)


@each
@pytest.mark.parametrize("made", ["{0}={0}", "{0}>{0}", "nobody", "{0}=nobody", "", "{0}>"])
def test_a_ballot_that_cannot_belong_to_the_poll_is_named_and_changes_nothing(paper: Poll, made: str) -> None:
    canonical = made.format(paper.option_ids[0])
    running = started(paper)
    running.add(paper.option_ids[0], 2)
    with pytest.raises(ValueError) as refused:
        running.add(canonical, 1)
    said = str(refused.value)
    assert repr(canonical) in said or (canonical.endswith("nobody") and said.endswith("'nobody'"))
    assert running.parts() == counted(paper, {paper.option_ids[0]: 2})


@pytest.mark.parametrize("kind", [PollKind.MULTIPLE, PollKind.RANKED_BY_SELECTION])
def test_as_many_choices_as_the_paper_allows_and_none_more(kind: PollKind) -> None:
    running = started(poll(kind, max_selections=2))
    running.add("1=2", 1)
    with pytest.raises(ValueError, match="^cannot belong to this poll: '1=2=3'$"):
        running.add("1=2=3", 1)
    assert [line.count for line in running.parts().options] == [1, 1, 0]


@pytest.mark.parametrize("paper", [poll(), rating(1, 5)], ids=["single", "rating"])
def test_one_choice_is_all_that_a_single_choice_and_a_rating_take(paper: Poll) -> None:
    with pytest.raises(ValueError, match="^cannot belong to this poll: '1=2'$"):
        started(paper).add("1=2", 1)
    with pytest.raises(ValueError, match="^not a ballot of one rank: '1>2'$"):
        started(paper).add("1>2", 1)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("1|1", "not a segment and a ballot: '1'"),
        ("2||1", "not a tally key: '2||1'"),
        ("nonsense", "not a tally key: 'nonsense'"),
        ("1|a>b|1", "not a segment: 'a>b'"),
        ("1||2=1", "not a canonical ballot: '2=1'"),
        ("1|a|9", "not on the ballot paper: '9'"),
        ("1|a|1=2", "cannot belong to this poll: '1=2'"),
    ],
)
def test_an_entry_of_a_tally_that_cannot_be_is_named(key: str, said: str) -> None:
    with pytest.raises(ValueError) as refused:
        LivePoll(poll(), SEGMENTS).add(key, 1)
    assert str(refused.value) == said
