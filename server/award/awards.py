"""The awards of a server in one object: acts, boxes, casting, results and records."""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from polls.award.life import AwardRun, round_ids, round_of
from polls.award.model import Award, AwardId, JuryRound, Publish, RoundId, VoteRound
from polls.model import Event, EventId
from polls.ports import EventStore
from server.award.acts import AwardActs
from server.award.casting import Casting
from server.award.commits import AwardCommits
from server.award.handcounts import HandCounts
from server.award.papers import read_boxes
from server.award.settling import Basis, Settling
from server.award.turns import Turns
from server.record.signing import RecordKey
from voting.award.count import AwardPapers
from voting.award.counted import AwardResult
from voting.award.ports import At, AwardBox
from voting.award.rules import rules_of
from voting.record.bundle import CodeLine, Line, Record, leaf_only
from voting.record.log import EntryType, LogEntry, entry_from_json
from voting.record.words import root_words

RECORD_KEY = "record-key"
"""The file of the data folder that holds the key of log heads."""


class AwardStore(EventStore, Protocol):
    """A store with the box of awards."""

    @property
    def awards(self) -> AwardBox: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest pinned state of a vote's box: ballots, root, and the words that stand for it."""

    round: RoundId
    count: int
    root: str
    words: tuple[str, ...]


class Awards:
    """Everything that pages and chores need. `data` is the data folder, `code_key` the key of typed codes."""

    def __init__(self, store: AwardStore, data: Path, code_key: bytes) -> None:
        self._store, self.box = store, store.awards
        self._key = RecordKey.load(data / RECORD_KEY)
        commits = AwardCommits(store, self._key)
        self.settling = Settling(commits, self.box)
        self.acts = AwardActs(commits, self.settling, self.box)
        self.casting = Casting(self.box, code_key)
        self.counts = HandCounts(commits, self.box, hmac.digest(code_key, b"hand counts", "sha256"))
        self._results: dict[tuple[EventId, AwardId], tuple[Basis, AwardPapers, AwardResult]] = {}
        self._counting = Turns()

    async def papers_and_result(
        self, event: EventId, award: Award, run: AwardRun
    ) -> tuple[AwardPapers, AwardResult]:
        """What was counted and the result, once every round is sealed; counted anew when its basis changes,
        and once for all who ask at that moment.

        For servers' eyes: what of it may be shown is for the reveal to say. Raises AwardRefused before.
        """
        key, basis = (event, award.id), (award, run.basis)
        async with self._counting.of(key):
            known = self._results.get(key)
            if known is None or known[0] != basis:
                papers, result = await self.settling.count(event, award, run)
                known = self._results[key] = (basis, papers, result)
        return known[1], known[2]

    async def log(self, event: EventId, award: AwardId) -> list[LogEntry]:
        """The public log of an award, oldest first."""
        return [entry_from_json(line) for line in await self._store.record(event, award)]

    async def head(self, event: EventId, award: AwardId) -> Head | None:
        """The newest checkpoint or close of a round; None before the first."""
        for entry in reversed(await self.log(event, award)):
            if entry.type in (EntryType.CHECKPOINT, EntryType.CLOSE):
                root, count = str(entry.body["root"]), entry.body["count"]
                assert isinstance(count, int)
                return Head(
                    round=RoundId(str(entry.body["round"])), count=count, root=root, words=root_words(root)
                )
        return None

    async def record(self, event: Event, award: Award, run: AwardRun) -> Record:
        """The whole record of an award whose result is out."""
        boxes = await read_boxes(self.box, event.id, award, run)
        _, result = await self.papers_and_result(event.id, award, run)
        register: list[CodeLine] = []
        spent: list[CodeLine] = []
        ballots: list[Line] = []
        sheets: list[Line] = []
        for round_id in round_ids(award, run):
            held, rules = boxes.get(round_id), round_of(award, run, round_id)
            if held is None or rules is None:
                continue
            if isinstance(rules, JuryRound):
                sheets += _lines(rules, held.sheets, held.leaves)
                continue
            classes = await self.box.register(At(event.id, award.id, round_id))
            register += [CodeLine(round=round_id, class_id=of, hash=code) for code, of in classes.items()]
            spent += [
                CodeLine(round=round_id, class_id=classes[code], hash=code)
                for code in held.spent
                if code in classes
            ]
            ballots += _lines(rules, held.ballots, held.leaves)
        return Record(
            rules=rules_of(award, event),
            register=register,
            spent=spent,
            ballots=ballots,
            sheets=sheets,
            log=await self.log(event.id, award.id),
            result=result.as_dict(),
            public_key=self._key.public,
        )


def _lines(rules: JuryRound | VoteRound, texts: Mapping[str, str], leaves: Sequence[str]) -> list[Line]:
    """The ballots or sheets of a box in record order, or their leaves alone."""
    lines: list[Line] = [json.loads(texts[leaf]) for leaf in leaves]
    return [leaf_only(line) for line in lines] if rules.publish is Publish.TOTALS else lines
