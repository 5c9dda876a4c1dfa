"""What the log may tell: entries that no award makes, and when chair and draw are heard. Whoever holds the
key made the log anew around the lie, so only the story gives it away."""

import random
from enum import StrEnum
from pathlib import Path

import pytest

from server.record import recount
from server.record.archive import zip_of
from tests.server.record.builder import Draft, award_rules, code_names, finished, sample, vote_round
from voting.record import log


def tied(names: str = "cde") -> Draft:
    """A hall that gives each of these one vote; the ladder asks the chair, then the lot. No result yet."""
    draft = Draft(rules=award_rules(vote_round(), blend="audience", ladder=["chair", "lot", "shared"]))
    draft.begin()
    choices = [("guest", [[name]]) for name in names]
    draft.open_vote("vote", code_names("vote", choices))
    draft.hold_vote("vote", choices, random.Random(5), "code")
    return draft


def withdrawn(candidate: str) -> tuple[str, dict[str, object]]:
    return "WITHDRAWN", {"candidate": candidate, "reason": "ill", "by": ["s1", "s2"]}


def chair(candidate: str, name: str = "") -> tuple[str, dict[str, object]]:
    return "CHAIR", {"candidate": candidate, "name": name}


def recounted(draft: Draft, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    path = folder / "record.zip"
    path.write_bytes(zip_of(draft.files()))
    return recount.main([str(path)]), capsys.readouterr().out


@pytest.mark.parametrize("kind", ["PAUSE", "RESUME"])
def test_a_vote_that_was_paused_is_no_vote_of_ours(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = sample()
    others = {one.name: one.value for one in log.EntryType}
    monkeypatch.setattr("tests.server.record.builder.EntryType", StrEnum("Older", others | {kind: kind}))
    draft.log.insert(draft.place("CLOSE", 1), (kind, {"round": "vote"}))

    code, report = recounted(draft, tmp_path, capsys)

    assert code == 1
    assert f"unknown type '{kind}'" in report, report


def test_the_chair_decides_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = tied()
    draft.log.append(chair("c"))
    code, report = recounted(finished(draft), tmp_path, capsys)
    assert code == 0 and "Cand C wins" in report, report

    draft = tied()
    draft.log += [chair("c"), chair("d")]
    code, report = recounted(finished(draft), tmp_path, capsys)
    assert code == 1
    assert "(CHAIR): it is told once" in report, report


def test_whoever_had_the_casting_vote_is_a_chair_by_the_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, fits in (("Juror 1", True), ("Juror 2", False), ("", False)):
        draft = sample()
        draft.log.insert(draft.place("RESULT"), chair("c", name))
        code, report = recounted(draft, tmp_path, capsys)
        assert (code == 0) is fits, report
        assert ("(CHAIR): names no chair" in report) is not fits, report


def test_after_a_withdrawal_the_chair_is_asked_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tied()
    draft.log += [chair("c"), withdrawn("c"), chair("d")]
    code, report = recounted(finished(draft), tmp_path, capsys)
    assert code == 0 and "Cand D wins" in report, report

    draft = tied()
    draft.log += [chair("d"), withdrawn("c")]
    finished(draft)
    assert draft.result["kind"] == "undecided", "what the chair said was said of another tie"


@pytest.mark.parametrize("entry", [chair("c"), ("DRAW", {"text": "7 11"})])
def test_chair_and_draw_are_heard_when_every_box_is_sealed(
    entry: tuple[str, dict[str, object]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in ("OPEN", "CLOSE", "SEAL"):
        draft = tied()
        draft.log.insert(draft.place(place), entry)
        code, report = recounted(finished(draft), tmp_path, capsys)
        assert code == 1, place
        assert "when all is sealed" in report, report
