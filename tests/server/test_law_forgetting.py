"""Law L8 in the server's own memory: of a sealed round no process holds what joins voters and ballots."""

import gc
from typing import Any

from polls.lifecycle import Action
from polls.model import Event, PollId
from server import moderation, watch
from server.app import build_context
from server.auth import Keyring, Seat
from server.ballots import cast_ballot
from server.config import Config
from server.context import Context
from server.loading import load_event
from server.sealing import seal_round
from server.store.memory import MemoryStore
from server.wire import Cast, Receipt
from voting.voterkey import VoterKeys, voter_key

POLL = PollId("public-support")
NONCE = "nonce-of-anna-1"
DEVICE = "device-of-anna"
OURS = ("server.", "voting.", "polls.")


def _held(*roots: object) -> list[Any]:
    """Everything of ours that can be reached from some objects, but for the store."""
    seen: dict[int, Any] = {}
    todo = list(roots)
    while todo:
        one = todo.pop()
        is_ours = type(one).__module__.startswith(OURS) and not isinstance(one, MemoryStore)
        if id(one) in seen or not (is_ours or isinstance(one, dict | list | tuple | set | str | bytes)):
            continue
        seen[id(one)] = one
        if not isinstance(one, str | bytes):
            todo += gc.get_referents(one)
        if isinstance(one, dict):  # whose texts as keys the collector does not tell
            todo += one
    return list(seen.values())


def _what_joins(context: Context, secret: bytes) -> set[str]:
    """What of a round's secret, voter keys and nonces the process holds."""
    voter, found = voter_key(secret, DEVICE), set()
    for one in _held(context.live_events(), context.rechecker, context.batchers, context.greeter):
        if isinstance(one, VoterKeys) or one == secret or one == secret.hex():
            found.add("secret")
        elif isinstance(one, str) and one == voter:
            found.add("voter key")
        elif isinstance(one, str) and one == NONCE:
            found.add("nonce")
    return found


def _server(config: Config, store: MemoryStore) -> Context:
    return build_context(
        config, store, Keyring.load(config.store.data / "key"), config.store.data, "http://127.0.0.1:1"
    )


async def test_once_a_round_is_sealed_the_process_has_forgotten_who_cast_what(
    config: Config, example: Event
) -> None:
    store = MemoryStore()
    context = _server(config, store)
    try:
        await load_event(store, example, actor="test")
        await moderation.act(store, example.id, "test", POLL, Action.OPEN)
        live = await context.event(example.id)
        secret = await store.round_key(example.id, POLL, 1)
        assert secret is not None
        frame = Cast(poll=POLL, round=1, rev=1, nonce=NONCE, selections=["1"])
        reply = await cast_ballot(live, context.batchers, DEVICE, Seat(), frame, "en")
        assert isinstance(reply, Receipt)
        await watch.recheck(context, example.id, POLL, live.state.run(POLL))
        assert _what_joins(context, secret) >= {"secret", "voter key"}, "else nothing is tried here"

        await moderation.act(store, example.id, "test", POLL, Action.CLOSE)
        await live.refresh()
        await watch.recheck(context, example.id, POLL, live.state.run(POLL))
        del frame, reply
        assert await seal_round(store, example.id, POLL, 1, moderation.TIMER)
        await live.refresh()

        assert _what_joins(context, secret) == set()
    finally:
        await context.stop()


async def test_once_a_round_is_reset_the_process_has_forgotten_its_secret(
    config: Config, example: Event
) -> None:
    store = MemoryStore()
    context = _server(config, store)
    try:
        await load_event(store, example, actor="test")
        await moderation.act(store, example.id, "test", POLL, Action.OPEN)
        live = await context.event(example.id)
        secret = await store.round_key(example.id, POLL, 1)
        assert secret is not None
        frame = Cast(poll=POLL, round=1, rev=1, nonce=NONCE, selections=["1"])
        assert isinstance(await cast_ballot(live, context.batchers, DEVICE, Seat(), frame, "en"), Receipt)
        assert "secret" in _what_joins(context, secret)
        del frame
        await moderation.act(store, example.id, "test", POLL, Action.RESET)
        await live.refresh()
        assert _what_joins(context, secret) == set()
    finally:
        await context.stop()


async def test_rounds_that_another_process_saw_close_are_forgotten_too(
    example: Event,
) -> None:
    """The one that recounts open rounds for all need not follow an event."""
    store = MemoryStore()
    rechecker = watch.Rechecker(store)
    await load_event(store, example, actor="test")
    await moderation.act(store, example.id, "test", POLL, Action.OPEN)
    assert await rechecker.check(example.id, POLL, 1, None) == []
    assert rechecker.remembered == {(example.id, POLL, 1)}

    rechecker.forget_all_but([])

    assert rechecker.remembered == set()
