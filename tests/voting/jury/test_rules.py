"""Jury rules on worked cases."""

from fractions import Fraction

import pytest

from polls.award.model import JuryRound, JuryRule
from tests.voting.award.material import criteria, figures, ids, jury, sheet
from voting.award.counted import RoundCount
from voting.award.jury import count_jury
from voting.jury.sheet import Sheet, SheetRefused, missing_marks


def count(one: JuryRound, *sheets: Sheet, standing: str = "abc") -> RoundCount:
    return count_jury(one, sheets, ids(standing))


def test_weights_of_three_three_four_tie_exactly() -> None:
    """0.3 + 0.3 + 1.6 and 0.6 + 1.2 + 0.4 are both 2.2; floats put the second behind."""
    found = count(jury(1, criteria=criteria(3, 3, 4)), sheet(1, a=(1, 1, 4), b=(2, 4, 1)), standing="ab")
    assert figures(found.figures) == {"a": "11/5", "b": "11/5"}
    assert found.figures[ids("a")[0]] == Fraction(22, 10)
    assert found.ranking == (ids("ab"),)


def isu_panel(absent: int | None) -> RoundCount:
    """Quarter points of a published panel of the International Skating Union, times 100."""
    marks = [750, 800, 725, 725, 750, absent, 825, 700, 750]
    panel = jury(9, JuryRule.TRIMMED, criteria=criteria(1, high=1000))
    return count(panel, *(sheet(i, a=mark) for i, mark in enumerate(marks, 1)), standing="a")


def test_a_trimmed_panel_leaves_the_absent_judge_out_and_never_takes_a_zero() -> None:
    assert isu_panel(None).figures["a"] == 750  # type: ignore[index]
    with_zero = isu_panel(0).figures["a"]  # type: ignore[index]
    assert with_zero == Fraction(5200, 7)
    assert round(with_zero) == 743


def test_a_trimmed_mean_with_too_few_sheets_falls_back_for_everybody_and_says_so() -> None:
    panel = jury(5, JuryRule.TRIMMED)
    sheets = [sheet(1, a=1, b=9), *(sheet(i, a=2 * i, b=5) for i in range(2, 5))]
    assert count(panel, *sheets, sheet(5, a=100, b=5), standing="ab").fallback is False
    fell = count(panel, *sheets, sheet(5, a=100, recused="b"), standing="ab")
    assert fell.fallback is True
    assert figures(fell.figures) == {"a": "119/5", "b": "6"}


def test_two_are_dropped_only_from_seven_on() -> None:
    six = [sheet(i, a=i) for i in range(1, 7)]
    panel = jury(7, JuryRule.TRIMMED, drop=2)
    assert count(panel, *six, standing="a").fallback is True
    assert count(panel, *six, sheet(7, a=100), standing="a").figures["a"] == 4  # type: ignore[index]


def test_the_median_of_an_even_number_is_the_mean_of_the_middle_two() -> None:
    panel = jury(4, JuryRule.MEDIAN)
    found = count(panel, *(sheet(i, a=mark) for i, mark in enumerate((1, 4, 5, 100), 1)), standing="a")
    assert figures(found.figures) == {"a": "9/2"}


def test_rank_sums_use_middle_ranks_and_the_lowest_wins() -> None:
    found = count(jury(2, JuryRule.RANKSUM), sheet(1, a=9, b=5, c=5), sheet(2, a=7, b=8, c=1))
    assert figures(found.figures) == {"a": "3/2", "b": "7/4", "c": "11/4"}
    assert found.ranking == (ids("a"), ids("b"), ids("c"))


def test_with_a_recusal_rank_shares_are_compared() -> None:
    found = count(jury(2, JuryRule.RANKSUM), sheet(1, a=9, b=5, c=4), sheet(2, recused="a", b=1, c=2))
    assert figures(found.figures) == {"a": "1/6", "b": "5/8", "c": "13/24"}


def test_points_of_spanned_places_are_averaged_exactly() -> None:
    found = count(jury(1, JuryRule.POINTS), sheet(1, a=9, b=9, c=9, d=1), standing="abcd")
    assert figures(found.figures) == {"a": "10", "b": "10", "c": "10", "d": "7"}
    found = count(jury(1, JuryRule.POINTS, table=(3, 2)), sheet(1, a=9, b=5, c=5))
    assert figures(found.figures) == {"a": "3", "b": "1", "c": "1"}


def test_a_group_of_jurors_gives_one_table_of_points() -> None:
    """An invented case with the table of the Eurovision Song Contest: two groups, one juror alone."""
    panel = jury(["north", "north", "", "south"], JuryRule.POINTS)
    found = count(
        panel,
        sheet(1, a=10, b=1, c=4),
        sheet(2, a=4, b=6, c=5),
        sheet(3, a=1, b=9, c=5),
        sheet(4, a=8, b=9, c=1),
    )
    # north: a 7, c 9/2, b 7/2 -> 12, 8, 10; the juror alone: b, c, a; south: b, a, c.
    assert figures(found.figures) == {"a": "30", "b": "32", "c": "28"}
    assert found.givers == {"a": 3, "b": 3, "c": 3}


def test_with_a_recusal_points_are_shares_of_what_could_be_had() -> None:
    found = count(jury(2, JuryRule.POINTS), sheet(1, a=9, b=5, c=4), sheet(2, recused="a", b=1, c=2))
    assert figures(found.figures) == {"a": "1", "b": "5/6", "c": "5/6"}


def test_approval_counts_jurors() -> None:
    panel = jury(4, JuryRule.APPROVAL, picks=2)
    found = count(panel, sheet(1, picks="ab"), sheet(2, picks="a"), sheet(3, picks="bc"), sheet(4))
    assert figures(found.figures) == {"a": "2", "b": "2", "c": "1"}
    assert (found.ballots, found.valid, found.abstentions) == (4, 3, 1)


@pytest.mark.parametrize(
    ("unranked", "expected"),
    [("zero", ["5", "5", "1"]), ("average", ["5", "5", "2"]), ("length", ["4", "4", "1"])],
)
def test_borda_says_what_unranked_candidates_get(unranked: str, expected: list[str]) -> None:
    panel = jury(3, JuryRule.BORDA, unranked=unranked)
    found = count(panel, sheet(1, ranking="a b c"), sheet(2, ranking="b a"), sheet(3))
    assert list(figures(found.figures).values()) == expected


def test_borda_with_a_recusal_compares_shares_of_the_best_possible() -> None:
    found = count(jury(2, JuryRule.BORDA), sheet(1, ranking="a b c"), sheet(2, ranking="c b", recused="a"))
    assert figures(found.figures) == {"a": "1", "b": "3/5", "c": "3/5"}


def test_a_dead_heat_of_an_instant_runoff_is_undecided() -> None:
    """A×5, B×3, C>B×2: five of ten is no majority, and the next round is five to five."""
    orders = ["a"] * 5 + ["b"] * 3 + ["c b"] * 2
    found = count(jury(10, JuryRule.IRV), *(sheet(i, ranking=o) for i, o in enumerate(orders, 1)))
    assert found.ranking[0] == ids("ab")
    assert [dict(step.tally) for step in found.steps] == [{"a": 5, "b": 3, "c": 2}, {"a": 5, "b": 5}]
    assert figures(found.figures) == {"a": "5", "b": "5", "c": "2"}


def test_who_is_recused_is_compared_with_nobody_in_schulze() -> None:
    panel = jury(3, JuryRule.SCHULZE)
    found = count(panel, sheet(1, ranking="b", recused="a"), sheet(2, ranking="a b"), standing="ab")
    assert found.ranking == (ids("a"), ids("b"))


def test_below_the_quorum_a_candidate_is_not_rated_and_never_zero() -> None:
    panel = jury(6, quorum_min=3, quorum_share=Fraction(2, 3))
    sheets = [sheet(i, a=5, b=9 if i < 4 else None) for i in range(1, 5)]
    found = count(panel, *sheets, standing="ab")
    assert found.not_rated == ids("b")
    assert figures(found.figures) == {"a": "5"}
    recused = [sheet(i, a=5, b=9) if i < 4 else sheet(i, a=5, recused="b") for i in range(1, 5)]
    # Of five who may judge, two thirds are four: still missed. With two recused four are left: three do.
    assert count(panel, *recused, standing="ab").not_rated == ids("b")
    more = [*recused, sheet(5, a=5, recused="b")]
    assert count(panel, *more, standing="ab").not_rated == ()


def test_who_is_not_rated_takes_no_place_of_others() -> None:
    panel = jury(2, JuryRule.RANKSUM, quorum_min=2)
    found = count(panel, sheet(1, a=1, b=2, c=9), sheet(2, a=1, b=2), standing="abc")
    assert figures(found.figures) == {"a": "2", "b": "1"}


def test_a_candidate_from_whom_all_are_recused_is_not_rated() -> None:
    found = count(jury(2), sheet(1, a=4, recused="b"), sheet(2, a=5, recused="b"), standing="ab")
    assert found.not_rated == ids("b")


def test_a_recusal_takes_the_candidate_from_that_juror_alone() -> None:
    found = count(jury(2), sheet(1, a=4, b=2, recused="b"), sheet(2, a=5, b=9), standing="ab")
    assert figures(found.figures) == {"a": "9/2", "b": "9"}


def test_only_locked_sheets_count_and_only_complete_ones() -> None:
    panel = jury(3, criteria=criteria(1, 1))
    found = count(panel, sheet(1, a=(4, 4)), sheet(2, a=(9, None)), sheet(3, a=(9, 9), locked=False))
    assert found.figures["a"] == 4  # type: ignore[index]
    assert found.ballots == 2
    assert missing_marks(panel, sheet(2, a=(9, None), recused="b"), ids("ab")) == (("a", "k2"),)


def test_a_round_without_sheets_rates_nobody() -> None:
    found = count(jury(3))
    assert (found.ranking, found.figures, found.not_rated) == ((), {}, ids("abc"))


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (sheet(9, a=1), "no juror"),
        (sheet(1, z=1), "not judged"),
        (sheet(1, a=101), "not a whole mark from 0 to 100"),
        (sheet(1, a=True), "not a whole mark"),
        (sheet(1, a=(1, 2)), "no criterion"),
        (sheet(1, picks="abc"), "at most 2"),
        (sheet(1, picks="aa"), "named twice"),
        (sheet(1, ranking="a b a"), "named twice"),
    ],
)
def test_a_sheet_that_cannot_belong_is_refused_in_words(bad: Sheet, words: str) -> None:
    with pytest.raises(SheetRefused, match=words):
        count(jury(2, picks=2), bad)


def test_two_sheets_of_one_juror_are_refused() -> None:
    with pytest.raises(SheetRefused, match="two sheets"):
        count(jury(2), sheet(1, a=1), sheet(1, a=2))


@pytest.mark.parametrize(("on_ladder", "expected"), [(False, "abc"), (True, "ab")])
def test_a_tie_at_the_boundary_admits_all_or_goes_to_the_ladder(on_ladder: bool, expected: str) -> None:
    panel = jury(3, shortlist=2, boundary_ladder=on_ladder)
    sheets = [sheet(1, a=9, b=8, c=6, d=1), sheet(2, a=9, b=1, c=6, d=1), sheet(3, a=9, b=9, c=6, d=1)]
    assert sum((8, 1, 9)) == sum((6, 6, 6))
    found = count_jury(panel, sheets, ids("abcd"), ladder=("audience", "countback", "shared"))
    assert found.admitted == ids(expected)


def test_without_a_shortlist_everybody_goes_on_and_with_one_nobody_who_is_not_rated() -> None:
    sheets = [sheet(1, a=9), sheet(2, a=9)]
    assert count(jury(2), *sheets).admitted == ids("abc")
    assert count(jury(2, shortlist=2), *sheets).admitted == ids("a")
