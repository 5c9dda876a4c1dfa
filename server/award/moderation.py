"""What people do to an award: decide by the tables of polls/award/acts.py, commit with an audit entry.

A round's box lies elsewhere in the store and decides for itself what is in it. Opening, closing and sealing
therefore happen in the box first, which may refuse, and stand in the award's run after that. Each of them
may be repeated: a stop in between is mended by doing the same again.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from polls.award import acts
from polls.award.acts import Act
from polls.award.life import AwardRun, ProposalKind
from polls.award.model import Award, CandidateId, ScrutineerId
from polls.errors import AwardRefused
from polls.model import EventId
from polls.ports import EventStore, Snapshot
from server.award.deciding import Body, as_plan, attempt, do, find
from server.clock import now_ms
from server.moderation import Plan, decide
from voting.award.rules import rules_hash


class RoundBox(Protocol):
    """The box of one round of one award. Each of these may be repeated; each may refuse by raising."""

    async def open(self) -> None:
        """Let the round take sheets or ballots."""
        ...

    async def close(self) -> str:
        """Take nothing more; gives the hash (hex) of what is in the box."""
        ...

    async def seal(self, box_hash: str) -> None:
        """Make the box with this hash final, and cut what joins voters to ballots."""
        ...

    async def has_receipt(self, receipt: str) -> bool:
        """Whether a ballot with this receipt is in the box."""
        ...


async def freeze(store: EventStore, event: EventId, actor: str, award: str, seen_hash: str) -> int | None:
    """Fix the rules of an award. `seen_hash` is that of the rules that the person has read.

    This and all that follow give the new offset, and raise AwardRefused (with what to do instead) when the
    act does not fit how the award stands, NoSuchEvent, and StoreConflict.
    """

    def plan(snapshot: Snapshot) -> Plan:
        found, run = find(snapshot, award, Act.FREEZE)
        now = rules_hash(found, snapshot.state.event)
        new = acts.freeze(found, run, now)
        if seen_hash != now:
            raise AwardRefused(
                "changed", Act.FREEZE, "the rules have changed since you read them; read them again"
            )
        return as_plan(found, new, Act.FREEZE, {"rules_hash": now})

    return await decide(store, event, actor, plan)


async def open_round(
    store: EventStore, box: RoundBox, event: EventId, actor: str, award: str, round_id: str
) -> int | None:
    """Open a round for sheets or ballots."""

    def step(found: Award, run: AwardRun) -> AwardRun:
        return acts.open_round(found, run, round_id, now_ms())

    await attempt(store, event, award, Act.OPEN, step)
    await box.open()
    return await do(store, event, actor, award, Act.OPEN, step, {"round": round_id})


async def extend(
    store: EventStore, event: EventId, actor: str, award: str, round_id: str, seconds: int
) -> int | None:
    """Give a round `seconds` more before the server closes it."""

    def step(found: Award, run: AwardRun) -> AwardRun:
        return acts.extend(found, run, round_id, now_ms(), seconds)

    return await do(store, event, actor, award, Act.EXTEND, step, {"round": round_id, "seconds": seconds})


async def close_round(
    store: EventStore, box: RoundBox, event: EventId, actor: str, award: str, round_id: str
) -> int | None:
    """Close a round and name what is in its box, for the scrutineers to approve."""
    await attempt(store, event, award, Act.CLOSE, lambda a, run: acts.close_round(a, run, round_id, "-", 0))
    box_hash = await box.close()

    def step(found: Award, run: AwardRun) -> AwardRun:
        return acts.close_round(found, run, round_id, box_hash, now_ms())

    return await do(store, event, actor, award, Act.CLOSE, step, {"round": round_id, "box_hash": box_hash})


async def approve(
    store: EventStore,
    event: EventId,
    actor: str,
    award: str,
    round_id: str,
    who: ScrutineerId,
    seen_hash: str,
) -> int | None:
    """Note a scrutineer's approval of the closed box whose hash they saw; acts.may_seal says when these are
    enough."""

    def step(found: Award, run: AwardRun) -> AwardRun:
        return acts.approve(found, run, round_id, who, seen_hash, now_ms())

    body: Body = {"round": round_id, "box_hash": seen_hash, "scrutineer": who}
    return await do(store, event, actor, award, Act.APPROVE, step, body)


async def seal(
    store: EventStore,
    box: RoundBox,
    event: EventId,
    actor: str,
    award: str,
    round_id: str,
    box_hash: str,
    admitted: Collection[CandidateId],
) -> int | None:
    """Make a round final that enough have approved. `admitted` go on after a jury round, as counted from the
    box with this hash."""

    def step(found: Award, run: AwardRun) -> AwardRun:
        return acts.seal(found, run, round_id, box_hash, admitted, now_ms())

    await attempt(store, event, award, Act.SEAL, step)
    await box.seal(box_hash)
    # The audit log does not name the admitted: they stand in the run, and may be told when the hall is told.
    body: Body = {"round": round_id, "box_hash": box_hash}
    return await do(store, event, actor, award, Act.SEAL, step, body)


async def withdraw(
    store: EventStore,
    event: EventId,
    actor: str,
    award: str,
    who: ScrutineerId,
    candidate: CandidateId,
    reason: str,
) -> int | None:
    """Propose that a candidate is withdrawn; it takes effect when enough scrutineers have signed."""
    return await _propose(store, event, actor, award, who, ProposalKind.WITHDRAW, candidate, reason)


async def void(
    store: EventStore,
    boxes: Sequence[RoundBox],
    event: EventId,
    actor: str,
    award: str,
    who: ScrutineerId,
    receipt: str,
    reason: str,
) -> int | None:
    """Propose that a ballot is voided, found by its receipt in one of the `boxes` of the award's votes."""
    if not any([await box.has_receipt(receipt) for box in boxes]):
        raise AwardRefused("unknown", Act.PROPOSE, "no ballot of this award has that receipt")
    return await _propose(store, event, actor, award, who, ProposalKind.VOID, receipt, reason)


async def sign(
    store: EventStore, event: EventId, actor: str, award: str, proposal: int, who: ScrutineerId
) -> int | None:
    """Sign a proposed withdrawal or voiding."""

    def plan(snapshot: Snapshot) -> Plan:
        found, run = find(snapshot, award, Act.SIGN)
        return _plan_proposal(found, run, acts.sign(found, run, proposal, who), proposal, Act.SIGN, who)

    return await decide(store, event, actor, plan)


async def drop(store: EventStore, event: EventId, actor: str, award: str, proposal: int) -> int | None:
    """Take back a proposal that has not taken effect."""
    return await do(
        store,
        event,
        actor,
        award,
        Act.DROP,
        lambda a, run: acts.drop(a, run, proposal),
        {"proposal": proposal},
    )


async def start_runoff(
    store: EventStore, event: EventId, actor: str, award: str, tied: Sequence[CandidateId]
) -> int | None:
    """Add a vote between the candidates whom the count leaves tied for the award."""

    def plan(snapshot: Snapshot) -> Plan:
        found, run = find(snapshot, award, Act.RUNOFF)
        new = acts.runoff(found, run, tied)
        round_id = next(reversed(list(new.runoffs)))
        body: Body = {"round": round_id, "candidates": ", ".join(new.runoffs[round_id])}
        return as_plan(found, new, Act.RUNOFF, body)

    return await decide(store, event, actor, plan)


async def cast_chair(
    store: EventStore,
    event: EventId,
    actor: str,
    award: str,
    candidate: CandidateId,
    tied: Collection[CandidateId],
) -> int | None:
    """Note for which of the `tied` candidates the chair of the jury decides."""
    if candidate not in tied:
        raise AwardRefused("untied", Act.CHAIR, "expected one of the candidates who are tied")

    def plan(snapshot: Snapshot) -> Plan:
        found, run = find(snapshot, award, Act.CHAIR)
        new = acts.cast_chair(found, run, candidate)
        return as_plan(found, new, Act.CHAIR, {"candidate": candidate, "name": _chair_of(found)})

    return await decide(store, event, actor, plan)


async def draw_lot(store: EventStore, event: EventId, actor: str, award: str, text: str) -> int | None:
    """Note the outcome of the public draw that the rules name."""
    return await do(
        store,
        event,
        actor,
        award,
        Act.LOT,
        lambda a, run: acts.draw_lot(a, run, text),
        {"text": text.strip()},
    )


async def reveal_step(
    store: EventStore, event: EventId, actor: str, award: str, seen_steps: int, steps: int
) -> int | None:
    """Show one more of the `steps` of the reveal, if the person saw that `seen_steps` were shown."""

    def step(found: Award, run: AwardRun) -> AwardRun:
        _demand_seen(run, seen_steps, Act.STEP)
        return acts.step(found, run, steps)

    return await do(store, event, actor, award, Act.STEP, step, {"step": seen_steps + 1, "of": steps})


async def hide_step(store: EventStore, event: EventId, actor: str, award: str, seen_steps: int) -> int | None:
    """Hide the last step of the reveal again, if the person saw that `seen_steps` were shown."""

    def step(found: Award, run: AwardRun) -> AwardRun:
        _demand_seen(run, seen_steps, Act.BACK)
        return acts.step_back(found, run)

    return await do(store, event, actor, award, Act.BACK, step, {"step": seen_steps - 1})


async def publish(store: EventStore, event: EventId, actor: str, award: str, record_hash: str) -> int | None:
    """Let the record out; `record_hash` (hex) names it in the audit log."""
    return await do(store, event, actor, award, Act.PUBLISH, acts.publish, {"record": record_hash})


async def correct(store: EventStore, event: EventId, actor: str, award: str, text: str) -> int | None:
    """Put a correction beside the published record."""
    return await do(
        store,
        event,
        actor,
        award,
        Act.CORRECT,
        lambda a, run: acts.correct(a, run, text),
        {"text": text.strip()},
    )


async def _propose(
    store: EventStore,
    event: EventId,
    actor: str,
    award: str,
    who: ScrutineerId,
    kind: ProposalKind,
    subject: str,
    reason: str,
) -> int | None:
    def plan(snapshot: Snapshot) -> Plan:
        found, run = find(snapshot, award, Act.PROPOSE)
        new = acts.propose(found, run, kind, subject, reason, who, now_ms())
        number = max(p.id for p in (*new.proposals, *new.settled))
        return _plan_proposal(found, run, new, number, Act.PROPOSE, who)

    return await decide(store, event, actor, plan)


def _plan_proposal(award: Award, old: AwardRun, new: AwardRun, number: int, act: Act, who: str) -> Plan:
    """The entry says what was done, and at the last signature that it took effect and who has signed."""
    proposal = next(p for p in (*new.proposals, *new.settled) if p.id == number)
    has_effect = len(new.settled) > len(old.settled)
    body: Body = {
        "proposal": number,
        "kind": proposal.kind.value,
        "subject": proposal.subject,
        "reason": proposal.reason,
        "who": who,
        "by": ", ".join(proposal.by),
    }
    return as_plan(award, new, f"{proposal.kind}-done" if has_effect else act, body)


def _chair_of(award: Award) -> str:
    return next((juror.name for r in reversed(award.jury) for juror in r.jurors if juror.chair), "")


def _demand_seen(run: AwardRun, seen_steps: int, act: Act) -> None:
    if run.steps != seen_steps:
        raise AwardRefused("elsewhere", act, "the reveal has moved on; look again")
