"""Laws of an award's life, whatever people try in whatever order."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polls.award import acts
from polls.award.acts import ACTS, ROUNDS, Act
from polls.award.life import (
    ORGANISER,
    Approval,
    AwardRun,
    Phase,
    ProposalKind,
    RoundRun,
    RoundState,
    approvals_needed,
    approvers,
    phase,
    round_ids,
    standing,
)
from polls.award.model import (
    NOBODY,
    Award,
    AwardId,
    Blend,
    Candidate,
    CandidateId,
    Decision,
    Juror,
    JurorId,
    JuryRound,
    JuryRule,
    Pitches,
    RoundId,
    Rung,
    ScrutineerId,
    VoteRound,
)
from polls.award.pitches import act_on_pitches
from polls.errors import AwardRefused, IllegalTransition
from polls.model import Text

A, B, C, D = (CandidateId(c) for c in "abcd")
ANNA, BERT, CARA, STRANGER = (ScrutineerId(s) for s in ("anna", "bert", "cara", "stranger"))
VOTE, JURY = RoundId("vote"), RoundId("jury")

AWARD = Award(
    id=AwardId("best"),
    title=Text.plain("Best"),
    candidates=tuple(Candidate(id=c, name=Text.plain(c)) for c in (A, B, C, D)),
    none_of_the_above=True,
    jury=(
        JuryRound(
            id=JURY, jurors=(Juror(id=JurorId("1"), name="J", chair=True),), rule=JuryRule.IRV, shortlist=2
        ),
    ),
    vote=VoteRound(id=VOTE, countdown_s=60),
    pitches=Pitches(seconds=180),
    decision=Decision(blend=Blend.AUDIENCE, ladder=(Rung.CHAIR, Rung.LOT), draw="the lottery"),
    scrutineers=((ANNA, "Anna"), (BERT, "Bert"), (CARA, "Cara")),
    approvals=2,
)
ALONE = replace(AWARD, scrutineers=(), approvals=1, jury=())

people = st.sampled_from([ANNA, BERT, CARA, STRANGER, ORGANISER])
rounds = st.sampled_from(["jury", "vote", "runoff1", "runoff2", "no-such"])
hashes = st.sampled_from(["aa", "bb"])
Try = Callable[[Award, AwardRun], AwardRun]

tries: st.SearchStrategy[tuple[Act, Try]] = st.one_of(
    st.builds(lambda h: (Act.FREEZE, lambda a, r: acts.freeze(a, r, h)), hashes),
    st.builds(lambda i: (Act.OPEN, lambda a, r: acts.open_round(a, r, i, 1)), rounds),
    st.builds(lambda i: (Act.EXTEND, lambda a, r: acts.extend(a, r, i, 1, 30)), rounds),
    st.builds(lambda i, h: (Act.CLOSE, lambda a, r: acts.close_round(a, r, i, h, 2)), rounds, hashes),
    st.builds(
        lambda i, w, h: (Act.APPROVE, lambda a, r: acts.approve(a, r, i, w, h, 3)), rounds, people, hashes
    ),
    st.builds(
        lambda i, h: (Act.SEAL, lambda a, r: acts.seal(a, r, i, h, standing(a, r, i)[:2], 4)), rounds, hashes
    ),
    st.builds(
        lambda k, s, w: (Act.PROPOSE, lambda a, r: acts.propose(a, r, k, s, "why", w, 5)),
        st.sampled_from(ProposalKind),
        st.sampled_from(["a", "b", "receipt"]),
        people,
    ),
    st.builds(lambda n, w: (Act.SIGN, lambda a, r: acts.sign(a, r, n, w)), st.integers(1, 3), people),
    st.builds(lambda n: (Act.DROP, lambda a, r: acts.drop(a, r, n)), st.integers(1, 3)),
    st.just((Act.RUNOFF, lambda a, r: acts.runoff(a, r, [A, B, NOBODY]))),
    st.just((Act.CHAIR, lambda a, r: acts.cast_chair(a, r, B))),
    st.just((Act.LOT, lambda a, r: acts.draw_lot(a, r, "7"))),
    st.just((Act.STEP, lambda a, r: acts.step(a, r, 3))),
    st.just((Act.BACK, acts.step_back)),
    st.just((Act.PUBLISH, acts.publish)),
    st.just((Act.CORRECT, lambda a, r: acts.correct(a, r, "a name"))),
    st.builds(
        lambda act: (act, lambda a, r: act_on_pitches(a, r, act, r.pitches, 6)),
        st.sampled_from(sorted(acts.PITCHES)),
    ),
)


def brought(award: Award, to: Phase) -> AwardRun:
    """An award brought to a phase by the shortest way, so that chance need not find it."""
    run = AwardRun()
    if to is Phase.DRAFT:
        return run
    run = acts.freeze(award, run, "ff")
    if to is Phase.FROZEN:
        return run
    for round_id in round_ids(award, run):
        run = sealed(award, run, round_id)
    if to is Phase.SEALED:
        return run
    if to is Phase.RUNOFF:
        return acts.runoff(award, run, [A, B])
    run = acts.step(award, run, 2)
    if to is Phase.REVEALING:
        return run
    run = acts.step(award, run, 2)
    return run if to is Phase.REVEALED else acts.publish(award, run)


def closed(award: Award, run: AwardRun, round_id: str) -> AwardRun:
    return acts.close_round(award, acts.open_round(award, run, round_id, 1), round_id, "aa", 2)


def sealed(award: Award, run: AwardRun, round_id: str) -> AwardRun:
    run = closed(award, run, round_id)
    for who in sorted(approvers(award))[: approvals_needed(award)]:
        run = acts.approve(award, run, round_id, who, "aa", 3)
    return acts.seal(award, run, round_id, "aa", standing(award, run, round_id)[:2], 4)


@settings(max_examples=300)
@given(st.sampled_from([AWARD, ALONE]), st.sampled_from(Phase), st.lists(tries, max_size=25))
def test_whatever_is_tried_the_laws_of_an_award_hold(
    award: Award, start: Phase, tried: list[tuple[Act, Try]]
) -> None:
    run = brought(award, start)
    for act, attempt in tried:
        before, old = phase(award, run), run
        try:
            run = attempt(award, run)
        except IllegalTransition:
            assert run is old
            continue
        assert act in ACTS[before], "the table decides"
        if before is Phase.DRAFT:
            assert act is Act.FREEZE and run.rules_hash, "nothing opens before the freeze"
        if old.rules_hash:
            assert run.rules_hash == old.rules_hash, "frozen rules stay"
        if before is Phase.PUBLISHED:
            assert run == replace(old, corrections=run.corrections), "after it only corrections"
        states = [run.round(r).state for r in round_ids(award, run)]
        begun = [s for s in states if s is not RoundState.WAITING]
        assert states == begun + [RoundState.WAITING] * (len(states) - len(begun)), "in their order"
        assert all(s is RoundState.SEALED for s in begun[:-1]), "one round at a time"
        for round_id in round_ids(award, run):
            was, now = old.round(round_id), run.round(round_id)
            if was.state is not now.state:
                assert ROUNDS[was.state, act] is now.state
            if now.state is RoundState.SEALED:
                agreed = {a.scrutineer for a in now.approvals if a.box_hash == now.box_hash}
                assert len(agreed & approvers(award)) >= approvals_needed(award)
            if was.box_hash:
                assert now.box_hash == was.box_hash, "a box that was closed stays what it was"
        if run.steps:
            assert (run.withdrawn, run.voided) == (old.withdrawn, old.voided) or not old.steps
        if act in acts.PITCHES:
            assert replace(run, pitches=old.pitches) == old, "pitches decide nothing"
        for done in run.settled:
            assert done.reason and len(set(done.by) & approvers(award)) >= approvals_needed(award)
        assert {p.subject for p in run.settled} == {*run.withdrawn, *run.voided}


def test_a_box_of_another_hash_is_never_approved_nor_sealed() -> None:
    run = closed(AWARD, acts.freeze(AWARD, AwardRun(), "ff"), JURY)
    with pytest.raises(AwardRefused, match="look again"):
        acts.approve(AWARD, run, JURY, ANNA, "bb", 3)
    forged = tuple(Approval(scrutineer=who, box_hash="bb", at_ms=3) for who in (ANNA, BERT, CARA))
    run = replace(run, rounds={JURY: replace(run.round(JURY), approvals=forged)})
    for box_hash in ("aa", "bb"):
        with pytest.raises(AwardRefused):
            acts.seal(AWARD, run, JURY, box_hash, [A], 4)


def test_the_same_scrutineer_or_a_stranger_is_not_another_one() -> None:
    run = closed(AWARD, acts.freeze(AWARD, AwardRun(), "ff"), JURY)
    run = acts.approve(AWARD, run, JURY, ANNA, "aa", 3)
    for who in (ANNA, STRANGER, ORGANISER):
        with pytest.raises(AwardRefused):
            acts.approve(AWARD, run, JURY, who, "aa", 3)
    twice = tuple(Approval(scrutineer=w, box_hash="aa", at_ms=3) for w in (ANNA, ANNA, STRANGER))
    forged = replace(run, rounds={JURY: replace(run.round(JURY), approvals=twice)})
    assert not acts.may_seal(AWARD, forged, JURY)
    assert acts.may_seal(AWARD, acts.approve(AWARD, run, JURY, CARA, "aa", 3), JURY)


def test_an_award_without_scrutineers_needs_the_organiser_alone() -> None:
    run = closed(ALONE, acts.freeze(ALONE, AwardRun(), "ff"), VOTE)
    with pytest.raises(AwardRefused):
        acts.seal(ALONE, run, VOTE, "aa", [], 4)
    run = acts.approve(ALONE, run, VOTE, ORGANISER, "aa", 3)
    assert phase(ALONE, acts.seal(ALONE, run, VOTE, "aa", [], 4)) is Phase.SEALED


def test_the_vote_is_between_those_the_jury_admitted_and_nobody() -> None:
    run = acts.freeze(AWARD, AwardRun(), "ff")
    assert standing(AWARD, run, JURY) == (A, B, C, D)
    run = closed(AWARD, run, JURY)
    for who in (ANNA, CARA):
        run = acts.approve(AWARD, run, JURY, who, "aa", 3)
    run = acts.seal(AWARD, run, JURY, "aa", [D, B], 4)
    assert run.round(JURY).admitted == (B, D), "in the order of the paper, not of the marks"
    assert standing(AWARD, run, VOTE) == (B, D, NOBODY)
    run = acts.sign(AWARD, acts.propose(AWARD, run, ProposalKind.WITHDRAW, B, "ill", ANNA, 5), 1, BERT)
    assert standing(AWARD, run, VOTE) == (D, NOBODY)


def test_a_round_in_which_nobody_stands_does_not_open() -> None:
    award = replace(AWARD, none_of_the_above=False)
    run = closed(award, acts.freeze(award, AwardRun(), "ff"), JURY)
    for who in (ANNA, CARA):
        run = acts.approve(award, run, JURY, who, "aa", 3)
    run = acts.seal(award, run, JURY, "aa", [], 4)
    with pytest.raises(AwardRefused, match="no candidate"):
        acts.open_round(award, run, VOTE, 5)


def test_countdown_runs_from_the_opening_and_is_extended() -> None:
    run = acts.open_round(ALONE, acts.freeze(ALONE, AwardRun(), "ff"), VOTE, 1_000)
    assert run.round(VOTE) == RoundRun(state=RoundState.OPEN, opened_ms=1_000, closes_ms=61_000, pinned=0)
    assert acts.extend(ALONE, run, VOTE, 50_000, 30).round(VOTE).closes_ms == 91_000
    assert acts.extend(ALONE, run, VOTE, 70_000, 30).round(VOTE).closes_ms == 100_000


def test_a_proposal_takes_effect_at_the_last_signature_needed_and_once() -> None:
    run = brought(AWARD, Phase.SEALED)
    run = acts.propose(AWARD, run, ProposalKind.VOID, "receipt", " cast twice ", ORGANISER, 5)
    assert run.proposals[0].by == () and run.proposals[0].reason == "cast twice"
    run = acts.sign(AWARD, run, 1, BERT)
    assert run.voided == ()
    with pytest.raises(AwardRefused, match="signed it already"):
        acts.sign(AWARD, run, 1, BERT)
    run = acts.sign(AWARD, run, 1, ANNA)
    assert (run.voided, run.proposals, run.settled[0].by) == (("receipt",), (), (BERT, ANNA))
    with pytest.raises(AwardRefused, match="already taken effect"):
        acts.propose(AWARD, run, ProposalKind.VOID, "receipt", "again", ANNA, 6)


def test_a_proposal_needs_a_reason_and_a_candidate_and_can_be_dropped() -> None:
    run = brought(AWARD, Phase.FROZEN)
    for subject, reason in ((A, "  "), ("x", "why"), (NOBODY, "why")):
        with pytest.raises(AwardRefused):
            acts.propose(AWARD, run, ProposalKind.WITHDRAW, subject, reason, ANNA, 5)
    run = acts.propose(AWARD, run, ProposalKind.WITHDRAW, A, "ill", ANNA, 5)
    with pytest.raises(AwardRefused, match="proposed already"):
        acts.propose(AWARD, run, ProposalKind.WITHDRAW, A, "ill", BERT, 5)
    assert acts.drop(AWARD, run, 1).proposals == ()


def test_a_runoff_is_one_more_vote_between_the_tied_and_goes_before_the_last_step() -> None:
    run = acts.step(AWARD, brought(AWARD, Phase.SEALED), 2)
    run = acts.runoff(AWARD, run, [NOBODY, B])
    assert phase(AWARD, run) is Phase.RUNOFF
    assert standing(AWARD, run, "runoff1") == (B, NOBODY)
    with pytest.raises(AwardRefused):
        acts.step(AWARD, run, 2)
    run = sealed(AWARD, run, "runoff1")
    assert (phase(AWARD, run), run.round("runoff1").admitted) == (Phase.REVEALING, ())
    run = acts.step(AWARD, run, 2)
    assert phase(AWARD, run) is Phase.REVEALED
    for attempt in (acts.step_back, lambda a, r: acts.runoff(a, r, [A, B])):
        with pytest.raises(AwardRefused):
            attempt(AWARD, run)


def test_what_people_told_the_ladder_stands_and_only_rules_that_ask_for_it_take_it() -> None:
    run = acts.cast_chair(AWARD, acts.draw_lot(AWARD, brought(AWARD, Phase.SEALED), " 7 "), B)
    assert run.choices == {"lot": "7", "chair": "b"}
    with pytest.raises(AwardRefused, match="stands"):
        acts.cast_chair(AWARD, run, A)
    shared = replace(AWARD, decision=replace(AWARD.decision, ladder=(Rung.SHARED,)))
    with pytest.raises(AwardRefused, match="no such step"):
        acts.draw_lot(shared, brought(shared, Phase.SEALED), "7")


def test_after_a_withdrawal_or_a_void_ballot_the_chair_is_asked_anew() -> None:
    told = acts.cast_chair(AWARD, acts.draw_lot(AWARD, brought(AWARD, Phase.SEALED), "7"), B)
    for kind, subject in ((ProposalKind.WITHDRAW, B), (ProposalKind.VOID, "receipt")):
        run = acts.propose(AWARD, told, kind, subject, "why", ANNA, 5)
        assert run.choices == {"lot": "7", "chair": "b"}, "it has not taken effect"
        run = acts.sign(AWARD, run, 1, BERT)
        assert run.choices == {"lot": "7"}, "a public draw stays what it was"
        assert acts.cast_chair(AWARD, run, A).choices["chair"] == "a"
