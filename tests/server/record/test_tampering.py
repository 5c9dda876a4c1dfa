"""Every way of tampering with a record that we could think of makes the recount fail, and say why.

Some of these can be done by anyone who copies a record; some need the key, as only whoever ran the server
has it: then the log is chained and signed anew, and what gives it away is that the parts disagree.
"""

import copy
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.record import recount
from server.record.archive import zip_of
from tests.server.record.builder import OTHER_KEY, Draft, Json, sample
from voting.record.bundle import CodeLine, codes_hash
from voting.record.canonical import canonical_json, sha256_hex
from voting.record.merkle import leaf_of

Files = dict[str, str]
Edit = Callable[[Draft], None]
FileEdit = Callable[[Files], None]

WHOLE = sample()
"""A sound record; tests change copies of it."""


def recounted(files: Files, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and the report of a recount of these files, as a zip."""
    path = folder / "record.zip"
    path.write_bytes(zip_of(files))
    code = recount.main([str(path)])
    return code, capsys.readouterr().out


@pytest.fixture
def draft() -> Iterator[Draft]:
    yield copy.deepcopy(WHOLE)


def test_a_sound_record_fits(draft: Draft, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = recounted(draft.files(), tmp_path, capsys)

    assert code == 0, report
    assert "FAULT" not in report
    assert "Cand C wins" in report
    assert "What no recount can prove" in report
    assert len(report.splitlines()) <= 60


# -- with the key: the log is made anew around the lie ---------------------------------------------------


def ballot(draft: Draft, choice: str = "d") -> Json:
    return next(b for b in draft.ballots if b["choices"] == [[choice]])


def flip_a_choice(draft: Draft) -> None:
    ballot(draft)["choices"] = [["c"]]


def flip_and_forge_roots(draft: Draft) -> None:
    ballot(draft)["choices"] = [["c"]]
    draft.ballots[:20], draft.ballots[20:40], draft.ballots[40:] = (
        sorted(draft.ballots[at : at + 20], key=leaf_of) for at in (0, 20, 40)
    )
    draft.rehead()


def drop_a_ballot(draft: Draft) -> None:
    del draft.ballots[3]


def add_a_ballot_after_the_close(draft: Draft) -> None:
    draft.ballots.append(ballot(draft) | {"receipt": "aaaaaaaaaaaa"})


def add_a_ballot_and_forge_the_box(draft: Draft) -> None:
    extra = ballot(draft) | {"receipt": "aaaaaaaaaaaa"}
    draft.ballots = draft.ballots[:40] + sorted([*draft.ballots[40:], extra], key=leaf_of)
    draft.body("CLOSE", 1)["count"] += 1
    draft.rehead()


def double_a_receipt(draft: Draft) -> None:
    draft.ballots[41]["receipt"] = draft.ballots[42]["receipt"]
    draft.ballots[40:] = sorted(draft.ballots[40:], key=leaf_of)
    draft.rehead()


def reorder_the_box(draft: Draft) -> None:
    draft.ballots[0], draft.ballots[1] = draft.ballots[1], draft.ballots[0]
    draft.rehead()


def change_a_salt(draft: Draft) -> None:
    draft.ballots[5]["salt"] = "0" * 32


def swap_names(draft: Draft) -> None:
    one, other = draft.rules["candidates"][2:4]
    one["name"], other["name"] = other["name"], one["name"]
    draft.log[0] = WHOLE.log[0]


def change_a_criterion_weight(draft: Draft) -> None:
    draft.rules["rounds"][0]["criteria"][0]["weight"] = 9
    draft.log[0] = WHOLE.log[0]


def refreeze(draft: Draft) -> None:
    """The frozen rules are exchanged as well, so that only the result can give it away."""
    kind, _ = draft.log[0]
    draft.log.pop(0)
    draft.begin()
    draft.log.insert(0, draft.log.pop())
    assert draft.log[0][0] == kind


def change_a_class_weight(draft: Draft) -> None:
    draft.rules["rounds"][1]["classes"][1]["weight"] = 5
    refreeze(draft)


def change_the_quorum(draft: Draft) -> None:
    draft.rules["rounds"][0]["quorum_min"] = 5
    refreeze(draft)


def reorder_the_log(draft: Draft) -> None:
    close, seal = draft.place("CLOSE", 1), draft.place("SEAL", 1)
    draft.log[close], draft.log[seal] = draft.log[seal], draft.log[close]


def forge_a_count(draft: Draft) -> None:
    draft.body("CHECKPOINT")["count"] = 21


def checkpoint_too_small(draft: Draft) -> None:
    draft.body("CHECKPOINT", 1)["count"] = 25


def close_with_fewer(draft: Draft) -> None:
    draft.body("CLOSE", 1)["count"] = 49


def spend_fewer(draft: Draft) -> None:
    draft.spent.pop()
    relog_spent(draft)


def relog_spent(draft: Draft) -> None:
    draft.body("SEAL", 1)["spent"] = codes_hash(draft.spent, "vote")


def spend_a_stranger(draft: Draft) -> None:
    code = draft.spent.pop()
    draft.spent.append(CodeLine(round="vote", class_id=code.class_id, hash="f" * 64))
    relog_spent(draft)


def move_a_code_to_another_class(draft: Draft) -> None:
    draft.register.append(CodeLine(round="vote", class_id="member", hash="e" * 64))


def void_without_signatures(draft: Draft) -> None:
    said = {"receipt": draft.ballots[0]["receipt"], "reason": "Stuffed", "by": ["s1"]}
    draft.log.insert(draft.place("RESULT"), ("VOIDED", said))


def void_signed_twice_by_one(draft: Draft) -> None:
    said = {"receipt": draft.ballots[0]["receipt"], "reason": "Stuffed", "by": ["s1", "Scrutineer 1"]}
    draft.log.insert(draft.place("RESULT"), ("VOIDED", said))


def void_what_is_not_there(draft: Draft) -> None:
    said = {"receipt": "zzzzzzzzzzzz", "reason": "Stuffed", "by": ["s1", "s2"]}
    draft.log.insert(draft.place("RESULT"), ("VOIDED", said))


def withdraw_without_reason(draft: Draft) -> None:
    said = {"candidate": "e", "reason": " ", "by": ["s1", "s2"]}
    draft.log.insert(draft.place("RESULT"), ("WITHDRAWN", said))


def withdraw_after_the_result(draft: Draft) -> None:
    said = {"candidate": "e", "reason": "Left", "by": ["s1", "s2"]}
    draft.log.append(("WITHDRAWN", said))


def approve_by_a_stranger(draft: Draft) -> None:
    draft.body("APPROVE", 2)["scrutineer"] = "mallory"


def approve_twice_by_one(draft: Draft) -> None:
    draft.body("APPROVE", 3)["scrutineer"] = "s1"


def approve_another_box(draft: Draft) -> None:
    draft.body("APPROVE", 2)["root"] = "0" * 64


def seal_another_box(draft: Draft) -> None:
    draft.body("SEAL", 1)["root"] = "0" * 64


def change_the_shortlist(draft: Draft) -> None:
    draft.body("SEAL", 0)["admitted"] = ["b", "c", "d", "e"]


def leave_out_a_sheet(draft: Draft) -> None:
    draft.sheets.pop()


def leave_out_a_sheet_and_forge_the_box(draft: Draft) -> None:
    draft.sheets.pop()
    draft.body("CLOSE", 0)["count"] = 4
    draft.rehead("jury")


def change_a_mark(draft: Draft) -> None:
    draft.sheets[0]["marks"]["d"]["idea"] = 10


def mark_off_the_scale(draft: Draft) -> None:
    draft.sheets[0]["marks"]["d"]["idea"] = 11
    draft.sheets.sort(key=leaf_of)
    draft.rehead("jury")


def judge_twice(draft: Draft) -> None:
    draft.sheets[0]["juror"] = draft.sheets[1]["juror"]
    draft.sheets.sort(key=leaf_of)
    draft.rehead("jury")


def recuse_without_a_reason_class(draft: Draft) -> None:
    draft.sheets[0]["recused"] = {"a": "dislike"}
    draft.sheets.sort(key=leaf_of)
    draft.rehead("jury")


def open_before_the_jury_is_sealed(draft: Draft) -> None:
    draft.log.insert(draft.place("SEAL", 0), draft.log.pop(draft.place("OPEN", 1)))


def exchange_the_register_later(draft: Draft) -> None:
    draft.log.insert(draft.place("OPEN", 1), ("REGISTER", draft.body("REGISTER")))


def hands_confirmed_by_one(draft: Draft) -> None:
    said = {"round": "vote", "channel": "hands", "class": "guest", "counts": {}, "by": ["Ann", "Ann "]}
    draft.log.insert(draft.place("CLOSE", 1), ("CHANNEL", said))


def hands_that_are_not_in_the_box(draft: Draft) -> None:
    said: Json = {"round": "vote", "channel": "hands", "class": "guest", "by": ["Ann", "Bo"]}
    draft.log.insert(draft.place("CLOSE", 1), ("CHANNEL", said | {"counts": {'[["c"]]': 3}}))


def vote_by_another_channel(draft: Draft) -> None:
    draft.ballots[45]["channel"] = "device"
    draft.ballots[40:] = sorted(draft.ballots[40:], key=leaf_of)
    draft.rehead()


def vote_for_an_unlisted_candidate(draft: Draft) -> None:
    ballot(draft)["choices"] = [["a"]]


def vote_for_two(draft: Draft) -> None:
    ballot(draft)["choices"] = [["c", "d"]]


def rank_on_a_single_ballot(draft: Draft) -> None:
    ballot(draft)["choices"] = [["d"], ["c"]]


def wrong_winner(draft: Draft) -> None:
    draft.result = copy.deepcopy(draft.result) | {"winners": ["d"]}
    draft.relog_result()


def wrong_kind(draft: Draft) -> None:
    draft.result = copy.deepcopy(draft.result) | {"kind": "shared"}
    draft.relog_result()


def wrong_percentage(draft: Draft) -> None:
    draft.result = copy.deepcopy(draft.result)
    draft.result["rounds"]["vote"]["percent"]["c"] = "58"
    draft.relog_result()


def wrong_figure(draft: Draft) -> None:
    draft.result = copy.deepcopy(draft.result)
    draft.result["combined"]["c"] = "1"
    draft.relog_result()


def forget_to_log_the_result(draft: Draft) -> None:
    draft.result = copy.deepcopy(draft.result) | {"kind": "shared"}


def cut_the_log(draft: Draft) -> None:
    del draft.log[draft.place("RESULT") :]


def cut_the_log_before_the_seal(draft: Draft) -> None:
    del draft.log[draft.place("SEAL", 1) :]


EDITS: list[tuple[Edit, str]] = [
    (flip_a_choice, "the root of the first"),
    (flip_and_forge_roots, "rounds, vote, figures, c: the record says"),
    (drop_a_ballot, "1 ballots of the closed box are missing"),
    (add_a_ballot_after_the_close, "1 ballots were added after the close"),
    (add_a_ballot_and_forge_the_box, "used codes, but"),
    (double_a_receipt, "the receipt comes twice"),
    (reorder_the_box, "not sorted by their hashes"),
    (change_a_salt, "the root of the first 20"),
    (swap_names, "rules.json is not what was frozen"),
    (change_a_criterion_weight, "rules.json is not what was frozen"),
    (change_a_class_weight, "combined, c: the record says"),
    (change_the_quorum, "not_rated: the record says"),
    (reorder_the_log, "this cannot happen to the round as it stands"),
    (forge_a_count, "the root of the first 21"),
    (checkpoint_too_small, "at least 20 new ones make a checkpoint"),
    (close_with_fewer, "1 ballots were added after the close"),
    (spend_fewer, "used codes, but"),
    (spend_a_stranger, "1 used codes are not in the register"),
    (move_a_code_to_another_class, "register.txt is not what was logged"),
    (void_without_signatures, "1 scrutineers stand behind it, 2 must"),
    (void_signed_twice_by_one, "1 scrutineers stand behind it, 2 must"),
    (void_what_is_not_there, "the voided ballot zzzzzzzzzzzz is not in the box"),
    (withdraw_without_reason, "no reason is given"),
    (withdraw_after_the_result, "nothing changes after the RESULT"),
    (approve_by_a_stranger, "mallory is no scrutineer"),
    (approve_twice_by_one, "1 scrutineers approved this box, 2 must"),
    (approve_another_box, "1 scrutineers approved this box, 2 must"),
    (seal_another_box, "the box that was sealed is not the one that was closed"),
    (change_the_shortlist, "b, c, d, e went on, the recount gives c, d, e"),
    (leave_out_a_sheet, "of the closed box are missing"),
    (leave_out_a_sheet_and_forge_the_box, "rounds, jury, ballots: the record says 5, the recount gives 4"),
    (change_a_mark, "the root of the first 5"),
    (mark_off_the_scale, "the mark 11 for idea is not on the scale"),
    (judge_twice, "or a second sheet"),
    (recuse_without_a_reason_class, "unknown reason for keeping out"),
    (open_before_the_jury_is_sealed, "before the round before it was sealed"),
    (exchange_the_register_later, "the register was changed after it was fixed"),
    (hands_confirmed_by_one, "two different people must confirm it"),
    (hands_that_are_not_in_the_box, "not the confirmed counts"),
    (vote_by_another_channel, "the channel device is not open"),
    (vote_for_an_unlisted_candidate, "names a, who does not stand in this round"),
    (vote_for_two, "names 2, the rules allow 1 to 1"),
    (rank_on_a_single_ballot, "does not have the form single"),
    (wrong_winner, 'winners: the record says ["d"], the recount gives ["c"]'),
    (wrong_kind, 'kind: the record says "shared", the recount gives "winner"'),
    (wrong_percentage, 'percent, c: the record says "58", the recount gives "57"'),
    (wrong_figure, 'combined, c: the record says "1"'),
    (forget_to_log_the_result, "result.json is not what was logged"),
    (cut_the_log, "the log holds no RESULT"),
    (cut_the_log_before_the_seal, "round vote was not sealed"),
]


@pytest.mark.parametrize(("edit", "message"), EDITS, ids=[edit.__name__ for edit, _ in EDITS])
def test_lies_of_whoever_holds_the_key_are_found(
    edit: Edit, message: str, draft: Draft, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(draft)

    code, report = recounted(draft.files(), tmp_path, capsys)

    assert code == 1
    assert message in report, report
    assert "Traceback" not in report


# -- without the key: copies of a record are edited ------------------------------------------------------


def lines(files: Files, name: str) -> list[str]:
    return files[name].splitlines(keepends=True)


def edit_line(files: Files, name: str, number: int, change: Callable[[Json], None]) -> None:
    every = lines(files, name)
    value = json.loads(every[number])
    change(value)
    every[number] = canonical_json(value) + "\n"
    files[name] = "".join(every)


def wrong_signature(files: Files) -> None:
    at = next(i for i, line in enumerate(lines(files, "log.jsonl")) if '"CHECKPOINT"' in line)
    edit_line(files, "log.jsonl", at, lambda e: e.update(sig="0" * 128))


def no_signature(files: Files) -> None:
    at = next(i for i, line in enumerate(lines(files, "log.jsonl")) if '"SEAL"' in line)
    edit_line(files, "log.jsonl", at, lambda e: e.update(sig=""))


def other_key(files: Files) -> None:
    files["key.txt"] = OTHER_KEY.public + "\n"


def no_key(files: Files) -> None:
    files["key.txt"] = "ff" * 32 + "\n"


def rehash_from_the_middle(files: Files) -> None:
    every = [json.loads(line) for line in lines(files, "log.jsonl")]
    every[3]["body"]["round"] = "vote"
    for before, entry in zip(every[2:], every[3:], strict=False):
        entry["prev"] = before["hash"]
        content = {k: v for k, v in entry.items() if k not in ("hash", "sig")}
        entry["hash"] = sha256_hex(canonical_json(content))
    files["log.jsonl"] = "".join(canonical_json(entry) + "\n" for entry in every)


def alter_an_entry(files: Files) -> None:
    edit_line(files, "log.jsonl", 5, lambda e: e.update(at_ms=1))


def leave_out_an_entry(files: Files) -> None:
    every = lines(files, "log.jsonl")
    del every[4]
    files["log.jsonl"] = "".join(every)


def swap_two_entries(files: Files) -> None:
    every = lines(files, "log.jsonl")
    every[4], every[5] = every[5], every[4]
    files["log.jsonl"] = "".join(every)


def a_float(files: Files) -> None:
    files["rules.json"] = files["rules.json"].replace('"weight":3', '"weight":3.0')


def a_large_float(files: Files) -> None:
    files["result.json"] = files["result.json"].replace('"weight":5', '"weight":1e400')


def not_a_number(files: Files) -> None:
    files["result.json"] = files["result.json"].replace('"weight":5', '"weight":NaN')


def spaces(files: Files) -> None:
    files["rules.json"] = files["rules.json"].replace(":", ": ", 1)


def a_key_twice(files: Files) -> None:
    files["result.json"] = files["result.json"].replace('{"award":', '{"award":"x","award":', 1)


def decomposed_letters(files: Files) -> None:
    files["rules.json"] = files["rules.json"].replace("Cand A", "Cand A\u0301")


def unsorted_register(files: Files) -> None:
    first, second, *others = lines(files, "register.txt")
    files["register.txt"] = "".join([second, first, *others])


def spent_changed(files: Files) -> None:
    files["spent.txt"] = "".join(lines(files, "spent.txt")[1:])


def no_line_end(files: Files) -> None:
    files["ballots.jsonl"] = files["ballots.jsonl"].rstrip("\n")


def a_file_less(files: Files) -> None:
    del files["spent.txt"]


def a_file_more(files: Files) -> None:
    files["more.jsonl"] = ""


def an_unknown_field(files: Files) -> None:
    edit_line(files, "ballots.jsonl", 0, lambda b: b.update(voter="ann"))


def a_field_less(files: Files) -> None:
    edit_line(files, "ballots.jsonl", 0, lambda b: b.pop("salt"))


def an_unknown_entry(files: Files) -> None:
    edit_line(files, "log.jsonl", 3, lambda e: e.update(type="MAGIC"))


def a_text_for_a_number(files: Files) -> None:
    edit_line(files, "log.jsonl", 0, lambda e: e.update(seq="1"))


def no_json(files: Files) -> None:
    files["result.json"] = "{"


def deep_json(files: Files) -> None:
    files["result.json"] = "[" * 100_000


def a_list_for_an_object(files: Files) -> None:
    files["rules.json"] = "[]"


FILE_EDITS: list[tuple[FileEdit, str]] = [
    (wrong_signature, "the signature is not valid"),
    (no_signature, "the signature is not valid"),
    (other_key, "the signature is not valid"),
    (no_key, "no public key of Ed25519"),
    (rehash_from_the_middle, "the signature is not valid"),
    (alter_an_entry, "log entry 6 (APPROVE): was altered"),
    (leave_out_an_entry, "log entry 5 (APPROVE): has the number 6"),
    (swap_two_entries, "does not continue the entry before it"),
    (a_float, "a number that is not whole: 3.0"),
    (a_large_float, "a number that is not whole: 1e400"),
    (not_a_number, "a number that is not whole: NaN"),
    (spaces, "rules.json is not canonical JSON"),
    (a_key_twice, "result.json is not canonical JSON"),
    (decomposed_letters, "not in Unicode form NFC"),
    (unsorted_register, "register.txt: is not sorted"),
    (spent_changed, "spent.txt is not what was sealed"),
    (no_line_end, "does not end with a line end"),
    (a_file_less, "spent.txt is missing"),
    (a_file_more, "no part of a record: more.jsonl"),
    (an_unknown_field, "unknown fields"),
    (a_field_less, "lacks “salt”"),
    (an_unknown_entry, "unknown type 'MAGIC'"),
    (a_text_for_a_number, "is of the wrong kind"),
    (no_json, "result.json is not JSON"),
    (deep_json, "result.json is not JSON"),
    (a_list_for_an_object, "rules.json is not an object"),
]


@pytest.mark.parametrize(("edit", "message"), FILE_EDITS, ids=[edit.__name__ for edit, _ in FILE_EDITS])
def test_edited_copies_are_found(
    edit: FileEdit, message: str, draft: Draft, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = draft.files()
    edit(files)

    code, report = recounted(files, tmp_path, capsys)

    assert code == 1
    assert message in report, report


def test_a_zip_with_a_name_twice_is_refused(
    draft: Draft, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "record.zip"
    with zipfile.ZipFile(path, "w") as box:
        for name, text in draft.files().items():
            box.writestr(name, text)
        with pytest.warns(UserWarning, match="Duplicate name"):
            box.writestr("ballots.jsonl", "")

    assert recount.main([str(path)]) == 1
    assert "a file name twice" in capsys.readouterr().out


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + b"x" * 40])
def test_what_is_no_record_gets_a_plain_message(
    data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "record.zip"
    path.write_bytes(data)

    assert recount.main([str(path)]) == 1
    assert "cannot be read as a zip or a folder" in capsys.readouterr().out


def test_damaged_zips_never_give_a_traceback(
    draft: Draft, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = zip_of(draft.files())
    path = tmp_path / "record.zip"
    for at in range(0, len(whole), 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        recount.main([str(path)])
        assert "FAULT" in capsys.readouterr().out or path.read_bytes() != whole


def test_a_folder_is_read_as_well(draft: Draft, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in draft.files().items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")

    assert recount.main([str(tmp_path)]) == 0
    assert "Everything fits" in capsys.readouterr().out


def test_every_way_is_another_one() -> None:
    assert len(EDITS) + len(FILE_EDITS) >= 25
