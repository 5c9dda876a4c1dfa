"""What several processes do to one event between the steps of a change: join codes and deletions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis

from polls.award.model import AwardId, RoundId
from polls.ports import Change
from server.store.valkey import ValkeyStore
from tests.server.store.award_hall import line
from tests.server.store.hall import Hall, fresh_event
from voting.award.ports import At
from voting.errors import StoreConflict


def before(
    store: ValkeyStore,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    act: Callable[[], Awaitable[object]],
) -> None:
    """Just before the next call of a function of the store, `act` happens."""
    call = store._link.call

    async def slow(name: str, where: Sequence[str], words: Sequence[str | int]) -> Any:
        if name == function:
            monkeypatch.setattr(store._link, "call", call)
            await act()
        return await call(name, where, words)

    monkeypatch.setattr(store._link, "call", slow)


async def test_a_lost_change_leaves_the_join_code_of_the_one_that_won(
    valkey: ValkeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both changed the event's code to the same; the loser gave it back after the winner had it."""
    hall = await Hall(valkey, fresh_event()).set_up()
    event = replace(hall.event, join_code=fresh_event().join_code)
    lost = Change(entry=await hall.entry(), event=event)
    await hall.change("faster", "event")
    before(valkey, monkeypatch, "hc_drop", lambda: hall.change("edit", "event", event=event))

    with pytest.raises(StoreConflict):
        await valkey.commit(hall.id, lost)

    assert await valkey.find_by_code(event.join_code) == hall.id


async def test_a_change_of_the_join_code_and_back_leaves_it_to_its_event(
    valkey: ValkeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = await Hall(valkey, fresh_event()).set_up()
    other = replace(hall.event, join_code=fresh_event().join_code)
    before(valkey, monkeypatch, "hc_drop", lambda: hall.change("edit", "event", event=hall.event))

    await hall.change("edit", "event", event=other)

    assert await valkey.find_by_code(hall.event.join_code) == hall.id


async def test_an_event_that_could_not_be_deleted_keeps_its_join_code(
    valkey: ValkeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = await Hall(valkey, fresh_event()).set_up()
    call = valkey._link.call

    async def busy(name: str, where: Sequence[str], words: Sequence[str | int]) -> Any:
        if name == "hc_delete":
            await hall.change("faster", "event")
        return await call(name, where, words)

    with monkeypatch.context() as patch:
        patch.setattr(valkey._link, "call", busy)
        with pytest.raises(StoreConflict):
            await valkey.delete_event(hall.id)

    assert await valkey.find_by_code(hall.event.join_code) == hall.id
    await valkey.delete_event(hall.id)
    two = await Hall(valkey, replace(fresh_event(), join_code=hall.event.join_code)).set_up()
    assert await valkey.find_by_code(hall.event.join_code) == two.id


async def test_a_deletion_leaves_no_register_that_came_meanwhile(
    valkey: ValkeyStore, client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = await Hall(valkey, fresh_event()).set_up()
    at = At(hall.id, AwardId("prize"), RoundId("final"))
    before(valkey, monkeypatch, "hc_delete", lambda: valkey.awards.load_register(at, [line(0)]))

    await valkey.delete_event(hall.id)
    await valkey.awards.rewrite_files(hall.id)

    assert [key async for key in client.scan_iter(f"hc:1:{{{hall.id}}}:*", count=10_000)] == []


async def test_an_event_that_is_made_again_while_the_files_are_written_is_listed(
    valkey: ValkeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = await Hall(valkey, fresh_event()).set_up()
    await valkey.delete_event(hall.id)
    ask = valkey._link.ask

    async def slow(command: str, *words: Any) -> Any:
        if command == "SREM":
            monkeypatch.setattr(valkey._link, "ask", ask)
            await hall.set_up()
        return await ask(command, *words)

    monkeypatch.setattr(valkey._link, "ask", slow)
    await valkey.awards.rewrite_files(hall.id)

    assert hall.id in await valkey.event_ids()
    assert await valkey.find_by_code(hall.event.join_code) == hall.id
