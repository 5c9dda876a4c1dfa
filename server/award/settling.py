"""The ballot box follows the award: opened, closed and named, pinned down by checkpoints, sealed, counted.

An act is committed first and the box follows; what a crash breaks off is finished by the next act or by
the chores. Only closing is decided by the box: a ballot counts if the box took it before its close.
"""

import secrets
from collections.abc import Mapping, Sequence

from polls.award import acts
from polls.award.life import AwardRun, RoundState, round_ids, round_of
from polls.award.model import Award, AwardId, JuryRound, RoundId
from polls.award.model import Electorate as Voters
from polls.errors import AwardRefused
from polls.model import Event, EventId
from server.award.commits import AwardCommits, Done, Said
from server.award.handcounts import log_of_counts
from server.award.papers import read_boxes, read_papers, read_sheet
from server.moderation import SERVER, TIMER
from voting.award.boxhash import root_of
from voting.award.count import AwardPapers, admits, count_award
from voting.award.counted import AwardResult
from voting.award.ports import At, AwardBox, Electorate
from voting.errors import RoundRefused
from voting.record.bundle import CodeLine, codes_hash
from voting.record.checkpoint import batch_ends
from voting.record.log import EntryType

Basis = tuple[Award, AwardRun]
"""What a result is counted from: the rules, and `AwardRun.basis`."""


class Settling:
    """Keeps the boxes of a store's awards in step with their runs."""

    def __init__(self, commits: AwardCommits, box: AwardBox) -> None:
        self._commits, self._box = commits, box

    # -- counting ---------------------------------------------------------------------------------

    async def count(self, event: EventId, award: Award, run: AwardRun) -> tuple[AwardPapers, AwardResult]:
        """What was handed in and the result, of an award whose rounds are all sealed.

        Raises AwardRefused before that: until then no totals exist. Nobody sees it before the reveal.
        """
        if any(run.round(one.id).state is not RoundState.SEALED for one in award.rounds()):
            raise AwardRefused("unsealed", "count", "nothing is counted before every round is sealed")
        boxes = await read_boxes(self._box, event, award, run)
        papers = await read_papers(self._box, event, award, run, boxes)
        return papers, count_award(award, run, papers)

    async def result(self, event: EventId, award_id: AwardId) -> AwardResult:
        """The result as things stand in the store now. Raises like `count`."""
        return (await self.result_of(event, award_id))[0]

    async def result_of(self, event: EventId, award_id: AwardId) -> tuple[AwardResult, Basis]:
        """The same with what it was counted from. Whoever decides by it must look whether that still stands:
        somebody may have withdrawn meanwhile."""
        award, run, _ = await self._commits.read(event, award_id)
        return (await self.count(event, award, run))[1], (award, run.basis)

    # -- keeping the box in step ------------------------------------------------------------------

    async def settle(self, event: EventId, award: AwardId) -> None:
        """Bring every round's box to where its round stands: provided with codes, opened, closed and named,
        or sealed.

        May be called at any time and by several processes; doing it twice changes nothing.
        """
        rules, run, _ = await self._commits.read(event, award)
        for round_id in round_ids(rules, run):
            at, stands = At(event, award, round_id), run.round(round_id)
            if stands.state is RoundState.WAITING:
                await self.hand_codes_on(at, rules, run)
            elif stands.state is RoundState.OPEN:
                if not await self._open_box(at, rules, run):  # it was closed, and then something broke off
                    await self.close(at, TIMER)
            elif acts.may_seal(rules, run, round_id):
                await self._seal(at, rules, run)

    async def hand_codes_on(self, at: At, rules: Award, run: AwardRun) -> None:
        """Give a waiting run-off the codes of the vote; nothing where devices vote, or when it has them."""
        vote = rules.vote
        if at.round not in run.runoffs or vote is None or vote.electorate is not Voters.CODES:
            return
        if any(one.register for one in (await self._box.turnout(at)).values()):
            return
        codes = await self._box.register_lines(At(at.event, at.award, vote.id))
        try:
            await self._box.load_register(at, codes)
        except RoundRefused as error:
            if error.code not in ("loaded", "opened"):  # else another process was faster
                raise

    async def _open_box(self, at: At, rules: Award, run: AwardRun) -> bool:
        """Open a round's box if that was not done yet; False when it is closed already."""
        try:
            await self._try_open(at, rules, run)
        except RoundRefused as error:
            if error.code != "over":
                raise
            return False
        return True

    async def _try_open(self, at: At, rules: Award, run: AwardRun) -> None:
        kept = round_of(rules, run, at.round)
        if isinstance(kept, JuryRound):
            await self._box.open(at, Electorate.JURY)
        elif kept is not None and kept.electorate is Voters.DEVICES:
            if await self._box.device_secret(at) is None:
                await self._box.open(at, Electorate.DEVICES, secrets.token_hex(32))
        else:
            await self._box.open(at, Electorate.CODES)

    async def close(self, at: At, actor: str) -> None:
        """Close a round's box, then the round; again, it finishes what was broken off between the two."""
        rules, run, _ = await self._commits.read(at.event, at.award)
        await self._open_box(at, rules, run)  # may have been broken off, too
        box = await self._box.close(at)

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done | None:
            if run.round(at.round).state is not RoundState.OPEN:
                return None  # another process was faster
            body = {"round": at.round, "count": len(box.leaves), "root": box.box_hash}
            missed = _unlogged(run, at.round, box.leaves)[
                :-1
            ]  # the last one is pinned down by the close itself
            run, counts = log_of_counts(run, at.round, box.ballots)
            return Done(
                run=acts.close_round(rules, run, at.round, box.box_hash, now),
                said=[*counts, *missed, (EntryType.CLOSE, body)],
                body={"round": at.round, "root": box.box_hash, "count": len(box.leaves)},
            )

        await self._commits.commit(at.event, at.award, actor, "award_close", plan)

    async def _seal(self, at: At, rules: Award, run: AwardRun) -> None:
        box_hash = run.round(at.round).box_hash
        await self._box.seal(at, box_hash)
        await self._box.rewrite_files(at.event)
        box = await self._box.read_box(at)
        sheets = [read_sheet(text) for text in box.sheets.values()]
        register = await self._box.register(at)
        spent = codes_hash(
            (CodeLine(round=at.round, class_id=register[c], hash=c) for c in box.spent), at.round
        )

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done | None:
            if run.round(at.round).state is RoundState.SEALED:
                return None
            admitted = admits(rules, run, at.round, sheets)
            body = {"round": at.round, "root": box_hash, "spent": spent, "admitted": list(admitted)}
            return Done(
                run=acts.seal(rules, run, at.round, box_hash, admitted, now),
                said=[(EntryType.SEAL, body)],
                body={"round": at.round, "root": box_hash},
            )

        await self._commits.commit(at.event, at.award, SERVER, "award_seal", plan)

    async def checkpoint(self, event: EventId, award: AwardId, round_id: str, least: int) -> bool:
        """Pin down what came into an open vote's box, if there are `least` new ballots, or if the box has
        made a checkpoint that something kept out of the log; True when so."""
        at = At(event, award, RoundId(round_id))
        found = await self._box.checkpoint(at, least)

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done | None:
            stands = run.round(round_id)
            if stands.state is not RoundState.OPEN or (stands.pinned is None and not found.added):
                return None  # the close pins it down
            heads = _unlogged(run, round_id, found.leaves)
            if not heads:
                return None  # nothing new, or another process was faster
            count = len(found.leaves)
            return Done(
                run=acts.pin(run, round_id, count),
                said=heads,
                body={"round": round_id, "count": count, "root": root_of(found.leaves)},
            )

        return await self._commits.commit(event, award, SERVER, "award_checkpoint", plan)


def _unlogged(run: AwardRun, round_id: str, leaves: Sequence[str]) -> list[Said]:
    """A CHECKPOINT for each batch of a box that the public log does not have yet.

    The box records a batch first and the log hears of it then. What came in between (a crash, the close,
    another process) must not make one batch of two in the log: each is sorted, both together would not be.
    """
    pinned = run.round(round_id).pinned
    ends = [len(leaves)] if pinned is None else batch_ends(leaves, pinned)
    return [
        (EntryType.CHECKPOINT, {"round": round_id, "count": end, "root": root_of(leaves[:end])})
        for end in ends
    ]


def register_body(round_id: str, register: Mapping[str, str]) -> dict[str, object]:
    """What REGISTER logs: lines, their hash, and how many each class has."""
    lines = [CodeLine(round=round_id, class_id=held, hash=code) for code, held in register.items()]
    classes: dict[str, int] = {}
    for line in lines:
        classes[line.class_id] = classes.get(line.class_id, 0) + 1
    return {
        "round": round_id,
        "lines": len(lines),
        "hash": codes_hash(lines, round_id),
        "classes": classes,
    }
