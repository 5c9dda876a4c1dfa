"""`load`, `dump`, `events`, `delete`: nothing half-loaded, nothing changed that may not change."""

import json
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from server.cli import main
from tests.server.cli.served import EVENT, Served, command, good


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "edited.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def entries(event: str, data: Path) -> int:
    """The length of the audit log, as the recount says it."""
    said = good("recount", event, data=data).splitlines()
    (last,) = (line for line in said if line.startswith("audit log: "))
    assert last.endswith("entries, chain agrees")
    return int(last.split()[2])


def test_loading_again_changes_nothing_and_an_edited_draft_changes(served: Served, tmp_path: Path) -> None:
    event = served.load(tmp_path)
    text = EVENT.format(id=event)
    said = good("load", write(tmp_path, text), data=served.data)
    assert said == f"A small event ({event}) is loaded already; nothing changed\n"
    assert entries(event, served.data) == 1
    edited = text.replace("Which colour?", "Which colour of all?")
    said = good("load", write(tmp_path, edited), data=served.data)
    assert said == f"A small event ({event}) loaded, with its changes\n"
    assert "Which colour of all?" in good("dump", event, data=served.data)
    assert entries(event, served.data) == 2


def test_edited_poll_that_was_opened_is_refused_with_its_line(served: Served, tmp_path: Path) -> None:
    event = served.load(tmp_path)
    served.act(event, "open", "colour")
    before = good("dump", event, data=served.data)
    lines = EVENT.format(id=event).splitlines()
    place = next(n for n, line in enumerate(lines) if "id: colour" in line)
    lines[place + 2] = lines[place + 2].replace("Which colour?", "Which paint?")
    lines[2] = "title: Another title"
    result = command("load", write(tmp_path, "\n".join(lines)), data=served.data)
    assert result.exit_code == 2
    assert result.stdout == ""
    first, second = result.stderr.splitlines()
    assert first.endswith("edited.yaml: nothing was loaded")
    assert second.startswith(f"line {place + 1}, agenda.0.polls.0: the poll “colour” was opened")
    assert second.endswith("changed: question")
    assert good("dump", event, data=served.data) == before
    assert entries(event, served.data) == 2


def test_draft_beside_an_opened_poll_may_still_change(served: Served, tmp_path: Path) -> None:
    event = served.load(tmp_path)
    served.act(event, "open", "colour")
    edited = EVENT.format(id=event).replace("Who is it?", "Who will it be?")
    assert good("load", write(tmp_path, edited), data=served.data).endswith("with its changes\n")


def test_broken_file_names_every_fault_with_its_line_and_loads_nothing(
    served: Served, tmp_path: Path
) -> None:
    text = EVENT.format(id="half-broken")
    broken = text.replace("kind: single", "kind: singel", 1).replace("2020-11-10}", "soon}")
    result = command("load", write(tmp_path, broken), data=served.data)
    assert result.exit_code == 2
    first, *faults = result.stderr.splitlines()
    assert first.endswith("edited.yaml: nothing was loaded")
    numbers = [int(fault.removeprefix("line ").partition(",")[0]) for fault in faults]
    lines = broken.splitlines()
    assert [("soon" in lines[n - 1], "singel" in lines[n - 1]) for n in numbers[:1] + numbers[-1:]] == [
        (True, False),
        (False, True),
    ]
    assert "half-broken" not in good("events", data=served.data)


@pytest.mark.parametrize(
    ("content", "exit_code", "words"),
    [
        (None, 1, "cannot be read: No such file or directory"),
        (b"id: \xff\xfe", 1, "is not text in UTF-8"),
        (b"id: [", 2, "nothing was loaded"),
    ],
)
def test_file_that_is_no_event_file_is_refused(
    served: Served, tmp_path: Path, content: bytes | None, exit_code: int, words: str
) -> None:
    file = tmp_path / "strange.yaml"
    if content is not None:
        file.write_bytes(content)
    result = command("load", file, data=served.data)
    assert result.exit_code == exit_code
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_join_code_of_another_event_is_refused(served: Served, tmp_path: Path) -> None:
    text = EVENT.format(id="thief").replace("timezone:", "join_code: JTVK9W\ntimezone:")
    result = command("load", write(tmp_path, text), data=served.data)
    assert result.exit_code == 1
    assert result.stderr == "hemicycle: the join code JTVK9W belongs to another event\n"
    assert "thief" not in good("events", data=served.data)


def test_loading_a_dump_changes_nothing(served: Served, tmp_path: Path) -> None:
    file = tmp_path / "dump.yaml"
    assert good("dump", "ecc2020", "--out", file, data=served.data) == ""
    assert file.read_text(encoding="utf-8") == good("dump", "ecc2020", data=served.data)
    before = entries("ecc2020", served.data)
    assert good("load", file, data=served.data).endswith("nothing changed\n")
    assert entries("ecc2020", served.data) == before


def test_event_file_never_replaces_a_rehearsal_copy(served: Served, tmp_path: Path) -> None:
    event = served.load(tmp_path)
    copy = rehearsal_copy(served, event)
    text = EVENT.format(id=copy)
    result = command("load", write(tmp_path, text), data=served.data)
    assert result.exit_code == 2
    assert (
        f"line 2, id: expected an id that is free; “{copy}” is the rehearsal copy of “{event}”"
        in result.stderr
    )
    assert served.link(copy, "Console")
    dumped = write(tmp_path, good("dump", copy, data=served.data))
    assert command("load", dumped, data=served.data).exit_code == 2


def test_rehearsal_never_replaces_an_event_of_its_own(served: Served, tmp_path: Path) -> None:
    event = served.load(tmp_path)
    good("load", write(tmp_path, EVENT.format(id=f"{event}-rehearsal")), data=served.data)
    before = good("dump", f"{event}-rehearsal", data=served.data)
    result = command("rehearse", event, "--voters", 2, "--seconds", 1, "--url", served.base, data=served.data)
    assert result.exit_code == 1
    assert f"{event}-rehearsal is an event of its own" in result.stderr
    assert good("dump", f"{event}-rehearsal", data=served.data) == before


def rehearsal_copy(served: Served, event: str) -> str:
    """Make the copy the way `hemicycle rehearse` does."""

    answer = httpx.post(f"{served.base}/organise/{event}/rehearsal", headers=served.organiser(event))
    assert answer.status_code == 201, answer.text
    copy: str = answer.json()["event"]
    return copy


def test_deleting_asks_for_the_name_and_says_how_many_ballots_are_lost(
    served: Served, tmp_path: Path
) -> None:
    event = served.load(tmp_path)
    served.act(event, "open", "colour")
    served.vote(event, "colour", "1", "2")
    words = ["delete", event, "--data", str(served.data)]
    refused = CliRunner().invoke(main, words, input="yes\n")
    assert refused.exit_code == 1
    assert f"{event} holds 2 ballots." in refused.stdout
    assert event in good("events", data=served.data)
    done = CliRunner().invoke(main, words, input=f"{event}\n")
    assert done.exit_code == 0
    assert done.stdout.endswith(f"{event} is deleted\n")
    assert event not in good("events", data=served.data)
    assert command("delete", event, "--yes", data=served.data).exit_code == 1


def test_deleting_a_copy_is_noted_in_the_log_of_its_event(served: Served, tmp_path: Path) -> None:
    event = served.load(tmp_path)
    copy = rehearsal_copy(served, event)
    assert entries(event, served.data) == 1
    good("delete", copy, "--yes", data=served.data)
    assert entries(event, served.data) == 2


def test_commands_without_a_server_start_the_store_for_themselves(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert good("events", data=data) == "There is no event yet: hemicycle load FILE\n"
    assert good("load", "examples/ecc2020.yaml", data=data).endswith("loaded\n")
    assert good("events", data=data) == "ecc2020  European Cluster Conference 2020\n"
    assert json.loads(good("export", "ecc2020", "--format", "json", data=data))["event"]["id"] == "ecc2020"
    assert not (data / "running.json").exists()
    said = command("rehearse", "ecc2020", "--voters", 2, "--seconds", 1, data=data)
    assert (said.exit_code, said.stderr) == (
        1,
        "Error: no server is running on this data folder; start one with: hemicycle serve\n",
    )


@pytest.mark.parametrize(
    "words",
    [
        ("dump", "nowhere"),
        ("delete", "nowhere", "--yes"),
        ("export", "nowhere", "--format", "json"),
        ("recount", "nowhere"),
        ("links", "nowhere"),
        ("revoke", "nowhere", "moderator"),
        ("rehearse", "nowhere", "--voters", "2", "--seconds", "1"),
    ],
)
def test_unknown_event_is_one_plain_line(served: Served, words: tuple[str, ...]) -> None:
    result = command(*words, data=served.data)
    assert result.exit_code == 1
    assert result.stderr == "hemicycle: there is no event “nowhere”; `hemicycle events` lists them\n"
    assert result.stdout == ""


def test_output_that_cannot_be_written_is_one_plain_line(served: Served, tmp_path: Path) -> None:
    result = command("dump", "ecc2020", "--out", tmp_path / "no" / "file.yaml", data=served.data)
    assert result.exit_code == 1
    assert result.stderr == f"hemicycle: {tmp_path}/no/file.yaml: No such file or directory\n"
