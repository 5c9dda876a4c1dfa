"""Makes valid records of invented awards, so that tests can break them one way at a time."""

import copy
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from server.record import recount
from server.record.archive import zip_of
from server.record.signing import RecordKey
from voting.record.bundle import CodeLine, Record, codes_hash, files_of, leaf_only
from voting.record.canonical import canonical_json, sha256_hex
from voting.record.log import EntryType, LogEntry, make_entry
from voting.record.merkle import leaf_of, root_of
from voting.record.receipt import make_receipt

Json = dict[str, Any]
KEY = RecordKey(b"k" * 32)
OTHER_KEY = RecordKey(b"o" * 32)
START_MS = 1_700_000_000_000
BATCH = 20


def jury_round(**changes: Any) -> Json:
    """A jury of five with two criteria; the best three go on."""
    rules: Json = {
        "id": "jury", "kind": "jury", "rule": "mean", "shortlist": 3, "boundary": "admit", "drop": 1,
        "jurors": [{"id": f"j{n}", "name": f"Juror {n}", "group": "", "chair": n == 1} for n in range(1, 6)],
        "criteria": [{"id": "idea", "name": "Idea", "weight": 3, "low": 1, "high": 10},
                     {"id": "effect", "name": "Effect", "weight": 2, "low": 1, "high": 10}],
        "table": [12, 10, 8, 7, 6, 5, 4, 3, 2, 1], "picks": 0, "unranked": "zero", "quorum_min": 3,
        "quorum_share": "2/3", "publish": "ballots",
    }  # fmt: skip
    return rules | changes


def vote_round(**changes: Any) -> Json:
    """A vote by code; members weigh twice what guests do."""
    rules: Json = {
        "id": "vote", "kind": "vote", "electorate": "codes", "form": "single", "method": "plurality",
        "classes": [{"id": "guest", "name": "Guests", "weight": 1},
                    {"id": "member", "name": "Members", "weight": 2}],
        "least": 1, "most": 1, "ties": False, "abstain": True, "unranked": "zero", "min_turnout": 0,
        "publish": "ballots",
    }  # fmt: skip
    return rules | changes


def award_rules(*rounds: Json, candidates: str = "abcde", nobody: bool = False, **decision: Any) -> Json:
    """The rules of an award; `decision` changes fields of its decision."""
    named = [{"id": c, "name": f"Cand {c.upper()}", "entrant": "", "detail": ""} for c in candidates]
    if nobody:
        named.append({"id": "nobody", "name": "None of the above", "entrant": "", "detail": ""})
    return {
        "version": 1, "event": "fair", "award": "best", "title": "Best of the fair", "candidates": named,
        "rounds": list(rounds), "approvals": 2, "checkpoint": {"every_s": 15, "min_new": BATCH},
        "scrutineers": [{"id": f"s{n}", "name": f"Scrutineer {n}"} for n in (1, 2, 3)],
        "decision": {"blend": "shares", "jury_round": "jury", "jury_weight": 1, "audience_weight": 1,
                     "jury_table": [12, 10, 8], "audience_table": [12, 10, 8], "draw": "",
                     "jury_only_without_audience": False,
                     "ladder": ["audience", "countback", "shared"]} | decision,
    }  # fmt: skip


@dataclass(slots=True)
class Draft:
    """A record in the making: edit it, then take its `files()`."""

    rules: Json
    log: list[tuple[str, Json]] = field(default_factory=list)
    ballots: list[Json] = field(default_factory=list)
    sheets: list[Json] = field(default_factory=list)
    register: list[CodeLine] = field(default_factory=list)
    spent: list[CodeLine] = field(default_factory=list)
    result: Json = field(default_factory=lambda: {"kind": "", "rounds": {}, "ties": []})
    key: RecordKey = KEY
    batch: int = BATCH

    def entries(self) -> list[LogEntry]:
        """The log, chained and signed."""
        made: list[LogEntry] = []
        for n, (kind, body) in enumerate(self.log):
            made.append(
                self.key.sign(
                    make_entry(
                        after=made[-1] if made else None,
                        at_ms=START_MS + 20_000 * n,
                        type=EntryType(kind),
                        body=copy.deepcopy(body),
                    )
                )
            )
        return made

    def files(self) -> dict[str, str]:
        hidden = {r["id"] for r in self.rules["rounds"] if r["publish"] == "totals"}
        if any(r["id"] in hidden and r["kind"] == "vote" for r in self.rules["rounds"]):
            hidden |= {
                body["round"] for kind, body in self.log if kind == "RUNOFF"
            }  # by the rules of the vote
        return files_of(
            Record(
                rules=self.rules,
                register=self.register,
                spent=self.spent,
                ballots=[leaf_only(b) if b["round"] in hidden else b for b in self.ballots],
                sheets=[leaf_only(s) if s["round"] in hidden else s for s in self.sheets],
                log=self.entries(),
                result=self.result,
                public_key=self.key.public,
            )
        )

    def body(self, kind: str, number: int = 0) -> Json:
        """The body of an entry of a kind, to be edited in place."""
        return [body for found, body in self.log if found == kind][number]

    def place(self, kind: str, number: int = 0) -> int:
        """Where an entry of a kind stands in the log."""
        return [i for i, (found, _) in enumerate(self.log) if found == kind][number]

    def open_vote(self, name: str, codes: list[tuple[str, str]]) -> None:
        self.register += (lines := [CodeLine(round=name, class_id=k, hash=sha256_hex(c)) for k, c in codes])
        classes: dict[str, int] = {}
        for class_id, _ in codes:
            classes[class_id] = classes.get(class_id, 0) + 1
        body = {"round": name, "lines": len(lines), "hash": codes_hash(self.register, name)}
        # All registers stand before anything opens, but for those of run-offs.
        regular = name in {one["id"] for one in self.rules["rounds"]}
        at = 1 if regular else len(self.log)
        self.log.insert(at, ("REGISTER", body | {"classes": classes}))

    def hold_vote(self, name: str, choices: list[tuple[str, Any]], rng: random.Random, channel: str) -> None:
        """Opens, takes ballots (class, choices), makes checkpoints, closes, seals."""
        self.log.append(("OPEN", {"round": name}))
        waiting: list[Json] = []
        box: list[Json] = []
        leaves: list[bytes] = []
        for n, (class_id, ranks) in enumerate(choices):
            made = make_receipt("best", name, rng.randbytes(16).hex())
            waiting.append(
                {"round": name, "class": class_id, "choices": ranks, "receipt": made.receipt,
                 "salt": made.salt, "channel": channel}
            )  # fmt: skip
            if channel == "code":
                self.spent.append(CodeLine(round=name, class_id=class_id, hash=sha256_hex(f"{name}-{n}")))
            if len(waiting) == self.batch and n + 1 < len(choices):
                box += (batch := sorted(waiting, key=leaf_of))
                leaves += [leaf_of(line) for line in batch]
                waiting = []
                self.log.append(("CHECKPOINT", {"round": name} | _head_of(leaves)))
        box += sorted(waiting, key=leaf_of)
        self.ballots += box
        self._close(name, box, [])

    def hold_jury(self, name: str, sheets: list[Json], admitted: list[str], rng: random.Random) -> None:
        """`sheets` without round and salt."""
        self.log.append(("OPEN", {"round": name}))
        box = [{"round": name, "salt": rng.randbytes(16).hex()} | sheet for sheet in sheets]
        box.sort(key=leaf_of)
        self.sheets += box
        self._close(name, box, admitted)

    def _close(self, name: str, box: list[Json], admitted: list[str]) -> None:
        head = _head(box)
        self.log.append(("CLOSE", {"round": name} | head))
        people = [one["id"] for one in self.rules["scrutineers"][: self.rules["approvals"]]]
        for scrutineer in people or ["organiser"]:
            said = {"round": name, "root": head["root"], "scrutineer": scrutineer}
            self.log.append(("APPROVE", said))
        seal = {"root": head["root"], "spent": codes_hash(self.spent, name), "admitted": admitted}
        self.log.append(("SEAL", {"round": name} | seal))

    def begin(self) -> None:
        self.log.append(("RULES", {"rules_hash": sha256_hex(canonical_json(self.rules))}))

    def finish(self, result: Json) -> None:
        self.result = result
        self.log.append(("RESULT", {"result_hash": sha256_hex(canonical_json(result))}))
        self.log.append(("REVEAL", {}))

    def rehead(self, name: str = "vote") -> None:
        """Makes all roots of a round's heads anew, as somebody who holds the key could."""
        box = [line for line in [*self.ballots, *self.sheets] if line["round"] == name]
        for kind, body in self.log:
            if kind in ("CHECKPOINT", "CLOSE") and body["round"] == name:
                body["root"] = _head(box[: body["count"]])["root"]
            if kind in ("APPROVE", "SEAL") and body["round"] == name:
                body["root"] = _head(box)["root"]

    def relog_result(self) -> None:
        self.body("RESULT")["result_hash"] = sha256_hex(canonical_json(self.result))


def _head(box: list[Json]) -> Json:
    return _head_of([leaf_of(line) for line in box])


def _head_of(leaves: list[bytes]) -> Json:
    return {"count": len(leaves), "root": root_of(leaves).hex()}


def code_names(name: str, choices: list[tuple[str, Any]], unused: int = 5) -> list[tuple[str, str]]:
    """The codes (class, code) of a vote whose ballots are given, and some that stay unused."""
    used = [(class_id, f"{name}-{n}") for n, (class_id, _) in enumerate(choices)]
    return used + [("guest", f"{name}-unused-{n}") for n in range(unused)]


def sample_choices(rng: random.Random, voters: int = 50) -> list[tuple[str, Any]]:
    """Ballots of members and guests for c, d, e, or for nobody."""
    return [
        (rng.choice(("guest", "member")), [[c]] if (c := rng.choice("cccddee-")) != "-" else [])
        for _ in range(voters)
    ]


def sample_marks() -> list[Json]:
    """Five sheets by which c, d and e are the best three; juror 5 keeps out of judging b."""
    given = {"a": 3, "b": 2, "c": 8, "d": 7, "e": 6}
    sheets: list[Json] = []
    for n in range(1, 6):
        marks = {c: {"idea": m + n % 2, "effect": m + n % 3} for c, m in given.items()}
        recused: Json = {}
        if n == 5:
            del marks["b"]
            recused = {"b": "employer"}
        sheets.append({"juror": f"j{n}", "recused": recused, "marks": marks})
    return sheets


def finished(draft: Draft) -> Draft:
    """The draft with the result that a recount of it gives."""
    draft.finish({"kind": "", "rounds": {}, "ties": []})
    audit = recount.Audit()
    audit.run(draft.files())
    del draft.log[-2:]
    draft.finish(audit.found)
    return draft


def sample(seed: int = 7, voters: int = 50) -> Draft:
    """A whole award: a jury's shortlist of three, a vote by code, shares of both."""
    rng = random.Random(seed)
    draft = Draft(rules=award_rules(jury_round(), vote_round()))
    draft.begin()
    choices = sample_choices(rng, voters)
    draft.open_vote("vote", code_names("vote", choices))
    draft.hold_jury("jury", sample_marks(), ["c", "d", "e"], rng)
    draft.hold_vote("vote", choices, rng, "code")
    return finished(draft)


def recounted(files: dict[str, str], folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and the report of a recount of these files, as a zip."""
    path = folder / "record.zip"
    path.write_bytes(zip_of(files))
    code = recount.main([str(path)])
    return code, capsys.readouterr().out
