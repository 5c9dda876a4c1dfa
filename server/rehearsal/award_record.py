"""The published record of a rehearsed award: downloaded, recounted by its program, searched for receipts."""

import asyncio
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from server.rehearsal.asking import Asker, RehearsalError
from server.rehearsal.award_report import AwardReport
from server.rehearsal.award_vote import Vote, Voter
from voting.record.merkle import leaf_of
from voting.record.receipt import show_receipt

RECOUNT_S = 120
LOOKED_UP = 3
"""Receipts that are also typed into the public page, as voters do."""


async def check_record(staff: Asker, path: str, votes: list[Vote], report: AwardReport) -> None:
    """Download the record and note what does not fit. `path` is EVENT/AWARD."""
    content = (await staff.send("GET", f"/award/{path}/record.zip")).content
    await check_whole(content, report)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as files:
            ballots = [json.loads(line) for line in files.read("ballots.jsonl").splitlines()]
            log = [json.loads(line) for line in files.read("log.jsonl").splitlines()]
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise RehearsalError(f"the record of {path} cannot be read: {error}") from None
    report.checkpoints = sum(entry["type"] == "CHECKPOINT" for entry in log)
    report.seals = sum(entry["type"] == "SEAL" for entry in log)
    leaves = {one["leaf"] if "leaf" in one else leaf_of(one).hex() for one in ballots}
    cast = [(vote, voter) for vote in votes for voter in vote.voters if voter.is_counted]
    report.found = sum(leaf(vote, voter) in leaves for vote, voter in cast)
    lost = len(cast) - report.found
    report.must(not lost, f"{lost} ballots that were counted are not in the record as they were cast")
    counted = len(cast) + report.by_hand
    report.must(len(ballots) == counted, f"the record holds {len(ballots)} ballots, {counted} were counted")
    if all("leaf" not in one for one in ballots):
        for _, voter in cast[:LOOKED_UP]:
            await _look_up(staff, path, voter.ballot["receipt"], report)


async def check_whole(content: bytes, report: AwardReport) -> None:
    """Recount a record by its own program, and note when it does not fit; the worst answer stays."""
    said, is_sound = await asyncio.to_thread(recount, content)
    report.recount = report.recount if report.recount and is_sound else said
    report.recounts += 1
    report.must(is_sound, "the recount of the record does not agree")


def leaf(vote: Vote, voter: Voter) -> str:
    """The leaf that the voter's ballot must have in the record: any change of the ballot changes it."""
    said = {name: voter.ballot[name] for name in ("round", "choices", "receipt", "salt")}
    channel = "code" if vote.round["electorate"] == "codes" else "device"
    return leaf_of({**said, "class": voter.voter_class, "channel": channel}).hex()


async def _look_up(staff: Asker, path: str, receipt: str, report: AwardReport) -> None:
    page = await staff.client.post(
        f"/award/{path}/ballot", data={"receipt": show_receipt(receipt)}, headers={"origin": staff.base}
    )
    report.must(page.status_code == 200, "the public page does not find a ballot by its receipt")


def recount(content: bytes) -> tuple[str, bool]:
    """What the record's own program says of it in its last line, and whether everything fits."""
    with tempfile.TemporaryDirectory(prefix="hemicycle-record-") as folder:
        record = Path(folder) / "record.zip"
        record.write_bytes(content)
        try:
            with zipfile.ZipFile(record) as files:
                program = files.extract("recount.py", folder)
        except (zipfile.BadZipFile, KeyError):
            return "the record holds no program that counts it", False
        done = subprocess.run(
            [sys.executable, "-I", program, str(record)],
            capture_output=True,
            text=True,
            timeout=RECOUNT_S,
            cwd=folder,
        )
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[-1] if lines else "nothing", done.returncode == 0
