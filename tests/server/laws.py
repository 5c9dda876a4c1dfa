"""What the tests of the laws share: the poll they vote on, and a second server."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from polls.model import PollId
from server.app import build_context
from server.auth import Keyring
from server.config import Config
from server.context import Context
from server.store.valkey import ValkeyStore
from tests.server.live.clients import Phone

POLL = PollId("public-support")


@contextlib.asynccontextmanager
async def another_server(config: Config, store_url: str, base: str) -> AsyncIterator[Context]:
    """A second server on the same store, as it is before anybody has come."""
    store = ValkeyStore(store_url)
    await store.connect()
    context = build_context(config, store, Keyring.load(config.store.data / "key"), config.store.data, base)
    try:
        yield context
    finally:
        await context.stop()
        await store.close()


def newest(listener: Phone, channel: str) -> dict[str, Any]:
    """The last push of a channel; an empty one before the first."""
    heard = [frame for frame in listener.heard if frame.get("ch") == channel]
    return heard[-1] if heard else {"view": {"counted": -1, "frozen": ""}, "cards": [], "counts": {}}
