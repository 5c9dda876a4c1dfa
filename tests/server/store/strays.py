"""The search for keys that server/keys.py does not name."""

from __future__ import annotations

from redis.asyncio import Redis

from server.keydocs import spec_of


async def strays(client: Redis) -> list[str]:
    """What is wrong with the keys of a store: not listed, of another type, or with a time to live."""
    found = []
    async for name in client.scan_iter():
        key = name if isinstance(name, str) else name.decode()
        spec, kind, ttl = spec_of(key), await client.type(key), await client.ttl(key)
        if spec is None:
            found.append(f"{key} is not in server/keys.py")
        elif kind != spec.type:
            found.append(f"{key} is a {kind!s}, not a {spec.type}")
        elif ttl != -1:
            found.append(f"{key} vanishes in {ttl} s")
    return found
