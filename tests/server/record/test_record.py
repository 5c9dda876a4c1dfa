"""Signing, the zip, and the recount on whole awards: speed, totals, command line, RFC 8032's vectors."""

import ast
import io
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from server.record import recount
from server.record.archive import RECOUNT, write_record, zip_of
from server.record.signing import RecordKey, is_signed
from tests.server.record.builder import KEY, sample
from voting.record.bundle import Record
from voting.record.log import EntryType, make_entry

MOST_LINES = 500
"""What recount.py may have, all lines counted."""

# RFC 8032, section 7.1, TEST 1 to 3: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_signatures_are_checked_as_rfc_8032_says(public: str, message: str, signature: str) -> None:
    key, said, sig = recount.Key(bytes.fromhex(public)), bytes.fromhex(message), bytes.fromhex(signature)

    assert key.signed(said, sig)
    assert not key.signed(said + b"x", sig)
    assert not key.signed(said, sig[:-1])
    assert not key.signed(said, bytes([sig[0] ^ 1]) + sig[1:])
    too_large = (int.from_bytes(sig[32:], "little") + recount.L).to_bytes(32, "little")
    assert not key.signed(said, sig[:32] + too_large)


def test_heads_are_signed_and_nothing_else(tmp_path: Path) -> None:
    key = RecordKey.load(tmp_path / "record.key")
    head = key.sign(make_entry(after=None, at_ms=1, type=EntryType.SEAL, body={}))
    other = key.sign(make_entry(after=None, at_ms=1, type=EntryType.OPEN, body={}))

    assert is_signed(head, key.public)
    assert not is_signed(head, KEY.public)
    assert other.sig == ""
    assert recount.Key(bytes.fromhex(key.public)).signed(bytes.fromhex(head.hash), bytes.fromhex(head.sig))
    assert RecordKey.load(tmp_path / "record.key").public == key.public
    assert [file.name for file in tmp_path.iterdir()] == ["record.key"]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.key"
    RecordKey.load(path)
    path.chmod(0o644)

    with pytest.raises(PermissionError, match="chmod 600"):
        RecordKey.load(path)


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.key"
    path.touch(mode=0o600)

    with pytest.raises(PermissionError, match="damaged"):
        RecordKey.load(path)


def record() -> Record:
    draft = sample()
    return Record(
        rules=draft.rules,
        register=draft.register,
        spent=draft.spent,
        ballots=draft.ballots,
        sheets=draft.sheets,
        log=draft.entries(),
        result=draft.result,
        public_key=draft.key.public,
    )


def test_equal_records_give_equal_bytes() -> None:
    assert write_record(record()) == write_record(record())


def test_the_record_recounts_itself(tmp_path: Path) -> None:
    """As a voter would: unpack the zip, run its own recount.py with a bare Python."""
    zipfile.ZipFile(io.BytesIO(write_record(record()))).extractall(tmp_path)
    command = [sys.executable, "-I", str(tmp_path / "recount.py"), str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "Cand C wins" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["nowhere.zip"], ["one.zip", "two.zip"]])
def test_without_a_record_it_says_how_to_use_it(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """It said of a record that was not there that it does not fit."""
    assert recount.main(arguments) == 1
    report = capsys.readouterr().out
    assert "Nothing was counted. Say which record: python3 recount.py record.zip" in report
    assert "does NOT fit" not in report


def test_as_people_run_it_in_its_own_folder(tmp_path: Path) -> None:
    """The report written into the folder was "no part of a record", as was what a desktop leaves there; and
    a terminal that lacks a letter of a name ended the recount."""
    zipfile.ZipFile(io.BytesIO(write_record(record()))).extractall(tmp_path / "my record")
    for left in ("report.txt", ".DS_Store"):
        (tmp_path / "my record" / left).write_text("x")
    said = []
    for folder, words in (("my record", []), ("my record", ["."]), (".", ["my", "record"])):
        command = [sys.executable, str(tmp_path / "my record" / "recount.py"), *words]
        done = subprocess.run(
            command,
            cwd=tmp_path / folder,
            env={"PYTHONIOENCODING": "ascii"},
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b""), done.stdout
        said.append(done.stdout)
    assert said[0] == said[1] == said[2]
    assert said[0].startswith(b"Recount of ?")


def test_it_needs_nothing_but_python_3_9() -> None:
    tree = ast.parse(RECOUNT.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert imported <= sys.stdlib_module_names


def test_it_stays_short_enough_to_be_read() -> None:
    lines = RECOUNT.read_text(encoding="utf-8").splitlines()

    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= 130


def test_5000_ballots_take_less_than_a_second(tmp_path: Path) -> None:
    """About 0.6 s on a quiet machine; the bound here leaves room for a busy one."""
    path = tmp_path / "record.zip"
    path.write_bytes(zip_of(sample(voters=5000).files()))
    started = time.process_time()

    assert recount.main([str(path)]) == 0

    assert time.process_time() - started < 2


def test_a_jury_that_publishes_totals_keeps_its_marks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = sample()
    draft.rules["rounds"][0]["publish"] = "totals"
    draft.log.pop(0)
    draft.begin()
    draft.log.insert(0, draft.log.pop())
    draft.result["rules_hash"] = draft.body("RULES")["rules_hash"]
    draft.relog_result()
    files = draft.files()
    path = tmp_path / "record.zip"
    path.write_bytes(zip_of(files))

    assert recount.main([str(path)]) == 0, capsys.readouterr().out
    report = capsys.readouterr().out
    assert "marks" not in files["sheets.jsonl"]
    assert "its figures are taken as given" in report or "figures are taken as given" in report
