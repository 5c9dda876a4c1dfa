"""Having a store write its files anew, so that they forget what its memory has forgotten (law L8)."""

import asyncio
from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, ResponseError

from server.store.link import store_errors

LOOK_S = 0.05
"""How often the store is asked whether it is done, in seconds."""
LONGEST_S = 600.0
"""After so long a rewrite is given up, in seconds; it is tried again later."""


async def rewrite(server: Redis) -> bool:
    """Write the append-only file and, where the store keeps one, the snapshot anew; wait until both are on
    disk and the old files are gone.

    False when the store does not let us, or keeps neither, and so what its files hold is not ours to say.
    Raises StoreUnavailable when it fails or takes longer than LONGEST_S.
    """
    with store_errors():
        async with asyncio.timeout(LONGEST_S):
            try:
                has_log = (await server.config_get("appendonly")).get("appendonly") == "yes"
                has_snapshot = bool((await server.config_get("save")).get("save"))
                if has_log:
                    await _run(server, "BGREWRITEAOF", "aof_rewrites", "aof_last_bgrewrite_status")
                if has_snapshot:
                    await _run(server, "BGSAVE", "rdb_saves", "rdb_last_bgsave_status")
            except NoPermissionError:
                return False
            except ResponseError as error:
                if "unknown command" in str(error).lower():  # renamed away by whoever runs it
                    return False
                raise
    return has_log or has_snapshot


async def _run(server: Redis, command: str, counter: str, status: str) -> None:
    """Start one kind of writing after any that is under way, which began too early, and wait for its end."""
    execute: Callable[..., Any] = server.execute_command
    while True:
        before = await _when_idle(server)
        try:
            await execute(command)
        except ResponseError as error:
            if "in progress" not in str(error).lower():
                raise
            continue  # somebody else was faster: that one may have begun too early
        break
    after = await _when_idle(server)
    if after.get(status) != "ok" or int(after.get(counter, 0)) <= int(before.get(counter, 0)):
        raise ResponseError(f"{command} did not succeed; see the store's own log (is the disk full?)")


async def _when_idle(server: Redis) -> dict[str, Any]:
    busy = ("aof_rewrite_in_progress", "aof_rewrite_scheduled", "rdb_bgsave_in_progress")
    while True:
        info: dict[str, Any] = await server.info("persistence")
        if not any(int(info.get(field, 0)) for field in busy):
            return info
        await asyncio.sleep(LOOK_S)
