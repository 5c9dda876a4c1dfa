"""The finalists' pitches: who is on when, whatever is pressed, and that nothing is decided by them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polls.award import acts
from polls.award.acts import PITCHES, Act
from polls.award.life import AwardRun, Phase, PitchRun, ProposalKind
from polls.award.model import NOBODY, Award, Blend, CandidateId, Decision, Pitches, RoundId
from polls.award.pitches import (
    Pitch,
    act_on_pitches,
    are_pitches_due,
    may_go_back,
    next_pitch,
    pitch_now,
    pitch_round,
    pitchers,
)
from polls.errors import AwardRefused
from tests.polls.award.test_life import ALONE, ANNA, AWARD, BERT, JURY, VOTE, A, B, C, D, brought, sealed

OPEN_PITCH = replace(ALONE, pitches=Pitches(seconds=180))
NO_CLOCK = replace(ALONE, pitches=Pitches())
PRESSES = st.sampled_from([*sorted(PITCHES), A, C, D])
"""Acts, and candidates who withdraw."""
READY = acts.freeze(OPEN_PITCH, AwardRun(), "ff")


def do(award: Award, run: AwardRun, *steps: Act, at: int = 0) -> AwardRun:
    """The steps one after the other, a second apart."""
    for number, act in enumerate(steps):
        run = act_on_pitches(award, run, act, run.pitches, at + number * 1000)
    return run


def withdraw(award: Award, run: AwardRun, one: CandidateId) -> AwardRun:
    run = acts.propose(award, run, ProposalKind.WITHDRAW, one, "ill", ANNA, 5)
    return acts.sign(award, run, run.proposals[-1].id, BERT)


def test_each_of_those_who_stand_pitches_once_in_the_order_of_the_paper() -> None:
    run, on = READY, []
    while next_pitch(OPEN_PITCH, run) is not None:
        run = do(OPEN_PITCH, run, Act.PITCH)
        on.append(pitch_now(OPEN_PITCH, run))
    assert on == [
        Pitch(candidate=one, place=place, of=4, ends_ms=180_000) for place, one in enumerate((A, B, C, D), 1)
    ], "and not “none of the above”"
    assert are_pitches_due(OPEN_PITCH, run), "until somebody ends them"
    with pytest.raises(AwardRefused, match="nobody is left"):
        do(OPEN_PITCH, run, Act.PITCH)
    run = do(OPEN_PITCH, run, Act.PITCH_END)
    assert (pitch_now(OPEN_PITCH, run), are_pitches_due(OPEN_PITCH, run)) == (None, False)
    with pytest.raises(AwardRefused, match="ended already"):
        do(OPEN_PITCH, run, Act.PITCH_END)


def test_they_come_after_the_jury_and_are_its_finalists() -> None:
    run = brought(AWARD, Phase.FROZEN)
    assert (pitch_round(AWARD), pitchers(AWARD, run)) == (VOTE, ())
    with pytest.raises(AwardRefused, match="right before the last round opens"):
        do(AWARD, run, Act.PITCH)
    run = acts.open_round(AWARD, run, JURY, 1)
    assert pitchers(AWARD, run) == ()
    run = sealed(AWARD, brought(AWARD, Phase.FROZEN), JURY)
    assert pitchers(AWARD, run) == (A, B)


def test_without_a_vote_they_come_before_the_last_jury_round() -> None:
    first, last = AWARD.jury[0], replace(AWARD.jury[0], id=RoundId("grand"), shortlist=0)
    award = replace(
        AWARD,
        jury=(first, last),
        vote=None,
        none_of_the_above=False,
        decision=Decision(blend=Blend.JURY, jury_round=last.id, ladder=("shared",)),
    )
    run = acts.freeze(award, AwardRun(), "ff")
    assert (pitch_round(award), pitchers(award, run)) == ("grand", ())
    assert pitchers(award, sealed(award, run, JURY)) == (A, B)


@pytest.mark.parametrize("award", [replace(ALONE, pitches=None), NO_CLOCK])
def test_an_award_without_pitches_has_none_and_one_without_seconds_no_clock(award: Award) -> None:
    run = acts.freeze(award, AwardRun(), "ff")
    if award.pitches is None:
        assert (pitch_round(award), pitchers(award, run), are_pitches_due(award, run)) == (None, (), False)
        for act in PITCHES:
            with pytest.raises(AwardRefused, match="no pitches are due"):
                do(award, run, act)
        return
    run = do(award, run, Act.PITCH)
    assert pitch_now(award, run) == Pitch(candidate=A, place=1, of=4, ends_ms=None)
    with pytest.raises(AwardRefused, match="no pitch with a clock"):
        do(award, run, Act.PITCH_CLOCK)


def test_going_back_gives_the_clock_as_it_was_and_the_clock_can_be_started_again() -> None:
    run = do(OPEN_PITCH, READY, Act.PITCH, Act.PITCH)
    assert pitch_now(OPEN_PITCH, run) == Pitch(candidate=B, place=2, of=4, ends_ms=181_000)
    run = do(OPEN_PITCH, run, Act.PITCH_BACK, at=5_000)
    assert pitch_now(OPEN_PITCH, run) == Pitch(candidate=A, place=1, of=4, ends_ms=180_000)
    run = do(OPEN_PITCH, run, Act.PITCH_CLOCK, at=6_000)
    assert pitch_now(OPEN_PITCH, run) == Pitch(candidate=A, place=1, of=4, ends_ms=186_000)
    run = do(OPEN_PITCH, run, Act.PITCH, at=7_000)
    assert pitch_now(OPEN_PITCH, run) == Pitch(candidate=B, place=2, of=4, ends_ms=187_000), "whole again"
    run = do(OPEN_PITCH, run, Act.PITCH_END, Act.PITCH_BACK, at=9_000)
    assert pitch_now(OPEN_PITCH, run) == Pitch(candidate=B, place=2, of=4, ends_ms=187_000)
    run = do(OPEN_PITCH, run, Act.PITCH_BACK, Act.PITCH_BACK)
    assert (pitch_now(OPEN_PITCH, run), next_pitch(OPEN_PITCH, run)) == (None, A)
    assert not may_go_back(OPEN_PITCH, run)
    with pytest.raises(AwardRefused, match="nobody has pitched"):
        do(OPEN_PITCH, run, Act.PITCH_BACK)


def test_whoever_withdraws_is_skipped_and_leaves_the_stage() -> None:
    award = replace(AWARD, jury=(), pitches=Pitches(seconds=60))
    run = do(award, acts.freeze(award, AwardRun(), "ff"), Act.PITCH, Act.PITCH)
    run = withdraw(award, run, C)
    now = pitch_now(award, run)
    assert now is not None and (now.candidate, now.place, now.of) == (B, 2, 3)
    assert next_pitch(award, run) == D
    run = withdraw(award, run, B)
    assert pitch_now(award, run) is None, "nobody is on until somebody goes on"
    back = pitch_now(award, do(award, run, Act.PITCH_BACK))
    after = pitch_now(award, do(award, run, Act.PITCH))
    assert back is not None and (back.candidate, back.place, back.of) == (A, 1, 2)
    assert after is not None and (after.candidate, after.place, after.of) == (D, 2, 2)
    run = withdraw(award, withdraw(award, run, A), D)
    assert (pitchers(award, run), are_pitches_due(award, run)) == ((), False)


def test_a_press_that_was_meant_for_an_older_screen_is_refused() -> None:
    run = do(OPEN_PITCH, READY, Act.PITCH)
    for act in PITCHES:
        with pytest.raises(AwardRefused, match="the screen was behind"):
            act_on_pitches(OPEN_PITCH, run, act, PitchRun(), 0)


def test_the_round_opens_in_the_middle_of_the_pitches_and_that_ends_them() -> None:
    run = acts.open_round(OPEN_PITCH, do(OPEN_PITCH, READY, Act.PITCH), VOTE, 9)
    assert (pitchers(OPEN_PITCH, run), pitch_now(OPEN_PITCH, run)) == ((), None)
    with pytest.raises(AwardRefused):
        do(OPEN_PITCH, run, Act.PITCH_BACK)


@settings(max_examples=200)
@given(
    st.sampled_from([OPEN_PITCH, NO_CLOCK]),
    st.lists(st.sampled_from([*sorted(PITCHES), A, C, D]), max_size=12),
)
def test_whatever_is_pressed_the_pitches_stay_in_their_order(
    award: Award, tried: list[Act | CandidateId]
) -> None:
    run = acts.freeze(award, AwardRun(), "ff")
    for press in tried:
        old = run
        if not isinstance(press, Act):
            run = replace(run, withdrawn=(*run.withdrawn, press))
            continue
        before = pitch_now(award, old)
        try:
            run = do(award, run, press)
        except AwardRefused:
            continue
        now, order = pitch_now(award, run), pitchers(award, run)
        assert NOBODY not in order and not set(order) & set(run.withdrawn)
        assert now is None or order[now.place - 1] == now.candidate
        if before is not None and now is not None and press in (Act.PITCH, Act.PITCH_BACK):
            assert now.place - before.place == (1 if press is Act.PITCH else -1), "one step, nobody left out"
        if award is NO_CLOCK:
            assert not run.pitches.clocks
        assert replace(run, pitches=PitchRun()) == replace(old, pitches=PitchRun()), "nothing else changes"
