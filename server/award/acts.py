"""What people do to awards, by the tables of polls/award/acts.py; each act is committed once, then the box
follows it."""

from polls.award import acts
from polls.award.life import AwardRun, PitchRun, ProposalKind, round_ids, round_of
from polls.award.model import Award, AwardId, CandidateId, RoundId, Rung, ScrutineerId, VoteRound
from polls.award.model import Electorate as Voters
from polls.award.pitches import act_on_pitches, pitch_now
from polls.errors import AwardRefused
from polls.model import Event, EventId
from server.award.commits import AwardCommits, Done, Said
from server.award.settling import Basis, Settling, register_body
from server.moderation import TRIES
from voting.award.ports import At, AwardBox
from voting.award.reveal import NothingToReveal, reveal_steps
from voting.award.rules import rules_hash
from voting.canonical import sha256_hex
from voting.errors import RoundRefused, StoreConflict
from voting.record.log import EntryType


class AwardActs:
    """Acts on the awards of a store."""

    def __init__(self, commits: AwardCommits, settling: Settling, box: AwardBox) -> None:
        self._commits, self._settling, self._box = commits, settling, box

    # -- setting up -------------------------------------------------------------------------------

    async def freeze(self, event: EventId, award: AwardId, actor: str, *, seen_hash: str = "") -> None:
        """Fix the rules; nothing of them can be changed from here on. `seen_hash` names the rules that the
        person saw: others are not frozen."""

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            mark = rules_hash(rules, of)
            if seen_hash not in ("", mark):
                raise AwardRefused("changed", "freeze", "the rules have changed since; read them again")
            return Done(
                run=acts.freeze(rules, run, mark),
                said=[(EntryType.RULES, {"rules_hash": mark})],
                body={"rules": mark},
            )

        await self._commits.commit(event, award, actor, "award_freeze", plan)

    async def open(self, event: EventId, award: AwardId, round_id: str, actor: str) -> None:
        """Open a round for sheets or ballots. A vote by code needs its register: raises AwardRefused."""
        at = At(event, award, RoundId(round_id))
        rules, run, _ = await self._commits.read(event, award)
        await self._settling.hand_codes_on(at, rules, run)  # may have been broken off
        for _ in range(TRIES):
            try:
                await self._open(at, actor)
                break
            except RoundRefused as error:
                if error.code != "replaced":
                    raise
        else:
            raise StoreConflict("the codes are made anew again and again; try again")
        await self._settling.settle(event, award)

    async def _open(self, at: At, actor: str) -> None:
        """Record the opening with the register as it is. Raises RoundRefused (`replaced`) when it changes."""
        register = await self._box.register(at)

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            kept = round_of(rules, run, at.round)
            said: list[Said] = []
            named: dict[RoundId, str] = {}
            if isinstance(kept, VoteRound) and kept.electorate is Voters.CODES:
                if not register:
                    raise AwardRefused(
                        run.round(at.round).state, "open", "make the voting codes first, then open the vote"
                    )
                known = {str(one.id) for one in kept.classes}
                if not known.issuperset(register.values()):
                    # Its ballots would be taken, and then nothing could ever be counted.
                    raise AwardRefused(
                        run.round(at.round).state,
                        "open",
                        "some voting codes are of a class that the rules do not have; make all codes anew",
                    )
                body = register_body(at.round, register)
                said.append((EntryType.REGISTER, body))
                named[at.round] = str(body["hash"])
            said.append((EntryType.OPEN, {"round": at.round}))
            return Done(
                run=acts.open_round(rules, run, at.round, now),
                said=said,
                body={"round": at.round},
                registers=named,
            )

        await self._commits.commit(at.event, at.award, actor, "award_open", plan)

    async def extend(self, event: EventId, award: AwardId, round_id: str, seconds: int, actor: str) -> None:
        """Let a round with a countdown run on."""

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            new = acts.extend(rules, run, round_id, now, seconds)
            return Done(run=new, body={"round": round_id, "seconds": seconds})

        await self._commits.commit(event, award, actor, "award_extend", plan)

    async def close(
        self,
        event: EventId,
        award: AwardId,
        round_id: str,
        actor: str,
        *,
        countdown_ms: int | None = None,
    ) -> None:
        """Take nothing more in a round: its box decides what came in time, and is named by its hash.

        With `countdown_ms` only if the countdown still ends then (Unix ms): it may have been extended.
        """
        rules, run, _ = await self._commits.read(event, award)
        if countdown_ms is not None and run.round(round_id).closes_ms != countdown_ms:
            return
        acts.close_round(rules, run, round_id, "checked", 0)  # refused before the box shuts for good
        await self._settling.close(At(event, award, RoundId(round_id)), actor)

    # -- scrutineers ------------------------------------------------------------------------------

    async def approve(
        self, event: EventId, award: AwardId, round_id: str, who: ScrutineerId, box_hash: str
    ) -> None:
        """Approve the closed box that the scrutineer saw; with enough approvals the round is sealed."""

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            return Done(
                run=acts.approve(rules, run, round_id, who, box_hash, now),
                said=[(EntryType.APPROVE, {"round": round_id, "root": box_hash, "scrutineer": who})],
                body={"round": round_id, "root": box_hash},
            )

        await self._commits.commit(event, award, f"scrutineer:{who}", "award_approve", plan)
        await self._settling.settle(event, award)

    async def propose(
        self,
        event: EventId,
        award: AwardId,
        kind: ProposalKind,
        subject: str,
        reason: str,
        who: ScrutineerId,
        actor: str,
    ) -> None:
        """Ask the scrutineers to withdraw a candidate or to void a ballot (by its receipt)."""
        if kind is ProposalKind.VOID and not await self._has_receipt(event, award, subject):
            raise AwardRefused("unknown", "propose", "no ballot has this receipt; look at it again")

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            new = acts.propose(rules, run, kind, subject, reason, who, now)
            return Done(run=new, said=_settled(run, new), body={"kind": kind.value, "subject": subject})

        await self._commits.commit(event, award, actor, "award_propose", plan)

    async def sign(self, event: EventId, award: AwardId, proposal: int, who: ScrutineerId) -> None:
        """Sign a proposal; it takes effect with the last signature that is needed."""

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            new = acts.sign(rules, run, proposal, who)
            return Done(run=new, said=_settled(run, new), body={"proposal": proposal})

        await self._commits.commit(event, award, f"scrutineer:{who}", "award_sign", plan)

    async def drop(self, event: EventId, award: AwardId, proposal: int, actor: str) -> None:
        """Take a proposal back that has not taken effect."""

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            return Done(run=acts.drop(rules, run, proposal), body={"proposal": proposal})

        await self._commits.commit(event, award, actor, "award_drop", plan)

    # -- pitches ----------------------------------------------------------------------------------

    async def pitch(
        self, event: EventId, award: AwardId, act: acts.Act, actor: str, *, seen: PitchRun
    ) -> None:
        """Do one of PITCHES; `seen` is how far the pitches were when the key was pressed. The event's audit
        log has it; the public log, which is about the count alone, does not."""

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            new = act_on_pitches(rules, run, act, seen, now)
            pitch = pitch_now(rules, new)
            if pitch is None:
                return Done(run=new)
            body: dict[str, str | int] = {"candidate": pitch.candidate, "place": pitch.place, "of": pitch.of}
            return Done(run=new, body=body)

        await self._commits.commit(event, award, actor, pitch_action(act), plan)

    # -- ties -------------------------------------------------------------------------------------

    async def chair(self, event: EventId, award: AwardId, candidate: CandidateId, actor: str) -> None:
        """The chair's casting vote for one of those who are tied."""
        result, basis = await self._settling.result_of(event, award)

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            _demand_basis(basis, rules, run, "chair")
            if result.pending != Rung.CHAIR or candidate not in result.ranking[0]:
                raise AwardRefused("decided", "chair", "the chair decides only between those who are tied")
            chairs = [j for r in rules.jury for j in r.jurors if j.chair]
            named = [
                j for j in chairs if actor == f"juror:{j.id}"
            ] or chairs  # the organiser enters what was said
            name = named[0].name if named else ""
            return Done(
                run=acts.cast_chair(rules, run, candidate),
                said=[(EntryType.CHAIR, {"candidate": candidate, "name": name})],
                body={"candidate": candidate},
            )

        await self._commits.commit(event, award, actor, "award_chair", plan)

    async def draw(self, event: EventId, award: AwardId, text: str, actor: str) -> None:
        """Enter what the public draw gave."""
        result, basis = await self._settling.result_of(event, award)

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            _demand_basis(basis, rules, run, "draw")
            if result.pending != Rung.LOT:
                raise AwardRefused("decided", "draw", "nothing waits for the draw")
            new = acts.draw_lot(rules, run, text)
            return Done(run=new, said=[(EntryType.DRAW, {"text": new.choices[Rung.LOT.value]})])

        await self._commits.commit(event, award, actor, "award_draw", plan)

    async def runoff(self, event: EventId, award: AwardId, actor: str) -> RoundId:
        """Add one more vote between those who are tied for first, for the same electorate."""
        result, basis = await self._settling.result_of(event, award)
        tied = result.ties[-1].parted[0] if result.ties else ()
        made: list[RoundId] = []

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            _demand_basis(basis, rules, run, "runoff")
            new = acts.runoff(rules, run, tied)
            round_id = next(r for r in new.runoffs if r not in run.runoffs)
            made[:] = [round_id]
            body = {"round": round_id, "candidates": list(new.runoffs[round_id])}
            return Done(run=new, said=[(EntryType.RUNOFF, body)], body={"round": round_id})

        await self._commits.commit(event, award, actor, "award_runoff", plan)
        await self._settling.settle(event, award)
        return made[0]

    # -- reveal and record ------------------------------------------------------------------------

    async def step(self, event: EventId, award: AwardId, actor: str, *, seen: int) -> None:
        """Show the next step of the reveal; `seen` steps had been shown when the key was pressed."""
        result, basis = await self._settling.result_of(event, award)

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            if run.steps != seen:
                raise AwardRefused("moved", "step", "the screen was behind; look at it and press again")
            _demand_basis(basis, rules, run, "step")
            try:
                steps = reveal_steps(rules, result)
            except NothingToReveal:
                raise AwardRefused(
                    "undecided", "step", "the tie is not decided yet; go to the tie desk"
                ) from None
            new = acts.step(rules, run, len(steps))
            said: list[Said] = []
            if new.revealed:
                said = [(EntryType.RESULT, {"result_hash": sha256_hex(result.as_dict())})]
                said.append((EntryType.REVEAL, {}))
            return Done(run=new, said=said, body={"step": new.steps, "of": len(steps)})

        await self._commits.commit(event, award, actor, "award_step", plan)

    async def step_back(self, event: EventId, award: AwardId, actor: str) -> None:
        """Hide the last step again, unless it was the very last."""

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            new = acts.step_back(rules, run)
            return Done(run=new, body={"step": new.steps})

        await self._commits.commit(event, award, actor, "award_back", plan)

    async def publish(self, event: EventId, award: AwardId, actor: str) -> None:
        """Put the record out for everybody."""

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            return Done(run=acts.publish(rules, run))

        await self._commits.commit(event, award, actor, "award_publish", plan)

    async def correct(self, event: EventId, award: AwardId, text: str, actor: str) -> None:
        """Add a correction beside the published record."""

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            new = acts.correct(rules, run, text)
            return Done(run=new, said=[(EntryType.CORRECTION, {"text": new.corrections[-1]})])

        await self._commits.commit(event, award, actor, "award_correct", plan)

    async def _has_receipt(self, event: EventId, award: AwardId, receipt: str) -> bool:
        rules, run, _ = await self._commits.read(event, award)
        for one in round_ids(rules, run):
            if await self._box.has_receipt(At(event, award, one), receipt):
                return True
        return False


def pitch_action(act: acts.Act) -> str:
    """What the audit log and the console's buttons call one of PITCHES: award_pitch, award_pitch_back, …"""
    return f"award_{act.replace('-', '_')}"


def _demand_basis(basis: Basis, rules: Award, run: AwardRun, action: str) -> None:
    """Refuse to decide by a result that was counted from something else than what stands now."""
    if basis != (rules, run.basis):
        raise AwardRefused("moved", action, "the result has changed meanwhile; look at it and press again")


def _settled(old: AwardRun, new: AwardRun) -> list[Said]:
    """What the public log says of proposals that have taken effect."""
    said: list[Said] = []
    for one in new.settled[len(old.settled) :]:
        named = {"reason": one.reason, "by": sorted(one.by)}
        if one.kind is ProposalKind.VOID:
            said.append((EntryType.VOIDED, {"receipt": one.subject, **named}))
        else:
            said.append((EntryType.WITHDRAWN, {"candidate": one.subject, **named}))
    return said
