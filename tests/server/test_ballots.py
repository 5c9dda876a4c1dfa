"""One ballot's way, through real sockets: what is counted, what is refused, and what is said about it."""

import asyncio
import dataclasses
import secrets

import pytest

from polls.lifecycle import Action
from polls.model import Event, PollId
from server import moderation
from server.auth import Seat
from server.loading import load_event
from tests.conftest import Running, fresh
from tests.server.live.clients import device_cookie, phone

POLL = PollId("public-support")
MULTIPLE = PollId("business-adapts")


@pytest.fixture
async def open_event(running: Running, loaded: Event) -> Event:
    for poll in (POLL, MULTIPLE):
        await moderation.act(running.store, loaded.id, "test", poll, Action.OPEN)
    return loaded


async def box(running: Running, event: Event, poll: PollId = POLL) -> list[str]:
    reading = await running.store.read_round(event.id, poll, 1)
    return sorted(entry.canonical for entry in reading.box.values())


async def test_receipt_says_what_lies_in_the_box_and_when_it_was_counted(
    running: Running, open_event: Event
) -> None:
    async with phone(running, open_event.id) as voter:
        said = await voter.cast(MULTIPLE, ["3", "1"])
    assert (said["type"], said["again"]) == ("receipt", False)
    own = said["own"]
    assert (own["poll"], own["round"], own["rev"]) == (MULTIPLE, 1, 1)
    assert sorted(own["selections"]) == ["1", "3"]
    assert len(own["at"].split(":")) == 3
    assert len(await box(running, open_event, MULTIPLE)) == 1


async def test_same_ballot_again_gets_the_same_receipt_and_counts_once(
    running: Running, open_event: Event
) -> None:
    async with phone(running, open_event.id) as voter:
        replies = await asyncio.gather(*(voter.cast(POLL, ["2"], nonce="the-same-one") for _ in range(5)))
    assert sorted(said["again"] for said in replies) == [False, True, True, True, True]
    assert len({str(said["own"]) for said in replies}) == 1
    assert await box(running, open_event) == ["2"]


async def test_mind_may_be_changed_while_open_and_the_older_ballot_is_stale(
    running: Running, open_event: Event
) -> None:
    async with phone(running, open_event.id) as voter:
        await voter.cast(POLL, ["1"], rev=1)
        changed = await voter.cast(POLL, ["4"], rev=2)
        assert changed["own"]["selections"] == ["4"]
        stale = await voter.cast(POLL, ["1"], rev=1)
        assert (stale["code"], stale["temporary"]) == ("stale", False)
        assert stale["own"]["selections"] == ["4"], "the reject says what is counted instead"
        other_tab = await voter.cast(POLL, ["5"], rev=2)
        assert other_tab["code"] == "conflict"
    assert await box(running, open_event) == ["4"]


async def test_eight_tabs_of_one_phone_have_one_ballot(running: Running, open_event: Event) -> None:
    cookie = device_cookie(running.context)
    async with (
        phone(running, open_event.id, cookie=cookie) as one,
        phone(running, open_event.id, cookie=cookie) as two,
    ):
        replies = await asyncio.gather(
            *(tab.cast(POLL, [str(n + 1)]) for tab in (one, two) for n in range(4))
        )
    assert sum(said["type"] == "receipt" for said in replies) == 1
    assert {said["code"] for said in replies if said["type"] == "reject"} == {"conflict"}
    assert len(await box(running, open_event)) == 1


@pytest.mark.parametrize(
    ("poll", "choice", "more", "code"),
    [
        ("no-such-poll", ["1"], {}, "no_such_poll"),
        (POLL, ["7"], {}, "unknown_option"),
        (POLL, ["1", "2"], {}, "too_many"),
        (MULTIPLE, ["1", "2", "3"], {}, "too_many"),
        (MULTIPLE, ["1", "1"], {}, "chosen_twice"),
        (POLL, [], {}, "none_chosen"),
        (POLL, ["1"], {"round": 2}, "other_round"),
        (POLL, ["1"], {"round": 0}, "closed"),
        ("research-results", ["1"], {"round": 0}, "closed"),
        ("research-results", ["1"], {"round": 1}, "other_round"),
        ("authority-needs", ["1"], {"round": 1}, "not_for_you"),
    ],
)
async def test_ballot_that_does_not_fit_is_refused_in_words_and_changes_nothing(
    running: Running, open_event: Event, poll: str, choice: list[str], more: dict[str, int], code: str
) -> None:
    async with phone(running, open_event.id) as voter:
        said = await voter.cast(poll, choice, **more)
        assert (said["type"], said["code"], said["temporary"]) == ("reject", code, False)
        assert said["message"].endswith(".")
        assert "own" not in said or said["own"] is None
    assert await box(running, open_event) == []
    assert await box(running, open_event, MULTIPLE) == []


async def test_refusal_speaks_the_language_of_the_phone(running: Running, open_event: Event) -> None:
    async with (
        phone(running, open_event.id, query="?lang=de") as german,
        phone(running, open_event.id, query="?lang=en") as english,
    ):
        words = [(await one.cast(MULTIPLE, ["1", "2", "3"]))["message"] for one in (german, english)]
    assert words[0] != words[1]
    assert all("2" in one for one in words), "it says how many are allowed"


async def test_ballot_after_the_close_is_refused_and_a_counted_one_is_still_told_so(
    running: Running, open_event: Event
) -> None:
    async with phone(running, open_event.id) as early, phone(running, open_event.id) as late:
        first = await early.cast(POLL, ["1"], nonce="before-the-close")
        await moderation.act(running.store, open_event.id, "test", POLL, Action.CLOSE)
        assert (await late.cast(POLL, ["1"]))["code"] == "closed"
        again = await early.cast(POLL, ["1"], nonce="before-the-close")
        assert (again["type"], again["again"], again["own"]) == ("receipt", True, first["own"])
    assert await box(running, open_event) == ["1"]


async def test_seat_of_another_event_gives_no_segment_here(running: Running, open_event: Event) -> None:
    other = fresh(open_event)
    await load_event(running.store, other, actor="test")
    keyring = running.context.keyring
    cookie = device_cookie(running.context)
    cookie += f"; {running.context.seat_cookie(open_event.id)}="
    cookie += keyring.sign_seat(other.id, Seat(segment="panellist"))
    async with phone(running, open_event.id, cookie=cookie) as voter:
        await voter.cast(POLL, ["1"])
    reading = await running.store.read_round(open_event.id, POLL, 1)
    assert [entry.segment for entry in reading.box.values()] == [""]


async def test_segment_of_the_seat_is_counted_with_the_ballot(running: Running, open_event: Event) -> None:
    cookie = device_cookie(running.context)
    cookie += f"; {running.context.seat_cookie(open_event.id)}="
    cookie += running.context.keyring.sign_seat(open_event.id, Seat(segment="panellist"))
    async with phone(running, open_event.id, cookie=cookie) as voter:
        await voter.cast(POLL, ["1"])
    reading = await running.store.read_round(open_event.id, POLL, 1)
    assert reading.tally == {"1|panellist|1": 1}


async def test_voter_keys_of_two_rounds_and_two_polls_have_nothing_in_common(
    running: Running, open_event: Event
) -> None:
    cookie = device_cookie(running.context)
    async with phone(running, open_event.id, cookie=cookie) as voter:
        await voter.cast(POLL, ["1"])
        await voter.cast(MULTIPLE, ["1"])
        for action in (Action.CLOSE, Action.REOPEN):
            await moderation.act(running.store, open_event.id, "test", POLL, action)
        await voter.cast(POLL, ["1"], round=2, nonce=secrets.token_urlsafe(12))
    keys = [
        key
        for poll, round in ((POLL, 1), (POLL, 2), (MULTIPLE, 1))
        for key in (await running.store.read_round(open_event.id, poll, round)).box
    ]
    assert len(keys) == len(set(keys)) == 3


async def test_own_ballots_come_back_with_the_welcome(running: Running, open_event: Event) -> None:
    cookie = device_cookie(running.context)
    async with phone(running, open_event.id, cookie=cookie) as voter:
        said = await voter.cast(POLL, ["6"])
    async with phone(running, open_event.id, cookie=cookie) as again:
        await again.say(type="hello", v=1)
        welcome = await again.hear(type="welcome")
    assert welcome["own"] == [said["own"]]
    assert dataclasses.is_dataclass(open_event)
    async with phone(running, open_event.id) as stranger:
        await stranger.say(type="hello", v=1)
        assert (await stranger.hear(type="welcome"))["own"] == []
