"""An anchor: Starlette and redis-py as their manuals use them.

`python -m tests.bench.plain PORT BYTES [STORE_SOCKET]`: a message "B" sends BYTES to everybody by
`send_text`; a vote is one script call by a pool of connections and is acknowledged on its reply.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import AsyncIterator

import uvicorn
from redis.asyncio import BlockingConnectionPool, Redis, UnixDomainSocketConnection
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

VOTE = """
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 1 then
  redis.call('HINCRBY', KEYS[2], ARGV[2], 1)
  redis.call('XADD', KEYS[3], '*', 'v', ARGV[1], 'c', ARGV[2])
  return 1
end
return 0
"""
POOL = 32


def app(size: int, store: Redis | None) -> Starlette:
    everybody: set[WebSocket] = set()
    text, sha = "x" * size, ""

    @contextlib.asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        nonlocal sha
        if store is not None:
            sha = await store.script_load(VOTE)
        yield

    async def socket(connection: WebSocket) -> None:
        await connection.accept()
        everybody.add(connection)
        try:
            while True:
                said = await connection.receive_text()
                if said == "B":
                    for one in tuple(everybody):
                        await one.send_text(text)
                    continue
                vote = json.loads(said)
                keys = [f"{name}:{vote['poll']}" for name in "bts"]
                assert store is not None
                ok = await store.evalsha(sha, 3, *keys, vote["voter"], vote["choice"])
                await connection.send_text(
                    json.dumps({"t": "ack", "seq": vote["seq"], "ok": ok}, separators=(",", ":"))
                )
        except WebSocketDisconnect:
            everybody.discard(connection)

    return Starlette(routes=[WebSocketRoute("/", socket)], lifespan=life)


def main() -> None:
    port, size, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    store = None
    if path:
        kind = UnixDomainSocketConnection
        pool = BlockingConnectionPool(max_connections=POOL, timeout=None, connection_class=kind, path=path[0])
        store = Redis(connection_pool=pool)
    uvicorn.run(
        app(size, store),
        host="127.0.0.1",
        port=port,
        ws="websockets-sansio",
        loop="uvloop",
        http="httptools",
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # the load client reads only while it is measured
        log_level="warning",
        access_log=False,
        backlog=4096,
    )


if __name__ == "__main__":
    main()
