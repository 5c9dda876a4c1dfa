"""`hemicycle codes`: codes once, before the vote opens, on paper alone."""

from __future__ import annotations

import csv
import secrets
from pathlib import Path

import redis

from polls.award.model import AwardId, RoundId
from polls.model import EventId
from server.award.awards import Awards
from server.cli.access import with_store
from server.config import load_config
from server.store.embedded import running_url
from server.store.valkey import ValkeyStore
from tests.server.cli.served import Served, command, good
from voting.award.ports import At, Electorate

EXAMPLE = Path("examples/award.yaml")


def test_codes_are_made_once_before_the_opening_and_stored_only_as_hashes(
    served: Served, tmp_path: Path
) -> None:
    event = f"awards-{secrets.token_hex(4)}"
    file = tmp_path / "award.yaml"
    file.write_text(EXAMPLE.read_text("utf-8").replace("id: awards\n", f"id: {event}\n"), "utf-8")
    good("load", file, data=served.data)
    roll = tmp_path / "roll.csv"
    roll.write_text("name,class\nAda,member\n=Ben,guest\n", "utf-8")
    pdf, merge = tmp_path / "codes.pdf", tmp_path / "codes.csv"
    config = load_config(None, {}, {"store.data": str(served.data)})
    early = command("codes", event, "newcomer", "--roll", roll, "--pdf", pdf, data=served.data)
    assert early.exit_code == 1 and "freeze the rules first" in early.output
    assert not pdf.exists()

    async def freeze(store: ValkeyStore) -> None:
        awards = Awards(store, served.data, bytes(32))
        await awards.acts.freeze(EventId(event), AwardId("newcomer"), "test")

    with_store(config, freeze)

    said = good("codes", event, "newcomer", "--roll", roll, "--pdf", pdf, "--csv", merge, data=served.data)

    assert said.startswith("2 codes were made.")
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert merge.stat().st_mode & 0o077 == 0 == pdf.stat().st_mode & 0o077
    rows = list(csv.DictReader(merge.read_text("utf-8-sig").splitlines()))
    assert [(row["name"], row["class"]) for row in rows] == [("Ada", "member"), ("'=Ben", "guest")]
    url = running_url(served.data)
    assert url is not None
    with redis.Redis.from_url(url, decode_responses=True) as client:
        held = repr([client.hgetall(key) for key in client.scan_iter("*award-register*")])
        held += repr([client.hgetall(key) for key in client.scan_iter("*award-alias*")])
    for row in rows:
        token, code = row["link"].split("#")[1], row["code"].replace("-", "")
        assert token not in held and code not in held and row["name"] not in held

    again = tmp_path / "again.csv"
    for words, why in (
        (("--count", 3, "--class", "guest", "--csv", again), "has a register already"),
        (("--count", 3, "--csv", again), "--class"),
        (("--csv", again), "either --roll FILE, or --count"),
        (("--roll", roll), "--pdf or --csv"),
        (("--roll", roll, "--csv", merge), "is there already"),
    ):
        result = command("codes", event, "newcomer", *words, data=served.data)
        assert result.exit_code != 0 and why in result.output, result.output
        assert not again.exists(), "codes that are not in force are on no paper"
    for_guests = ("codes", event, "newcomer", "--class", "guest", "--replace")
    good(*for_guests, "--count", 3, "--csv", again, data=served.data)

    async def open_vote(store: ValkeyStore) -> None:
        snapshot = await store.snapshot(EventId(event))
        assert snapshot is not None
        award = snapshot.state.event.award("newcomer")
        assert award is not None and award.vote is not None
        at = At(EventId(event), AwardId("newcomer"), RoundId(award.vote.id))
        await store.awards.open(at, Electorate.CODES)

    with_store(config, open_vote)
    late = tmp_path / "late.csv"
    result = command(*for_guests, "--count", 1, "--csv", late, data=served.data)
    assert result.exit_code == 1
    assert "was opened already" in result.output
    assert not late.exists()
