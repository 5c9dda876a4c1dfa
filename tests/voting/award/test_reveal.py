"""The reveal: its order, and that the bytes of a step hold nothing that comes later."""

import json

import pytest

from polls.award.model import Blend
from tests.voting.award.material import award, ballots, counted, figures, ids, jury, sheet, vote
from voting.award.reveal import NothingToReveal, StepKind, reveal_steps, shown


def test_a_blend_is_shown_last_to_first_jury_before_audience() -> None:
    one = award(["ana", "bea", "cem"], jury_rounds=[jury(1)], hall=vote(), blend=Blend.POINTS)
    found = counted(one, [sheet(1, ana=9, bea=8, cem=7)], ballots({"ana": 2, "bea": 5, "cem": 1}))
    steps = reveal_steps(one, found)
    assert [(s.step, s.place, s.candidates) for s in steps] == [
        (StepKind.JURY, 3, ids(["cem"])),
        (StepKind.AUDIENCE, 3, ids(["cem"])),
        (StepKind.JURY, 2, ids(["ana"])),
        (StepKind.AUDIENCE, 2, ids(["ana"])),
        (StepKind.JURY, 1, ids(["bea"])),
        (StepKind.AUDIENCE, 1, ids(["bea"])),
    ]
    assert figures(steps[1].jury) == {"cem": "8"}
    assert figures(steps[1].combined) == {"cem": "16"}
    assert (figures(steps[1].votes), steps[1].base) == ({"cem": "1"}, 8)
    assert steps[0].combined == {}
    assert steps[-1].ties[0].rung == "audience"
    early = json.dumps([step.as_dict() for step in shown(steps, 2)])
    assert "ana" not in early
    assert "bea" not in early
    assert "bea" not in json.dumps([step.as_dict() for step in shown(steps, 4)])


def test_a_shared_award_is_one_last_step() -> None:
    one = award("abc", hall=vote())
    steps = reveal_steps(one, counted(one, (), ballots({"a": 2, "b": 2, "c": 1})))
    assert [(s.step, s.place, s.candidates) for s in steps] == [
        (StepKind.PLACE, 3, ids("c")),
        (StepKind.PLACE, 1, ids("ab")),
    ]
    assert steps[-1].winners == ids("ab")


def test_without_a_result_there_is_one_step_that_says_so() -> None:
    one = award("ab", hall=vote())
    (only,) = reveal_steps(one, counted(one))
    assert (only.step, only.kind and only.kind.value) == (StepKind.NO_RESULT, "no-valid-votes")


def test_nothing_is_shown_before_the_tie_is_decided() -> None:
    one = award("ab", hall=vote(), ladder=("chair",))
    with pytest.raises(NothingToReveal, match="chair"):
        reveal_steps(one, counted(one, (), ballots({"a": 1, "b": 1})))


def test_more_steps_than_there_are_cannot_be_shown() -> None:
    one = award("ab", hall=vote())
    steps = reveal_steps(one, counted(one, (), ballots({"a": 1})))
    assert shown(steps, 0) == ()
    with pytest.raises(ValueError, match="2 steps"):
        shown(steps, 3)
