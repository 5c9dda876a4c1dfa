"""`export`, `recount`, `links`, `revoke`: what is taken home, checked, and handed out."""

import csv
import io
import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
import redis

from polls.model import EventId, PollId
from server import keys, moderation
from server.cli.access import with_store
from server.config import load_config
from server.sealing import seal_round
from server.store.embedded import running_url
from server.store.valkey import ValkeyStore
from tests.server.cli.served import Served, command, good
from tests.waiting import wait_until

AWARD = Path("examples/award.yaml")


@pytest.fixture
def voted(served: Served, tmp_path: Path) -> str:
    """An event: the first poll is published with 3, 2 and 0 votes, the second open with one hidden vote."""
    event = served.load(tmp_path)
    served.act(event, "open", "colour")
    served.vote(event, "colour", "1", "1", "1", "2", "2")
    served.act(event, "close", "colour")
    served.act(event, "reveal", "colour")
    served.act(event, "open", "person")
    served.vote(event, "person", "2")
    return event


def test_json_export_has_counts_and_figures_and_leaves_hidden_results_out(served: Served, voted: str) -> None:
    export = json.loads(good("export", voted, "--format", "json", data=served.data))
    colour, person = export["polls"]
    assert [(one["option"], one["count"], one["shown"]) for one in colour["result"]["options"]] == [
        ("Red", 3, "60 %"),
        ("Green", 2, "40 %"),
        ("Blue", 0, "0 %"),
    ]
    assert colour["result"]["n"] == 5
    assert len(colour["ballots"]) == 5
    assert colour["check"] == ""
    assert person["result"] is None
    assert person["ballots"] == []


def test_hidden_results_are_exported_only_when_asked_for_and_that_is_logged(
    served: Served, voted: str
) -> None:
    before = good("recount", voted, data=served.data)
    good("export", voted, "--format", "json", data=served.data)
    assert good("recount", voted, data=served.data) == before
    export = json.loads(good("export", voted, "--format", "json", "--include-hidden", data=served.data))
    assert [one["count"] for one in export["polls"][1]["result"]["options"]] == [0, 1]
    with redis.Redis.from_url(running_url(served.data) or "", decode_responses=True) as client:
        ((_, fields),) = client.xrevrange(keys.of_event(voted, "audit"), count=1)
    entry = json.loads(fields["e"])
    assert (entry["actor"], entry["action"], entry["subject"]) == ("command line", "export", f"event:{voted}")
    assert entry["body"] == {"format": "json", "hidden": "yes"}
    assert "audit log: 6 entries, chain agrees" in good("recount", voted, data=served.data)


def test_csv_export_parses_back(served: Served, voted: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert good("export", voted, "--format", "csv", "--out", out, data=served.data) == ""
    raw = out.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    counts = [(row["option"], row["count"]) for row in rows if row["table"] == rows[0]["table"]]
    assert counts[:3] == [("Red", "3"), ("Green", "2"), ("Blue", "0")]
    ballots = [row for row in rows if row["table"] != rows[0]["table"]]
    assert len(ballots) == 5
    assert "Ada" not in raw.decode() or all(not row["count"] for row in rows if row["option"] == "Ada")


def test_workbook_parses_back_and_is_never_printed(served: Served, voted: str, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    good("export", voted, "--format", "xlsx", "--out", out, data=served.data)
    book = openpyxl.load_workbook(out)
    cells = [
        [cell.value for cell in row]
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        if row[0].value is not None
    ]
    book.close()
    assert any("Red" in row and 3 in row for row in cells)
    assert any("Green" in row and 2 in row for row in cells)
    result = command("export", voted, "--format", "xlsx", data=served.data)
    assert result.exit_code == 2
    assert "name a file with --out" in result.stderr


def test_recount_agrees_with_an_untouched_store(served: Served, voted: str) -> None:
    said = good("recount", voted, data=served.data).splitlines()
    assert said == [
        "colour round 1: 5 ballots, 5 log lines, agrees",
        "person round 1: 1 ballots, 1 log lines, agrees",
        "audit log: 5 entries, chain agrees",
        "The recount agrees with the store.",
    ]


Hand = Callable[[Any, str], object]


def round_key(event: str, name: str) -> str:
    return keys.of_round(event, name, "colour", 1)


def spoil_tally(client: Any, event: str) -> None:
    client.hincrby(round_key(event, "tally"), "1||1", 1)


def spoil_tally_with_nonsense(client: Any, event: str) -> None:
    client.hset(round_key(event, "tally"), "1||1", "many")


def alter_ballot(client: Any, event: str) -> None:
    box = client.hgetall(round_key(event, "box"))
    voter, text = next((voter, text) for voter, text in box.items() if text.endswith("|1"))
    client.hset(round_key(event, "box"), voter, text.removesuffix("1") + "2")


def spoil_ballot(client: Any, event: str) -> None:
    client.hset(round_key(event, "box"), "somebody", "nonsense")


def drop_ballot(client: Any, event: str) -> None:
    client.hdel(round_key(event, "box"), next(iter(client.hkeys(round_key(event, "box")))))


def forge_log(client: Any, event: str) -> None:
    client.xadd(round_key(event, "log"), {"stranger": "1 nonce-of-a-stranger 1700000000000 |1"})


def cut_log(client: Any, event: str) -> None:
    ((line, _),) = client.xrange(round_key(event, "log"), count=1)
    client.xdel(round_key(event, "log"), line)


@pytest.mark.parametrize(
    "hand",
    [
        spoil_tally,
        spoil_tally_with_nonsense,
        alter_ballot,
        spoil_ballot,
        drop_ballot,
        forge_log,
        cut_log,
    ],
)
def test_one_corrupted_field_makes_the_recount_fail_and_names_the_poll(
    served: Served, voted: str, hand: Hand
) -> None:
    with redis.Redis.from_url(running_url(served.data) or "", decode_responses=True) as client:
        hand(client, voted)
    result = command("recount", voted, data=served.data)
    assert result.exit_code == 3, result.output
    lines = result.stdout.splitlines()
    assert re.fullmatch(r"colour round 1: .*, DISAGREES", lines[0])
    assert lines[1].startswith("  ")
    assert "person round 1: 1 ballots, 1 log lines, agrees" in lines
    assert lines[-1] == "The recount DISAGREES with the store."


def seal(served: Served, event: str, *polls: str) -> None:
    """Seal the first round of each poll, as the server does two minutes after its close."""

    async def work(store: ValkeyStore) -> None:
        for poll in polls:
            assert await seal_round(store, EventId(event), PollId(poll), 1, moderation.TIMER)

    with_store(load_config(None, {}, {"store.data": str(served.data)}), work)


def test_recount_of_sealed_rounds_says_that_their_logs_are_gone(served: Served, voted: str) -> None:
    """It used to end with "The recount agrees with the store", though nothing was left to recount."""
    seal(served, voted, "colour")
    mixed = good("recount", voted, data=served.data).splitlines()
    served.act(voted, "close", "person")
    seal(served, voted, "person")
    sealed = good("recount", voted, data=served.data).splitlines()

    words = "sealed: its log was recounted at the seal and is gone; tally and audit log, agrees"
    assert mixed[:2] == [
        f"colour round 1: 5 ballots, {words}",
        "person round 1: 1 ballots, 1 log lines, agrees",
    ]
    assert mixed[-2:] == [
        "The recount agrees with the store.",
        "1 of 2 rounds is sealed. No log is left to count it from:"
        " only the tally was compared, with the audit log.",
    ]
    assert sealed[1] == f"person round 1: 1 ballots, {words}"
    assert sealed[-1] == (
        "Nothing can be recounted: every round is sealed and its log is gone."
        " The tallies are those that the audit log names."
    )
    assert "The recount agrees with the store." not in sealed


def without_its_seal(client: Any, event: str) -> None:
    """The whole audit log but the seal: as if somebody had dropped a log and called that a seal."""
    log = keys.of_event(event, "audit")
    [(line, _)] = [
        (id, fields) for id, fields in client.xrange(log) if json.loads(fields["e"])["action"] == "seal"
    ]
    client.xdel(log, line)


def with_another_tally(client: Any, event: str) -> None:
    client.hincrby(round_key(event, "tally"), "1||1", 1)
    client.hincrby(round_key(event, "tally"), "1||2", -1)


@pytest.mark.parametrize(
    ("hand", "why"),
    [
        (without_its_seal, "  the audit log has no seal of this round"),
        (with_another_tally, "  the tally is not the one that was sealed"),
    ],
)
def test_sealed_round_that_the_audit_log_does_not_bear_out_disagrees(
    served: Served, voted: str, hand: Hand, why: str
) -> None:
    seal(served, voted, "colour")
    with redis.Redis.from_url(running_url(served.data) or "", decode_responses=True) as client:
        hand(client, voted)

    result = command("recount", voted, data=served.data)

    assert result.exit_code == 3, result.output
    lines = result.stdout.splitlines()
    assert lines[0].endswith("DISAGREES") and lines[1] == why
    assert lines[-1] == "The recount DISAGREES with the store."


def test_recount_says_that_awards_are_recounted_from_their_records(served: Served, tmp_path: Path) -> None:
    event = f"awards-{secrets.token_hex(4)}"
    file = tmp_path / "award.yaml"
    file.write_text(AWARD.read_text("utf-8").replace("id: awards\n", f"id: {event}\n"), "utf-8")
    good("load", file, data=served.data)

    said = good("recount", event, data=served.data)

    assert "award newcomer: not looked at here; recount its record.zip with the recount.py in it" in said


@pytest.mark.parametrize("place", ["first", "last"])
def test_missing_audit_entry_makes_the_recount_fail(served: Served, voted: str, place: str) -> None:
    with redis.Redis.from_url(running_url(served.data) or "", decode_responses=True) as client:
        log = keys.of_event(voted, "audit")
        lines = client.xrange(log)
        client.xdel(log, lines[0 if place == "first" else -1][0])
    result = command("recount", voted, data=served.data)
    assert result.exit_code == 3
    assert "audit log: 4 entries, chain DISAGREES" in result.stdout


def test_links_are_the_same_every_time(served: Served, voted: str) -> None:
    first = good("links", voted, data=served.data)
    assert good("links", voted, data=served.data) == first
    assert [line.split()[0] for line in first.splitlines()[1:]] == [
        "Phones",
        "Stage",
        "Console",
        "Organiser",
    ]
    keys_given = re.findall(r"key=(\S+)", first)
    assert len(set(keys_given)) == 3


def test_revoked_link_stops_at_once_and_the_new_one_works(served: Served, voted: str) -> None:
    old = served.link(voted, "Console")
    with httpx.Client(follow_redirects=True) as insider, httpx.Client(follow_redirects=True) as late:
        assert insider.get(old).status_code == 200
        new = good("revoke", voted, "moderator", data=served.data).strip()
        assert new != old
        assert new == served.link(voted, "Console")
        wait_until(lambda: late.get(old).status_code == 403, what="the old link is refused")
        page = insider.get(f"{served.base}/console/{voted}")
        assert page.status_code == 403, "who came by the old link is out too"
        assert late.get(new).status_code == 200
    assert served.link(voted, "Organiser").startswith(served.base), "other roles keep theirs"
    stage = httpx.get(served.link(voted, "Stage"))
    assert stage.status_code == 303


def test_revoking_a_role_that_does_not_exist_is_refused(served: Served, voted: str) -> None:
    result = command("revoke", voted, "juror", data=served.data)
    assert result.exit_code == 2
    assert "'organiser', 'moderator', 'presenter'" in result.stderr
