"""What anyone can do to a copy of a record, without the key: the recount says what is wrong with it."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from server.record import recount
from server.record.archive import zip_of
from tests.server.record.builder import OTHER_KEY, Draft, Json, recounted
from tests.server.record.test_tampering import LIES
from voting.record.canonical import canonical_json, sha256_hex

Files = dict[str, str]
FileEdit = Callable[[Files], None]


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
    ways = [edit.__name__ for edit, _ in LIES] + [edit.__name__ for edit, _ in FILE_EDITS]
    assert len(set(ways)) == len(ways) >= 25
