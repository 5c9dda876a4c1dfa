"""The award on stage, console, clicker and phones: what requests and pushes hold, and what each key does."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from polls.award.model import Blend, CandidateId, Decision
from server.auth import Role
from server.live import pushes
from server.live.hub import Topic
from server.wire import encode
from tests.conftest import Running
from tests.polls.award_sample import AWARD, FINAL, JURY
from tests.server.award.hall import Prize
from tests.server.award.screens import NAMES, VOTES, hold_all, prize_on_stage
from tests.server.faces import caller
from voting.record.words import root_words

SHOWN = (("b", 3), ("a", 4))
"""The finalists from last to first, and their votes: b and a go on from the jury."""


@pytest.fixture
async def held(running: Running, tmp_path: Path) -> AsyncIterator[Prize]:
    async with prize_on_stage(running, tmp_path) as award:
        yield award


async def bytes_of_everything(running: Running, held: Prize) -> dict[str, str]:
    """Every page and push in which the award can show, in both languages and both themes."""
    live = await running.context.event(held.event)
    await live.refresh()
    found: dict[str, str] = {}
    for lang in ("", "de"):
        for topic in (
            Topic(held.event, "papers", "", "", lang),
            Topic(held.event, "results", "", "", lang),
            Topic(held.event, "stage", "", "dark", lang),
            Topic(held.event, "stage", "", "light", lang),
            Topic(held.event, "console"),
        ):
            content = pushes.content(running.context, live, topic)
            frame = pushes.frame(content, topic.channel, live.snapshot, 0)
            found[f"push {topic.channel} {topic.segment} {lang}"] = encode(frame).decode()
    code = live.state.event.join_code
    async with caller(running, held.event, Role.MODERATOR, accept="text/html") as client:
        for path in (f"/stage/{held.event}", f"/console/{held.event}", f"/console/{held.event}/panel"):
            found[path] = (await client.get(path)).text
        found["phone"] = (await client.get(f"/j/{code}", follow_redirects=True)).text
    return found


def hidden_in(found: dict[str, str], names: list[str], votes: list[int]) -> list[str]:
    """Where a name stands, or a number of votes beside its word."""
    patterns = [*names, *(rf"\b{n} (?:of \d+ )?votes?\b|>{n} ?<|>{n} · " for n in votes)]
    return [f"{one} in {place}" for place, text in found.items() for one in patterns if re.search(one, text)]


async def step(running: Running, held: Prize) -> None:
    await running.context.awards.acts.step(held.event, AWARD, "test", seen=(await held.run()).steps)


async def test_no_byte_of_any_screen_holds_a_later_step(running: Running, held: Prize) -> None:
    await hold_all(held)
    for number in range(len(SHOWN)):
        later = SHOWN[number:]
        found = await bytes_of_everything(running, held)
        assert hidden_in(found, [NAMES[one] for one, _ in later], [votes for _, votes in later]) == []
        assert "wins" not in "".join(found.values())
        await step(running, held)
        stage = (await bytes_of_everything(running, held))["push stage dark "]
        assert NAMES[later[0][0]] in stage, "and the step itself is shown"

    found = await bytes_of_everything(running, held)
    sentence = f"{NAMES['a']} wins with 4 of 7 votes (57\u00a0%)"
    for place in ("push results  ", "push stage dark ", "push stage light ", f"/stage/{held.event}", "phone"):
        assert sentence in found[place].replace("\\u003c", "<"), place
    assert "gewinnt mit 4 von 7" in found["push results  de"]


async def test_no_screen_says_anything_of_the_jury_before_the_seal(running: Running, held: Prize) -> None:
    acts, here = held.awards.acts, (held.event, AWARD)
    await acts.freeze(*here, "organiser")
    await acts.open(*here, JURY, "test")
    await held.judge("j1", a=9, b=8, c=2, d=1)
    found = await bytes_of_everything(running, held)

    assert "1 of 3 sheets locked" in found[f"/console/{held.event}"]
    assert not any("Finalists" in text for text in found.values())


async def test_a_closed_box_stands_on_the_stage_in_the_words_that_scrutineers_compare(
    running: Running, held: Prize
) -> None:
    acts, here = held.awards.acts, (held.event, AWARD)
    await acts.freeze(*here, "organiser")
    await acts.open(*here, JURY, "test")
    await held.judge("j1", a=9, b=8, c=2, d=1)
    await acts.close(*here, JURY, "test")
    words = " ".join(root_words((await held.run()).round(JURY).box_hash))
    found = await bytes_of_everything(running, held)

    for place in ("push stage dark ", "push stage light ", f"/stage/{held.event}"):
        assert words in found[place], place


async def test_an_open_vote_shows_turnout_checkpoint_and_the_way_to_vote(
    running: Running, held: Prize
) -> None:
    await held.hold_jury()
    before = await bytes_of_everything(running, held)
    await held.awards.acts.open(held.event, AWARD, FINAL, "test")
    for voter in range(3):
        await held.vote(voter, "a")
    await held.awards.settling.checkpoint(held.event, AWARD, FINAL, 1)
    found = await bytes_of_everything(running, held)
    head = await held.awards.head(held.event, AWARD)
    assert head is not None
    to_count = f'href="/organise/{held.event}/award/{AWARD}/count"'
    assert to_count not in before[f"/console/{held.event}"]
    assert to_count in found[f"/console/{held.event}/panel"]

    stage, console = found["push stage dark "], found[f"/console/{held.event}"]
    assert "3 of 8 codes used" in stage
    assert " ".join(head.words) in stage
    assert "Enter your voting code" in stage
    assert f"/vote/{held.event}/{AWARD}" in found["push papers  "]
    assert f"/vote/{held.event}/{AWARD}" in found["phone"]
    words = " ".join(head.words)
    for place in ("push papers  ", "phone"):
        assert f"Newest checkpoint: 3 ballots, in words {words}." in found[place]
    assert f"Neuester Prüfpunkt: 3 Stimmzettel, in Wörtern {words}." in found["push papers  de"]
    assert '<span data-award-count="voters">3</span>' in console
    assert " ".join(head.words) in console
    assert '"awards":{"prize":{"locked":0,"voters":3}}' in found["push console  "]
    assert "until the round closes" not in console
    await held.awards.acts.extend(held.event, AWARD, FINAL, 60, "test")
    closes_ms = (await held.run()).round(FINAL).closes_ms
    console = (await bytes_of_everything(running, held))[f"/console/{held.event}"]
    assert f'data-closes="{closes_ms}"' in console and "until the round closes" in console


async def post(client: httpx.AsyncClient, held: Prize, action: str, **form: str) -> httpx.Response:
    return await client.post(f"/console/{held.event}/{action}", data={"award": AWARD, **form})


async def test_the_console_brings_an_award_from_its_opening_to_the_record(
    running: Running, held: Prize
) -> None:
    await held.awards.acts.freeze(held.event, AWARD, "organiser")
    async with caller(running, held.event, Role.MODERATOR) as client:
        opened = await post(client, held, "award_open", state=f"waiting.{JURY}.0")
        assert (opened.status_code, opened.json()["state"]) == (200, f"jury-open.{JURY}.0")
        assert await held.judge("j1", a=9, b=8, c=2, d=1) == "ok"
        assert await held.judge("j2", a=9, b=8, c=2, d=1) == "ok"
        assert await held.judge("j3", a=9, b=8, c=2, d=1) == "ok"
        assert (await post(client, held, "award_close", state=f"jury-open.{JURY}.0")).status_code == 200
        again = await post(client, held, "award_close", state=f"jury-open.{JURY}.0")
        assert again.status_code == 409
        assert "look at it and press again" in again.json()["message"]
        await held.approve(JURY)
        await held.hold_vote(*VOTES)
        for seen in range(2):
            phase = "reveal" if seen else "sealed"
            stood = await post(client, held, "award_step", state=f"{phase}..{seen}")
            assert stood.status_code == 200, stood.text
        assert stood.json()["state"] == "revealed..2"
        assert (await post(client, held, "award_back", state="revealed..2")).status_code == 409
        assert (await post(client, held, "award_publish", state="revealed..2")).status_code == 200
        gone_on = await client.post(f"/console/{held.event}/next", data={"award": AWARD})
        assert gone_on.status_code == 200

    log = await running.store.audit(held.event)
    by_moderator = [entry.action for entry in log if entry.actor.startswith(Role.MODERATOR)]
    rounds = ["award_open", "award_close"] * 2  # the second by the hall itself
    assert by_moderator == [*rounds, "award_step", "award_step", "award_publish", "next"]


async def test_a_press_meant_for_another_step_does_nothing(running: Running, held: Prize) -> None:
    await hold_all(held)
    async with caller(running, held.event, Role.MODERATOR) as client:
        assert (await post(client, held, "award_step", state="reveal..1")).status_code == 409
        assert (await post(client, held, "award_tie", state="sealed..0")).status_code == 409
        elsewhere = await client.post(f"/console/{held.event}/award_step", data={"award": "gone"})
        assert elsewhere.status_code == 409

    assert (await held.run()).steps == 0


async def test_the_clicker_takes_one_key_for_each_step_and_back_until_the_last(
    running: Running, held: Prize
) -> None:
    await hold_all(held)
    url, seen = f"/stage/{held.event}/press", {"award": AWARD, "state": "sealed..0"}
    async with caller(running, held.event, Role.PRESENTER) as client:

        async def press(action: str, **more: object) -> dict[str, object]:
            answer = await client.post(url, json={"action": action, **seen, **more})
            stands: dict[str, object] = answer.json()
            seen["state"] = str(stands["state"])
            return {**stands, "status": answer.status_code}

        states = [(await press(key))["state"] for key in ("next", "previous", "next", "next")]
        assert states == ["reveal..1", "sealed..0", "reveal..1", "revealed..2"]
        asked = await press("next")
        assert (asked["status"], asked["again"]) == (409, True)
        assert asked["message"] == "Press again to do it: Publish the record"
        assert (await press("previous"))["status"] == 409
        assert (await press("next", sure=True))["state"] == "published..2"


async def test_a_tie_is_put_on_stage_by_hand_and_leaves_it_when_it_is_decided(
    running: Running, tmp_path: Path
) -> None:
    decision = Decision(blend=Blend.AUDIENCE, ladder=("chair", "shared"))
    async with prize_on_stage(running, tmp_path, decision=decision) as held:
        await held.hold_jury()
        await held.hold_vote("a", "b")
        found = await bytes_of_everything(running, held)
        assert hidden_in(found, [NAMES["a"], NAMES["b"]], []) == []
        async with caller(running, held.event, Role.MODERATOR) as client:
            assert (await post(client, held, "award_step", state="sealed..0")).status_code == 409
            assert (await post(client, held, "award_tie", state="sealed..0")).status_code == 200
        stage = (await bytes_of_everything(running, held))["push stage dark "]
        assert "Brambleworth" in stage
        assert "The casting vote of the chair is needed." in stage
        await held.awards.acts.chair(held.event, AWARD, CandidateId("b"), "test")
        found = await bytes_of_everything(running, held)
        assert hidden_in(found, [NAMES["a"], NAMES["b"]], []) == []


async def test_the_award_is_listed_in_the_run_of_show_and_its_acts_in_words(
    running: Running, held: Prize
) -> None:
    await held.hold_jury()
    async with caller(running, held.event, Role.MODERATOR, accept="text/html") as client:
        page = (await client.get(f"/console/{held.event}")).text
        assert (await client.post(f"/console/{held.event}/show", data={})).status_code == 303
        off_stage = (await client.get(f"/console/{held.event}")).text

    assert "Approved the closed box: Prize" in page
    assert "Ana" in page and "Froze the rules: Prize" in page
    assert "Open the vote" in page and "A round cannot be opened twice." in page
    assert 'id="show-award-prize"' in off_stage
    assert "Next: Prize" in off_stage
