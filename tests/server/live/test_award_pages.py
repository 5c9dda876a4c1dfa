"""Open pages of an award hear of checkpoints by push: what they are told, who may listen, and what not."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from polls.award.model import AwardId
from server.award.stand import read_stand
from server.config import Config
from server.errors import Close
from server.live.pushes import award_push
from server.wire import encode
from tests.conftest import Running, fresh
from tests.server.booth import NAMES, Booth, prize
from tests.server.laws import another_server
from tests.server.live.clients import Phone, address, device_cookie, phone
from tests.server.voter import EMPTY
from tests.waiting import eventually
from voting.errors import StoreUnavailable
from voting.record.words import root_words


@pytest.fixture
async def booth(shell: tuple[str, Running]) -> AsyncIterator[Booth]:
    _, running = shell
    event = fresh(EMPTY, languages=("en", "de"))
    yield await Booth.set_up(running.context, event, prize())
    await running.store.delete_event(event.id)


@pytest.fixture
def running(shell: tuple[str, Running]) -> Running:
    return shell[1]


def listening(running: Running, booth: Booth, lang: str = "en") -> AbstractAsyncContextManager[Phone]:
    """A page's socket, which brings no cookie at all."""
    query = f"?award={booth.award.id}&lang={lang}"
    return phone(running, booth.event.id, kind="award", query=query, cookie="", origin=running.base)


async def pin(booth: Booth) -> None:
    assert await booth.context.awards.settling.checkpoint(*booth.at, 1)


def newest(one: Phone) -> dict[str, object]:
    return next(frame for frame in reversed(one.heard) if frame.get("ch") == "award")


async def test_an_open_page_is_sent_count_root_and_words_of_a_checkpoint(
    running: Running, booth: Booth
) -> None:
    async with listening(running, booth) as page, listening(running, booth, "de") as german:
        before = await page.hear(ch="award")
        assert (before["pinned"], before["root"], before["words"]) == (0, "", [])
        assert before["head"] == "No checkpoint yet." and before["closes_ms"] is None
        for voter, choice in enumerate(("ada", "bram", "ada")):
            await booth.cast(voter, choice)

        await pin(booth)

        told = await page.hear(ch="award", pinned=3)
        head = await booth.context.awards.head(booth.event.id, booth.award.id)
        assert head is not None and told["root"] == head.root
        assert told["words"] == list(root_words(told["root"]))
        assert told["head"] == f"Newest checkpoint: 3 ballots, in words {' '.join(head.words)}."
        assert told["key"] == before["key"] and told["page"] == before["page"], "nothing to load again"
        assert (await german.hear(ch="award", pinned=3))["head"].startswith("Neuester Prüfpunkt: 3 Stimm")


async def test_a_page_hears_of_turnout_close_and_seal_but_never_of_choices(
    running: Running, booth: Booth
) -> None:
    async with listening(running, booth) as page:
        opened = await page.hear(ch="award", turnout="0 of 8 codes have been used.")
        await booth.cast(0, "ada")
        await page.hear(ch="award", turnout="1 of 8 codes have been used.")
        await booth.close()
        closed = await page.hear(ch="award", pinned=1)
        await booth.seal()
        await page.hear(ch="award", key="final:sealed:0")

        assert (opened["key"], closed["key"]) == ("final:open:0", "final:closed:0")
        assert len({frame["page"] for frame in (opened, closed, newest(page))}) == 3
        said = json.dumps(page.heard)
        assert not [one for pair in NAMES.items() for one in pair if f'"{one}"' in said]


async def test_the_last_push_equals_a_fresh_reading(running: Running, booth: Booth) -> None:
    async with listening(running, booth) as page:
        for voter in range(3):
            await booth.cast(voter, "ada")
            if voter == 1:
                await pin(booth)

        async def is_up_to_date() -> bool:
            live = await running.context.event(booth.event.id)
            run, voters = live.state.award(booth.award.id), running.context.voters
            stand = await read_stand(voters, live.id, booth.award, run, "en")
            wanted = json.loads(encode(award_push(stand, live.snapshot.epoch, 0, 0)))
            free = ("offset", "server_ms", "spread_ms")
            heard = [{k: v for k, v in one.items() if k not in free} for one in (wanted, newest(page))]
            return heard[0] == heard[1]

        await page.hear(ch="award", pinned=2, turnout="3 of 8 codes have been used.")
        await eventually(is_up_to_date, what="it shows what a new page would show")
        async with listening(running, booth) as newcomer:
            await newcomer.hear(ch="award", pinned=2, turnout="3 of 8 codes have been used.")


async def test_a_checkpoint_of_another_process_comes_too(
    running: Running, booth: Booth, config: Config, store_url: str
) -> None:
    async with listening(running, booth) as page:
        await page.hear(ch="award", pinned=0)
        await booth.cast(0, "ada")
        async with another_server(config, store_url, running.base) as other:
            assert await other.awards.settling.checkpoint(*booth.at, 1)

        await page.hear(ch="award", pinned=1)


async def test_a_page_is_no_phone_and_casts_nothing(running: Running, booth: Booth) -> None:
    hub = running.context.hub
    async with listening(running, booth) as page:
        await page.hear(ch="award")
        assert hub.kinds()["award"] == 1 and hub.phones(booth.event.id) == 0
        await page.say(
            type="cast", poll="final", round=1, rev=1, nonce="nonce-nonce", selections=["ada"], ref=7
        )
        await page.say(type="hello")

        welcome = await page.hear(type="welcome")

        assert welcome["own"] == [] and await booth.in_the_box() == 0
        assert not [frame for frame in page.heard if frame.get("ref") == 7]
    await eventually(lambda: hub.kinds()["award"] == 0, what="it is gone")
    assert hub.topics(booth.event.id, "award") == []


async def test_nothing_of_a_device_is_kept_for_a_page_that_brings_its_cookie(
    running: Running, booth: Booth
) -> None:
    device = running.context.keyring.new_device()
    query = f"?award={booth.award.id}"
    cookie = device_cookie(running.context, device)
    async with phone(running, booth.event.id, kind="award", query=query, cookie=cookie) as page:
        await page.hear(ch="award")
        assert running.context.hub.connections(booth.event.id, device) == 0


async def test_a_page_of_another_site_gets_a_plain_403(running: Running, booth: Booth) -> None:
    where = address(running, booth.event.id, "award", f"?award={booth.award.id}")
    with pytest.raises(InvalidStatus) as refused:
        await connect(where, additional_headers={"Origin": "http://evil.example"}, proxy=None)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("award", ["", "other"])
async def test_there_is_nothing_to_hear_of_an_award_that_is_not_there(
    running: Running, booth: Booth, award: str
) -> None:
    async with phone(running, booth.event.id, kind="award", query=f"?award={award}") as page:
        await eventually(lambda: page.socket.close_code == Close.NO_SUCH_EVENT, what="it is refused")


async def test_while_the_store_is_away_nothing_untrue_is_pushed(
    running: Running, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    await booth.cast(0, "ada")
    await pin(booth)
    async with listening(running, booth) as page:
        await page.hear(ch="award", pinned=1)
        publisher, asked = running.context.publisher(booth.event.id), []

        async def away(*_: object, **__: object) -> object:
            asked.append(1)
            raise StoreUnavailable("away")

        with monkeypatch.context() as patched:
            patched.setattr(running.context.voters, "turnout", away)
            await booth.cast(1, "bram")
            await eventually(lambda: publisher.down_since_ms, what="the store is missed")
        publisher.wake()

        await page.hear(ch="award", pinned=1, turnout="2 of 8 codes have been used.")
        assert asked and all(one["pinned"] == 1 for one in page.heard if one.get("ch") == "award")


async def test_a_checkpoint_of_a_round_that_is_over_is_not_shown_for_the_next(
    running: Running, booth: Booth
) -> None:
    await booth.cast(0, "ada")
    await booth.cast(1, "bram")
    await booth.close()
    await booth.seal()
    async with listening(running, booth) as page:
        await page.hear(ch="award", pinned=2)
        runoff = await booth.context.awards.acts.runoff(booth.event.id, booth.award.id, "organiser")

        told = await page.hear(ch="award", pinned=0)

        assert told["key"].startswith(f"{runoff}:soon") and told["head"] == "No checkpoint yet."


async def test_every_award_of_an_event_has_pages_of_its_own(running: Running, booth: Booth) -> None:
    other = dataclasses.replace(prize(), id=AwardId("other"))
    event = dataclasses.replace(fresh(EMPTY), awards=(other,))
    second = await Booth.set_up(running.context, event, other)
    async with listening(running, booth) as one, listening(running, second) as two:
        await booth.cast(0, "ada")
        await pin(booth)
        await one.hear(ch="award", pinned=1)
        await second.cast(0, "ada")
        await two.hear(ch="award", turnout="1 of 8 codes have been used.")
        assert all(frame["pinned"] == 0 for frame in two.heard if frame.get("ch") == "award")
    await running.store.delete_event(event.id)
