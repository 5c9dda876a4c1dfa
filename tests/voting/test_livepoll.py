"""The law of the live result: after any tallies it equals the recount of the last one, groups included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polls.model import EACH, PollKind, SegmentId
from tests.voting.material import law, poll
from voting.count import count_poll
from voting.livepoll import LivePoll
from voting.profile import decode_tally, encode_entry

IDS = ("A", "B", "C")
SEGMENTS = (SegmentId("a"), SegmentId("b"))
BALLOTS = ("-", "A", "B>A", "A>B>C", "C>B>A", "A=C>B", "B=C")


@law
@given(
    method=st.sampled_from(["borda", "irv", "copeland", "schulze-winning", "plurality"]),
    beside=st.sampled_from([(), (EACH,), ("a",)]),
    tallies=st.lists(
        st.dictionaries(
            st.tuples(st.sampled_from(["", "a", "b"]), st.sampled_from(BALLOTS)),
            st.integers(0, 9),
            max_size=9,
        ),
        max_size=6,
    ),
)
def test_a_followed_result_equals_the_recount_of_every_tally(
    method: str, beside: tuple[str, ...], tallies: list[dict[tuple[str, str], int]]
) -> None:
    paper = poll(
        PollKind.PREFERENCE, IDS, max_selections=3, beside=beside, min_group=3, method=method, ties=True
    )
    live = LivePoll(paper, SEGMENTS)
    for counts in tallies:
        raw = {encode_entry(*entry): count for entry, count in counts.items()}
        live.follow(raw)
        expected = count_poll(paper, decode_tally(raw), round=2, segments=SEGMENTS, epoch="e", offset=7)
        assert live.result(2, epoch="e", offset=7) == expected


@pytest.mark.parametrize("raw", [{"1||A>X": 1}, {"1||A": -1}, {"2||A": 1}, {"nonsense": 1}])
def test_a_tally_that_cannot_be_makes_no_figure(raw: dict[str, int]) -> None:
    live = LivePoll(poll(PollKind.PREFERENCE, IDS, max_selections=3))
    with pytest.raises(ValueError, match=r".+"):
        live.follow(raw)


def test_every_result_carries_its_rules_and_their_fingerprint() -> None:
    for kind in PollKind:
        paper = poll(kind, ("1", "2", "3"))
        result = count_poll(paper, {}, round=1)
        assert result.rulebook["kind"] == kind.value
        assert len(result.rules_hash) == 64
    other = count_poll(poll(min_group=9), {}, round=1)
    assert other.rules_hash != count_poll(poll(), {}, round=1).rules_hash
