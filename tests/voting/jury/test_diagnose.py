"""What a chair may look at before the seal."""

from fractions import Fraction

from polls.award.model import JuryRule
from tests.voting.award.material import criteria, ids, jury, sheet
from voting.award.jury import diagnosis
from voting.jury.diagnose import z_hundredths, z_means


def test_a_juror_without_whom_another_would_be_first_is_named() -> None:
    sheets = [sheet(1, a=9, b=1), sheet(2, a=4, b=5), sheet(3, a=4, b=5)]
    found = diagnosis(jury(3), sheets, ids("ab"))
    assert found.found == ids("a")
    assert [(w.juror, w.instead) for w in found.jurors] == [("j1", ids("b"))]


def test_with_a_shortlist_it_is_about_who_goes_on() -> None:
    sheets = [sheet(1, a=9, b=1, c=0), sheet(2, a=9, b=5, c=5)]
    found = diagnosis(jury(2, shortlist=2), sheets, ids("abc"))
    assert found.found == ids("ab")
    assert [(w.juror, w.instead) for w in found.jurors] == [("j1", ids("abc"))]


def test_the_smallest_shift_of_weight_that_changes_the_winner_is_named() -> None:
    panel = jury(1, criteria=criteria(1, 1))
    found = diagnosis(panel, [sheet(1, a=(50, 48), b=(48, 49))], ids("ab"))
    # a leads by 1/2; each point of weight from k1 to k2 is worth 3/100, so it takes more than 5.
    assert found.weights == ()
    close = diagnosis(panel, [sheet(1, a=(50, 40), b=(41, 48))], ids("ab"))
    # a leads by 1/2; each point is worth 17/100: three are needed.
    assert [(w.source, w.target, w.points, w.instead) for w in close.weights] == [("k1", "k2", 3, ids("b"))]


def test_scale_use_flags_a_juror_whose_marks_are_all_equal() -> None:
    found = diagnosis(jury(2), [sheet(1, a=5, b=5, c=5), sheet(2, a=2, b=4, c=9)], ids("abc"))
    flat, used = found.scale
    assert flat.flat
    assert flat.variance == 0
    assert not flat.z_hundredths
    figures = [used.lowest, used.highest, used.mean, used.variance]
    assert figures == [2, 9, 5, Fraction(26, 3)]
    # z of a: -3 / 2.9439 = -1.019
    assert used.z_hundredths == (("a", -102), ("b", -34), ("c", 136))
    assert z_means(found.scale) == {"a": -102, "b": -34, "c": 136}


def test_z_scores_are_rounded_in_whole_numbers() -> None:
    assert z_hundredths(Fraction(1), Fraction(1)) == 100
    assert z_hundredths(Fraction(-1, 8), Fraction(1)) == -13
    assert z_hundredths(Fraction(0), Fraction(2)) == 0
    assert z_hundredths(Fraction(1), Fraction(2)) == 71


def test_rules_without_marks_have_no_scale_and_no_weights() -> None:
    found = diagnosis(jury(2, JuryRule.APPROVAL), [sheet(1, picks="a"), sheet(2, picks="b")], ids("ab"))
    assert (found.scale, found.weights) == ((), ())
    assert len(found.jurors) == 2
