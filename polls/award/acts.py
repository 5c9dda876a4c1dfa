"""What people may do to an award and what it leads to. Two tables decide: one for the award as a whole,
one for each of its rounds. Everything here is pure; times are Unix milliseconds."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from enum import StrEnum

from polls.award.life import (
    RUNOFF,
    Approval,
    AwardRun,
    Phase,
    Proposal,
    ProposalKind,
    RoundRun,
    RoundState,
    approvals_needed,
    approvers,
    phase,
    round_ids,
    round_of,
    standing,
)
from polls.award.model import Award, CandidateId, JuryRound, RoundId, Rung, ScrutineerId, VoteRound
from polls.errors import AwardRefused


class Act(StrEnum):
    """What can be done to an award; those from OPEN to SEAL are done to one of its rounds, those of PITCHES
    are in polls/award/pitches.py."""

    FREEZE = "freeze"
    OPEN = "open"
    EXTEND = "extend"
    CLOSE = "close"
    APPROVE = "approve"
    SEAL = "seal"
    PROPOSE = "propose"
    SIGN = "sign"
    DROP = "drop"
    RUNOFF = "runoff"
    CHAIR = "chair"
    LOT = "lot"
    STEP = "step"
    BACK = "back"
    PUBLISH = "publish"
    CORRECT = "correct"
    PITCH = "pitch"
    PITCH_BACK = "pitch-back"
    PITCH_CLOCK = "pitch-clock"
    PITCH_END = "pitch-end"


_ROUND_ACTS = frozenset({Act.OPEN, Act.EXTEND, Act.CLOSE, Act.APPROVE, Act.SEAL})
_COUNTERSIGNED = frozenset({Act.PROPOSE, Act.SIGN, Act.DROP})
_DESK = frozenset({Act.RUNOFF, Act.CHAIR, Act.LOT})
PITCHES = frozenset({Act.PITCH, Act.PITCH_BACK, Act.PITCH_CLOCK, Act.PITCH_END})

ACTS: dict[Phase, frozenset[Act]] = {
    Phase.DRAFT: frozenset({Act.FREEZE}),
    Phase.FROZEN: _ROUND_ACTS | _COUNTERSIGNED | PITCHES,
    Phase.SEALED: _COUNTERSIGNED | _DESK | {Act.STEP},
    # From the first step on part of the result is known, so nobody's withdrawal may change it.
    Phase.REVEALING: _DESK | {Act.STEP, Act.BACK},
    # A run-off is held because a tie is known, so the same holds here.
    Phase.RUNOFF: _ROUND_ACTS,
    Phase.REVEALED: frozenset({Act.PUBLISH}),
    Phase.PUBLISHED: frozenset({Act.CORRECT}),
}
"""What may be done in each phase of an award."""

ROUNDS: dict[tuple[RoundState, Act], RoundState] = {
    (RoundState.WAITING, Act.OPEN): RoundState.OPEN,
    (RoundState.OPEN, Act.EXTEND): RoundState.OPEN,
    (RoundState.OPEN, Act.CLOSE): RoundState.CLOSED,
    (RoundState.CLOSED, Act.APPROVE): RoundState.CLOSED,
    (RoundState.CLOSED, Act.SEAL): RoundState.SEALED,
}
"""Every step between states of a round."""


def freeze(award: Award, run: AwardRun, rules_hash: str) -> AwardRun:
    """The award with its rules fixed under their hash; from here on rounds can open."""
    demand(award, run, Act.FREEZE)
    if not rules_hash:
        raise ValueError("the rules have no hash")
    return replace(run, rules_hash=rules_hash)


def open_round(award: Award, run: AwardRun, round_id: str, now_ms: int) -> AwardRun:
    """The award with a round open for sheets or ballots. All rounds before it must be sealed."""
    rules, old, state = _round_step(award, run, round_id, Act.OPEN)
    order = round_ids(award, run)
    before = order[: order.index(RoundId(round_id))]
    if any(run.round(earlier).state is not RoundState.SEALED for earlier in before):
        raise AwardRefused(old.state, Act.OPEN, "the round before it is not sealed yet; seal that one first")
    if not standing(award, run, round_id):
        raise AwardRefused(old.state, Act.OPEN, "no candidate stands in this round")
    seconds = rules.countdown_s if isinstance(rules, VoteRound) else None
    closes = None if seconds is None else now_ms + seconds * 1000
    return _with_round(run, round_id, replace(old, state=state, opened_ms=now_ms, closes_ms=closes, pinned=0))


def extend(award: Award, run: AwardRun, round_id: str, now_ms: int, seconds: int) -> AwardRun:
    """The award with `seconds` more until the server closes the round."""
    _, old, state = _round_step(award, run, round_id, Act.EXTEND)
    if seconds <= 0:
        raise AwardRefused(old.state, Act.EXTEND, "expected at least one second more")
    closes = max(old.closes_ms or now_ms, now_ms) + seconds * 1000
    return _with_round(run, round_id, replace(old, state=state, closes_ms=closes))


def pin(run: AwardRun, round_id: str, count: int) -> AwardRun:
    """The award with a checkpoint of `count` ballots in its public log."""
    return _with_round(run, round_id, replace(run.round(round_id), pinned=count))


def close_round(award: Award, run: AwardRun, round_id: str, box_hash: str, now_ms: int) -> AwardRun:
    """The award with a round that takes nothing more; `box_hash` is what scrutineers approve."""
    _, old, state = _round_step(award, run, round_id, Act.CLOSE)
    if not box_hash:
        raise ValueError("the box has no hash")
    new = replace(old, state=state, closes_ms=None, closed_ms=now_ms, box_hash=box_hash)
    return _with_round(run, round_id, new)


def approve(
    award: Award, run: AwardRun, round_id: str, who: ScrutineerId, box_hash: str, now_ms: int
) -> AwardRun:
    """The award with the approval of one of its scrutineers of the box that they saw."""
    _, old, state = _round_step(award, run, round_id, Act.APPROVE)
    _demand_approver(award, who, old.state, Act.APPROVE)
    if not old.box_hash or box_hash != old.box_hash:
        raise AwardRefused(old.state, Act.APPROVE, "this is not the hash of the closed box; look again")
    if who in old.approved_by:
        raise AwardRefused(old.state, Act.APPROVE, "this scrutineer has approved the box already")
    approval = Approval(scrutineer=who, box_hash=box_hash, at_ms=now_ms)
    return _with_round(run, round_id, replace(old, state=state, approvals=(*old.approvals, approval)))


def may_seal(award: Award, run: AwardRun, round_id: str) -> bool:
    """Whether enough of the award's scrutineers have approved this closed box, all of them the same one."""
    old = run.round(round_id)
    is_closed = old.state is RoundState.CLOSED and bool(old.box_hash)
    return is_closed and len(old.approved_by & approvers(award)) >= approvals_needed(award)


def seal(
    award: Award, run: AwardRun, round_id: str, box_hash: str, admitted: Collection[CandidateId], now_ms: int
) -> AwardRun:
    """The award with a round that is final. `box_hash` is that of the box which is being sealed.

    `admitted` are those who go on after a jury round; a vote admits nobody.
    """
    rules, old, state = _round_step(award, run, round_id, Act.SEAL)
    if box_hash != old.box_hash:
        raise AwardRefused(old.state, Act.SEAL, "the box is not the one that was closed; do not seal it")
    if not may_seal(award, run, round_id):
        raise AwardRefused(old.state, Act.SEAL, f"expected {approvals_needed(award)} approvals of this box")
    known = standing(award, run, round_id)
    if strangers := set(admitted) - set(known):
        raise ValueError(f"not standing in this round: {', '.join(sorted(strangers))}")
    goes_on = tuple(c for c in known if c in admitted) if isinstance(rules, JuryRound) else ()
    return _with_round(run, round_id, replace(old, state=state, sealed_ms=now_ms, admitted=goes_on))


def propose(
    award: Award,
    run: AwardRun,
    kind: ProposalKind,
    subject: str,
    reason: str,
    who: ScrutineerId,
    now_ms: int,
) -> AwardRun:
    """The award with a withdrawal or voiding proposed; `who` signs it if they are a scrutineer.

    That a ballot with this receipt exists is for the caller to know. It takes effect at once where one
    signature is enough.
    """
    now = demand(award, run, Act.PROPOSE)
    if not reason.strip():
        raise AwardRefused(now, Act.PROPOSE, "expected a reason, which the public record will name")
    if kind is ProposalKind.WITHDRAW and award.candidate(subject) is None:
        raise AwardRefused(now, Act.PROPOSE, "there is no such candidate")
    if not subject.strip() or subject in run.withdrawn or subject in run.voided:
        raise AwardRefused(now, Act.PROPOSE, "it has already taken effect, or names nothing")
    if any((p.kind, p.subject) == (kind, subject) for p in run.proposals):
        raise AwardRefused(now, Act.PROPOSE, "this is proposed already; sign it or drop it")
    number = 1 + max((p.id for p in (*run.proposals, *run.settled)), default=0)
    by = (who,) if who in approvers(award) else ()
    proposal = Proposal(id=number, kind=kind, subject=subject, reason=reason.strip(), at_ms=now_ms, by=by)
    return _settle(award, replace(run, proposals=(*run.proposals, proposal)), proposal)


def sign(award: Award, run: AwardRun, proposal_id: int, who: ScrutineerId) -> AwardRun:
    """The award with one more signature under a proposal, which takes effect at the last one needed."""
    now = demand(award, run, Act.SIGN)
    old = _proposal(run, proposal_id, now, Act.SIGN)
    _demand_approver(award, who, now, Act.SIGN)
    if who in old.by:
        raise AwardRefused(now, Act.SIGN, "this scrutineer has signed it already")
    signed = replace(old, by=(*old.by, who))
    changed = tuple(signed if p.id == old.id else p for p in run.proposals)
    return _settle(award, replace(run, proposals=changed), signed)


def drop(award: Award, run: AwardRun, proposal_id: int) -> AwardRun:
    """The award without a proposal that has not taken effect."""
    now = demand(award, run, Act.DROP)
    old = _proposal(run, proposal_id, now, Act.DROP)
    return replace(run, proposals=tuple(p for p in run.proposals if p.id != old.id))


def runoff(award: Award, run: AwardRun, tied: Sequence[CandidateId]) -> AwardRun:
    """The award with one more vote, between the tied finalists, by the rules of its vote."""
    now = demand(award, run, Act.RUNOFF)
    if award.vote is None:
        raise AwardRefused(now, Act.RUNOFF, "this award has no vote, so there is nobody to ask again")
    candidates = tuple(c for c in award.candidate_ids if c in tied and c not in run.withdrawn)
    if len(candidates) < 2:
        raise AwardRefused(now, Act.RUNOFF, "expected at least two tied candidates of this award")
    return replace(run, runoffs={**run.runoffs, RoundId(f"{RUNOFF}{len(run.runoffs) + 1}"): candidates})


def cast_chair(award: Award, run: AwardRun, candidate: CandidateId) -> AwardRun:
    """The award with the chair's casting vote. That this candidate is tied is for the caller to know."""
    now = demand(award, run, Act.CHAIR)
    _demand_rung(award, run, Rung.CHAIR, now, Act.CHAIR)
    if candidate not in award.candidate_ids or candidate in run.withdrawn:
        raise AwardRefused(now, Act.CHAIR, "there is no such candidate")
    return replace(run, choices={**run.choices, Rung.CHAIR.value: candidate})


def draw_lot(award: Award, run: AwardRun, text: str) -> AwardRun:
    """The award with the outcome of the public draw that its rules name."""
    now = demand(award, run, Act.LOT)
    _demand_rung(award, run, Rung.LOT, now, Act.LOT)
    if not text.strip():
        raise AwardRefused(now, Act.LOT, "expected what was drawn")
    return replace(run, choices={**run.choices, Rung.LOT.value: text.strip()})


def step(award: Award, run: AwardRun, steps: int) -> AwardRun:
    """The award with one more step of its reveal shown, of `steps` that there are."""
    now = demand(award, run, Act.STEP)
    if run.steps >= steps:
        raise AwardRefused(now, Act.STEP, "there is no further step")
    return replace(run, steps=run.steps + 1, revealed=run.steps + 1 == steps)


def step_back(award: Award, run: AwardRun) -> AwardRun:
    """The award with the last step shown hidden again; after the very last one everyone knows."""
    demand(award, run, Act.BACK)
    return replace(run, steps=run.steps - 1)


def publish(award: Award, run: AwardRun) -> AwardRun:
    """The award with its record out."""
    demand(award, run, Act.PUBLISH)
    return replace(run, published=True)


def correct(award: Award, run: AwardRun, text: str) -> AwardRun:
    """The award with a correction beside its published record, which itself stays as it is."""
    now = demand(award, run, Act.CORRECT)
    if not text.strip():
        raise AwardRefused(now, Act.CORRECT, "expected what is to be corrected, and why")
    return replace(run, corrections=(*run.corrections, text.strip()))


def demand(award: Award, run: AwardRun, act: Act) -> Phase:
    """The award's phase. Raises AwardRefused where the table does not allow `act` in it."""
    now = phase(award, run)
    if act not in ACTS[now]:
        raise AwardRefused(now, act)
    return now


def _round_step(
    award: Award, run: AwardRun, round_id: str, act: Act
) -> tuple[JuryRound | VoteRound, RoundRun, RoundState]:
    """The round's rules, where it stands and where the act leads."""
    rules = round_of(award, run, round_id)
    if rules is None:
        raise AwardRefused("gone", act, "this award has no such round")
    demand(award, run, act)
    old = run.round(round_id)
    target = ROUNDS.get((old.state, act))
    if target is None:
        raise AwardRefused(old.state, act)
    return rules, old, target


def _with_round(run: AwardRun, round_id: str, new: RoundRun) -> AwardRun:
    return replace(run, rounds={**run.rounds, RoundId(round_id): new})


def _demand_approver(award: Award, who: ScrutineerId, state: str, act: Act) -> None:
    if who not in approvers(award):
        raise AwardRefused(state, act, "only a scrutineer of this award may do that")


def _demand_rung(award: Award, run: AwardRun, rung: Rung, state: str, act: Act) -> None:
    if rung not in award.decision.ladder:
        raise AwardRefused(state, act, "the frozen rules of this award have no such step for ties")
    if rung in run.choices:
        raise AwardRefused(state, act, "that has been done already, and stands")


def _proposal(run: AwardRun, proposal_id: int, state: str, act: Act) -> Proposal:
    found = next((p for p in run.proposals if p.id == proposal_id), None)
    if found is None:
        raise AwardRefused(state, act, "nothing of that number waits for signatures")
    return found


def _settle(award: Award, run: AwardRun, proposal: Proposal) -> AwardRun:
    """The award with the proposal in effect, if enough have signed.

    What the chair said before was said of another tie, so the chair is asked anew if one is left.
    """
    if len(set(proposal.by) & approvers(award)) < approvals_needed(award):
        return run
    run = replace(
        run,
        proposals=tuple(p for p in run.proposals if p.id != proposal.id),
        settled=(*run.settled, proposal),
        choices={rung: told for rung, told in run.choices.items() if rung != Rung.CHAIR},
    )
    if proposal.kind is ProposalKind.VOID:
        return replace(run, voided=(*run.voided, proposal.subject))
    return replace(run, withdrawn=(*run.withdrawn, CandidateId(proposal.subject)))
