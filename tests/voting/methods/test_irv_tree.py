"""The tree of an instant runoff: however it is divided, the count is that of the rankings one by one."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.material import law
from voting.methods import irv_tree
from voting.methods.irv import RunoffSums, conclude
from voting.methods.irv_tree import Branch
from voting.rankings import Ranking
from voting.rulebook import Duplicates, Overvote, Rulebook

SIZE = 5
strict = st.permutations(range(SIZE)).flatmap(
    lambda order: st.integers(0, SIZE).map(lambda ranks: tuple((c,) for c in order[:ranks]))
)
marked = st.lists(
    st.one_of(
        st.just(()), st.sets(st.integers(0, SIZE - 1), min_size=1, max_size=3).map(lambda s: tuple(sorted(s)))
    ),
    max_size=4,
).map(tuple)
rules = st.builds(
    Rulebook,
    method=st.just("irv"),
    overvote=st.sampled_from(Overvote),
    skips=st.sampled_from([None, 0, 1]),
    duplicates=st.sampled_from(Duplicates),
)


@pytest.fixture(params=[1, 2, 3])
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Buckets so small that few ballots divide them."""
    monkeypatch.setattr(irv_tree, "BUCKET", request.param)
    size: int = request.param
    return size


def sums_of(ballots: list[Ranking], rulebook: Rulebook) -> RunoffSums:
    sums = RunoffSums(SIZE, rulebook)
    for ballot in ballots:
        sums.add(ballot, 1)
    return sums


def undivided(ballots: list[Ranking], rulebook: Rulebook) -> RunoffSums:
    """The same with everything in one bucket: no branch is ever moved."""
    size, irv_tree.BUCKET = irv_tree.BUCKET, 10**9
    try:
        return sums_of(ballots, rulebook)
    finally:
        irv_tree.BUCKET = size


@pytest.mark.usefixtures("bucket")
class TestDivided:
    @law
    @given(ballots=st.lists(st.one_of(strict, marked), min_size=1, max_size=40), rulebook=rules)
    def test_the_count_does_not_depend_on_how_the_tree_is_divided(
        self, ballots: list[Ranking], rulebook: Rulebook
    ) -> None:
        assert conclude(sums_of(ballots, rulebook)) == conclude(undivided(ballots, rulebook))

    @law
    @given(kept=st.lists(strict, min_size=1, max_size=20), gone=st.lists(strict, max_size=20))
    def test_ballots_that_came_and_went_leave_nothing(self, kept: list[Ranking], gone: list[Ranking]) -> None:
        rulebook = Rulebook(method="irv")
        sums = sums_of([*gone, *kept], rulebook)
        for ballot in gone:
            sums.add(ballot, -1)
        assert conclude(sums) == conclude(undivided(kept, rulebook))
        assert sums.strict.count == len(kept)
        assert rankings(sums.strict) <= Counter(kept)


def rankings(branch: Branch) -> Counter[Ranking]:
    """The rankings in buckets; those that end where a branch is divided are in its count alone."""
    found: Counter[Ranking] = Counter(branch.rankings)
    for following in (branch.following or {}).values():
        assert following.count > 0, "an empty branch is taken down"
        found += rankings(following)
    return found


def test_many_that_begin_alike_move_as_one_branch() -> None:
    root = Branch()
    for number in range(irv_tree.BUCKET + 1):
        root.add(((0,), (1,), (number + 2,)), 3)
    assert root.following is not None
    assert {candidate: branch.count for candidate, branch in root.following.items()} == {
        0: 3 * (irv_tree.BUCKET + 1)
    }
