"""The Function library that decides and records ballots inside the store (store/functions/*.lua)."""

import hashlib
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.resources import files
from typing import Any

LIBRARY = "hemicycle"
PARTS = ("box", "cast", "commit", "swap", "note", "read", "delete", "award", "award_seal")
"""The files of the library, in order: a part may use the local functions of those before it."""

MAX_BATCH = 512
"""Ballots per call of hc_cast: Lua hands a few thousand values to one command, not more."""


@cache
def library(is_sharded: bool = False) -> str:
    """The library's text. It names its own SHA-256, so that two versions are never taken for one.

    is_sharded: wake listeners by shard channels, as a cluster does best; else by plain ones.
    """
    folder = files("server.store") / "functions"
    publish = f"local PUBLISH = '{'SPUBLISH' if is_sharded else 'PUBLISH'}'\n"
    body = publish + "\n".join((folder / f"{part}.lua").read_text("utf-8") for part in PARTS)
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f"#!lua name={LIBRARY}\n-- sha256 {digest}\n{body}"


async def load_library(execute: Callable[..., Awaitable[Any]], is_sharded: bool = False) -> bool:
    """Load the library unless exactly this text is loaded already; True when it had to be.

    `execute` runs one command on the server that is to have it. Not loading it again matters: a store
    whose memory is full would refuse it, and then could not even close a poll.
    """
    found: list[list[Any]] = await execute("FUNCTION", "LIST", "LIBRARYNAME", LIBRARY, "WITHCODE")
    for fields in found:
        if dict(zip(fields[::2], fields[1::2], strict=True)).get("library_code") == library(is_sharded):
            return False
    await execute("FUNCTION", "LOAD", "REPLACE", library(is_sharded))
    return True
