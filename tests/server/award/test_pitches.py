"""The finalists' pitches over HTTP: console and clicker, what is logged, and a record without them."""

import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from polls.award.acts import Act
from polls.award.life import PitchRun
from polls.award.model import CandidateId, Pitches
from polls.award.pitches import pitch_now
from polls.errors import AwardRefused
from server.auth import Role
from server.award.chores import AwardChores
from server.record import recount
from server.record.archive import write_record
from server.store.memory import MemoryStore
from tests.conftest import Running
from tests.polls.award_sample import AWARD, FINAL
from tests.server.award.hall import Prize, prize
from tests.server.award.screens import NAMES, prize_on_stage
from tests.server.award.test_screens import post
from tests.server.faces import caller
from voting.award.rules import rules_hash

STEPS = (Act.PITCH, Act.PITCH, Act.PITCH_BACK, Act.PITCH_CLOCK, Act.PITCH, Act.PITCH_END)


@pytest.fixture
async def held(running: Running, tmp_path: Path) -> AsyncIterator[Prize]:
    async with prize_on_stage(running, tmp_path, pitches=Pitches(seconds=60)) as award:
        await award.hold_jury()
        yield award


async def test_the_clicker_takes_one_key_for_each_step_forward_and_back(
    running: Running, held: Prize
) -> None:
    url, seen = f"/stage/{held.event}/press", {"award": AWARD, "state": f"waiting.{FINAL}.0"}
    async with caller(running, held.event, Role.PRESENTER) as client:

        async def press(action: str) -> str:
            answer = await client.post(url, json={"action": action, **seen})
            assert answer.status_code == 200, answer.text
            seen["state"] = answer.json()["state"]
            return seen["state"].removeprefix(f"pitch.{FINAL}.0.").removeprefix(f"waiting.{FINAL}.0")

        keys = ("next", "next", "previous", "previous", "next", "next", "next", "previous", "next")
        assert [await press(key) for key in keys] == ["a", "b", "a", "", "a", "b", ".b.over", "b", ".b.over"]
        stale = await client.post(url, json={"action": "next", **seen, "state": f"pitch.{FINAL}.0.b"})
        assert stale.status_code == 409
        opening = await client.post(url, json={"action": "next", **seen})
        assert opening.json()["again"] is True, "the vote, which cannot be taken back"


async def test_the_console_leads_through_the_pitches_and_every_screen_says_who_is_on(
    running: Running, held: Prize
) -> None:
    code = (await running.context.event(held.event)).state.event.join_code
    async with caller(running, held.event, Role.MODERATOR, accept="text/html") as pages:

        async def pages_say() -> list[str]:
            paths = (f"/stage/{held.event}", f"/stage/{held.event}?lang=de", f"/console/{held.event}")
            phone = await pages.get(f"/j/{code}", follow_redirects=True)
            return [(await pages.get(path)).text for path in paths] + [phone.text]

        async with caller(running, held.event, Role.MODERATOR) as client:
            state = f"waiting.{FINAL}.0"
            began = await post(client, held, "award_pitch", state=state)
            assert began.json()["state"] == f"pitch.{FINAL}.0.a"
            assert (await post(client, held, "award_pitch", state=state)).status_code == 409
            stage, german, console, phone = await pages_say()
            assert "Pitch 1 of 2" in stage and "Vorstellung 1 von 2" in german
            assert NAMES["a"] in stage and f"On stage now: {NAMES['a']}. This is pitch 1 of 2." in phone
            assert f"Next pitch: {NAMES['b']}" in console and "Start the clock again" in console
            assert f"Called {NAMES['a']} up to pitch: Prize" in console
            ends_ms = (await held.run()).pitches.clocks[CandidateId("a")]
            assert f'data-closes="{ends_ms}"' in console and f'"closes_ms":{ends_ms}' in stage
            again = await post(client, held, "award_pitch_clock", state=f"pitch.{FINAL}.0.a")
            assert again.status_code == 200
            assert (await held.run()).pitches.clocks[CandidateId("a")] >= ends_ms
            ended = await post(client, held, "award_pitch_end", state=f"pitch.{FINAL}.0.a")
            assert ended.json()["state"] == f"waiting.{FINAL}.0.a.over"
            opened = await post(client, held, "award_open", state=f"waiting.{FINAL}.0.a.over")
            assert opened.json()["state"] == f"vote-open.{FINAL}.0"
            too_late = await post(client, held, "award_pitch_back", state=opened.json()["state"])
            assert too_late.status_code == 409
        assert "Pitch 1 of 2" not in (await pages_say())[0]


async def test_two_moderators_who_press_at_once_skip_nobody(tmp_path: Path) -> None:
    award = await Prize.set_up(MemoryStore(), tmp_path, prize(pitches=Pitches()))
    await award.hold_jury()
    seen = (await award.run()).pitches
    await award.awards.acts.pitch(award.event, AWARD, Act.PITCH, "one", seen=seen)
    with pytest.raises(AwardRefused, match="the screen was behind"):
        await award.awards.acts.pitch(award.event, AWARD, Act.PITCH, "other", seen=seen)
    pitch = pitch_now(award.award, await award.run())
    assert pitch is not None and pitch.candidate == "a"


async def test_a_clock_that_runs_out_ends_nothing(tmp_path: Path) -> None:
    award = await Prize.set_up(MemoryStore(), tmp_path, prize(pitches=Pitches(seconds=60)))
    await award.hold_jury()
    await award.awards.acts.pitch(award.event, AWARD, Act.PITCH, "one", seen=PitchRun())
    before = await award.run()
    late = replace(before, pitches=replace(before.pitches, clocks={CandidateId("a"): 1}))
    await AwardChores(award.awards).look(award.event, award.award, late)
    assert await award.run() == before
    assert pitch_now(award.award, late) is not None


async def test_every_step_is_in_the_audit_log_and_none_in_the_record_which_recounts(tmp_path: Path) -> None:
    award = await Prize.set_up(MemoryStore(), tmp_path, prize(pitches=Pitches(seconds=60)))
    here, acts = (award.event, award.award.id), award.awards.acts
    await award.load_codes()
    await award.hold_jury()
    log_before = await award.awards.log(*here)
    for step in STEPS:
        await acts.pitch(*here, step, "presenter", seen=(await award.run()).pitches)
    assert await award.awards.log(*here) == log_before, "the public log is about the count alone"
    entries = [one for one in await award.store.audit(award.event) if one.actor == "presenter"]
    assert [(one.action, dict(one.body)) for one in entries] == [
        ("award_pitch", {"candidate": "a", "place": 1, "of": 2}),
        ("award_pitch", {"candidate": "b", "place": 2, "of": 2}),
        ("award_pitch_back", {"candidate": "a", "place": 1, "of": 2}),
        ("award_pitch_clock", {"candidate": "a", "place": 1, "of": 2}),
        ("award_pitch", {"candidate": "b", "place": 2, "of": 2}),
        ("award_pitch_end", {}),
    ]

    await award.hold_vote("a", "b", "a")
    run = await award.run()
    while not run.revealed:
        await acts.step(*here, "moderator", seen=run.steps)
        run = await award.run()
    snapshot = await award.store.snapshot(award.event)
    assert snapshot is not None
    path = tmp_path / "record.zip"
    path.write_bytes(write_record(await award.awards.record(snapshot.state.event, award.award, run)))
    assert recount.main([str(path)]) == 0
    with zipfile.ZipFile(path) as record:
        assert [name for name in record.namelist() if b"pitch" in record.read(name)] == []
    assert run.rules_hash == rules_hash(prize(), snapshot.state.event), "as without pitches"
