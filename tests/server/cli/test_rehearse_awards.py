"""`hemicycle rehearse` holds the awards of an event too, and says what does not fit."""

import io
import json
import zipfile
from pathlib import Path

import httpx
import pytest

from server.rehearsal.award_jury import sheet_fields
from server.rehearsal.award_record import leaf, recount
from server.rehearsal.award_report import AwardReport, award_words
from server.rehearsal.award_vote import Vote, hall, ranks
from server.rehearsal.run import Report
from tests.server.cli.served import EVENT, Served, command, good
from voting.record.merkle import leaf_of

AWARDS = """\
awards:
  - id: shares
    title: By shares
    session: opening
    candidates: [Ada, Grace, Mary, Hedy]
    jury:
      jurors: [{{name: One, chair: true}}, Two, Three, Four]
      criteria: [{{name: Craft, scale: [1, 6]}}]
      shortlist: 3
    pitches: {{seconds: 60}}
    vote:
      electorate: codes
      classes: [{{id: member, name: Members, weight: 2}}, {{id: guest, name: Guests}}]
      ballot: ranking
      method: borda
    decision:
      blend: shares
      weights: {{jury: 2, audience: 1}}
      ladder: [audience, chair, shared]
    scrutineers: [Ann, Ben, Cleo]
    checkpoints: {{every: 5s, min_new: 5}}
  - id: open
    title: By phones
    session: opening
    candidates: [Ada, Grace]
    vote: {{electorate: devices}}
    decision: {{ladder: [lot], draw: the numbers of Saturday}}
"""
"""A jury with a hall of two classes; and an open vote without jury or scrutineers."""

WITH_AWARDS = EVENT.replace("- title: Opening", "- id: opening\n    title: Opening")


def event_file() -> str:
    return WITH_AWARDS + AWARDS


def record_of(served: Served, event: str, award: str) -> bytes:
    answer = httpx.get(f"{served.base}/award/{event}/{award}/record.zip", verify=False)
    assert answer.status_code == 200
    return answer.content


def test_rehearsal_holds_the_awards_from_freeze_to_recount(served: Served, tmp_path: Path) -> None:
    event = served.load(tmp_path, event_file())
    words = ("rehearse", event, "--voters", 30, "--seconds", 0.3, "--json")
    for _ in range(2):  # the second replaces the first
        result = command(*words, data=served.data)
        assert result.exit_code == 0, result.output
        shares, phones = json.loads(result.stdout)["awards"]
        assert shares["faults"] == phones["faults"] == []
        assert (shares["locked"], shares["recused"], shares["codes"]) == (4, 1, 30)
        assert shares["accepted"] == shares["found"] == phones["found"] == 30
        assert (shares["sent_twice"], shares["refused"], phones["refused"]) == (6, 10, 5)
        assert (shares["seals"], phones["seals"], shares["told"], phones["told"]) == (2, 1, 30, 30)
        assert shares["steps"] >= 2
        assert shares["pitches"] >= 3 and phones["pitches"] == 0
    # The original is as it was, its rules not even frozen.
    page = httpx.get(
        f"{served.base}/organise/{event}/award/shares/status", headers=served.organiser(event), verify=False
    )
    assert (page.json()["phase"], page.json()["frozen"]) == ("draft", False)

    # What the recount says is not for show: a ballot that is gone makes it say so.
    record = record_of(served, f"{event}-rehearsal", "open")
    assert recount(record)[1]
    assert not recount(without_a_ballot(record))[1]


def without_a_ballot(record: bytes) -> bytes:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(record)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.partition(b"\n")[2] if name.endswith("ballots.jsonl") else content)
    return changed.getvalue()


def test_awards_are_left_out_on_request_and_never_held_in_place(served: Served, tmp_path: Path) -> None:
    event = served.load(tmp_path, event_file())
    words = ("rehearse", event, "--voters", 2, "--seconds", 0.1)
    assert json.loads(good(*words, "--json", "--no-awards", data=served.data))["awards"] == []
    refused = command(*words, "--in-place", "--awards", data=served.data)
    assert refused.exit_code == 2
    assert "an award's rules are frozen for good" in refused.stderr


def test_a_fault_makes_the_report_unsound_and_is_told_in_words() -> None:
    award = AwardReport(award="prize", accepted=9, found=8, pitches=3)
    award.must(True, "not this")
    assert Report(event="hall", awards=[award]).is_sound
    award.must(False, "1 ballot is not in the record")
    assert not Report(event="hall", awards=[award]).is_sound
    assert not Report(event="hall", lost=1).is_sound
    assert award_words(award)[-1] == "  Wrong: 1 ballot is not in the record"
    assert "3 finalists pitched before the last round." in "\n".join(award_words(award))
    assert "8 of 9 receipts are in the record" in "\n".join(award_words(award))


@pytest.mark.parametrize(("form", "least", "most"), [("single", 1, 1), ("approval", 2, 3), ("ranking", 2, 4)])
def test_ballots_of_the_hall_keep_to_the_paper(form: str, least: int, most: int) -> None:
    paper = {
        "id": "v",
        "form": form,
        "least": least,
        "most": most,
        "abstain": True,
        "candidates": ["a", "b", "c", "d"],
    }
    voters = hall(paper, [("", "voters")] * 60)
    named = [len(voter.selections) for voter in voters]
    assert set(named) <= {0, *range(least, most + 1)}
    assert named.count(0) == 2
    assert all(len(set(voter.selections)) == len(voter.selections) for voter in voters)
    assert ranks("approval", ("b", "a")) == [["a", "b"]]
    assert ranks("ranking", ("b", "a")) == [["b"], ["a"]]
    assert ranks("single", ()) == []


def test_a_leaf_is_that_of_the_ballot_in_the_record() -> None:
    ballot = {"round": "v", "choices": [["a"]], "receipt": "abcdefghijkl", "salt": "0" * 32}
    vote = Vote(
        base="",
        path="",
        award="prize",
        round={"electorate": "devices"},
        voters=[],
        seconds=0,
        report=AwardReport(award="prize"),
    )
    voter = hall(
        {"id": "v", "form": "single", "least": 1, "most": 1, "abstain": False, "candidates": ["a"]},
        [("", "guest")],
    )[0]
    voter.ballot = {**ballot, "code": ""}
    in_record = {**ballot, "class": "guest", "channel": "device"}
    assert leaf(vote, voter) == leaf_of(in_record).hex()
    assert leaf(vote, voter) != leaf_of({**in_record, "choices": [["b"]]}).hex()


@pytest.mark.parametrize("rule", ["mean", "approval", "borda"])
def test_sheets_of_the_jury_recuse_and_fill_in_what_the_rule_reads(rule: str) -> None:
    criteria = [{"id": "craft", "low": 2, "high": 5}] if rule == "mean" else []
    round_ = {
        "jurors": ["p", "q", "r", "s"],
        "candidates": ["a", "b", "c"],
        "criteria": criteria,
        "rule": rule,
        "picks": 2,
    }
    whole, last = sheet_fields(round_, 0, upto=3), sheet_fields(round_, 3, upto=3)
    kind = {"mean": "mark", "approval": "pick", "borda": "rank"}[rule]
    assert {name.partition(".")[0] for name in whole} == {kind}
    assert last["recused.c"] == "employer"
    assert not any(name.startswith(f"{kind}.c") for name in last)
    if rule == "mean":
        assert all(2 <= int(mark) <= 5 for mark in whole.values())
    if rule == "borda":
        assert sorted(whole.values()) == ["1", "2", "3"]
