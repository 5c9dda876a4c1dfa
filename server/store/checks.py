"""Whether a store may be used, and what may truly be said about it: read back from the store itself."""

from enum import StrEnum

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError


class Durability(StrEnum):
    """What a counted ballot survives, as the store itself is set; dashboard.words has a sentence for each."""

    ALWAYS = "always"
    EVERYSEC = "everysec"
    SLOW = "slow"
    NONE = "none"
    UNVERIFIED = "unverified"


WORST_FIRST = (
    Durability.NONE,
    Durability.UNVERIFIED,
    Durability.SLOW,
    Durability.EVERYSEC,
    Durability.ALWAYS,
)
"""Of several servers the worst one's label holds."""

MIN_VALKEY = 8
MIN_REDIS = 7


class StoreUnfit(Exception):
    """The store answers, but must not be used; the text says why and what to do."""


async def check_fitness(client: Redis) -> None:
    """Refuse a store that is too old or that may throw keys away. Raises StoreUnfit, RedisError."""
    try:
        info = await client.info("server")
    except ResponseError as error:
        raise StoreUnfit(f"The store does not let us ask for its version (INFO): {error}") from error
    if "valkey_version" in info:
        name, version, least = "Valkey", str(info["valkey_version"]), MIN_VALKEY
    else:
        name, version, least = "Redis", str(info.get("redis_version", "0")), MIN_REDIS
    if int(version.split(".")[0]) < least:
        raise StoreUnfit(f"The store is {name} {version}; {name} {least} or newer is needed.")
    policy = await _config(client, "maxmemory-policy")
    if policy is not None and policy != "noeviction":
        raise StoreUnfit(
            f"The store may throw votes away: its maxmemory-policy is {policy}. Set it to noeviction."
        )


async def durability(client: Redis) -> Durability:
    """How safe a counted ballot is from a power failure; unverified when the store does not say."""
    try:
        appendonly = await _config(client, "appendonly")
        appendfsync = await _config(client, "appendfsync")
        paused = await _config(client, "no-appendfsync-on-rewrite")
    except (RedisError, OSError):
        return Durability.UNVERIFIED
    if appendonly == "no":
        return Durability.NONE
    if appendonly == "yes" and paused == "yes":
        return (
            Durability.SLOW
        )  # while it writes its files anew it leaves the disk to the kernel, always or not
    if appendonly == "yes":
        levels = {"always": Durability.ALWAYS, "everysec": Durability.EVERYSEC, "no": Durability.SLOW}
        return levels.get(appendfsync or "", Durability.UNVERIFIED)
    return Durability.UNVERIFIED


async def _config(client: Redis, name: str) -> str | None:
    """One setting of the store; None when we are not allowed to read it."""
    try:
        settings = await client.config_get(name)
    except ResponseError:
        return None
    value = settings.get(name)
    return None if value is None else str(value)
