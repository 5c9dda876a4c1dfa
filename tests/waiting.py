"""Waiting for a condition instead of sleeping for a time: the tests' only clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")

STEP_S = 0.01


def wait_until(condition: Callable[[], T], timeout_s: float = 10, what: str = "") -> T:
    """Asks until the answer is true and gives that answer. Raises AssertionError after timeout_s."""
    until = time.monotonic() + timeout_s
    while not (answer := condition()):
        if time.monotonic() > until:
            raise AssertionError(f"not within {timeout_s} s: {what or condition}")
        time.sleep(STEP_S)
    return answer


@overload
async def eventually(condition: Callable[[], Awaitable[T]], timeout_s: float = 10, what: str = "") -> T: ...


@overload
async def eventually(condition: Callable[[], T], timeout_s: float = 10, what: str = "") -> T: ...


async def eventually(condition: Callable[[], T | Awaitable[T]], timeout_s: float = 10, what: str = "") -> T:
    """The same for a condition that may be asynchronous, while the loop goes on."""
    until = asyncio.get_running_loop().time() + timeout_s
    while True:
        asked = condition()
        answer: T = await asked if isinstance(asked, Awaitable) else asked
        if answer:
            return answer
        if asyncio.get_running_loop().time() > until:
            raise AssertionError(f"not within {timeout_s} s: {what or condition}")
        await asyncio.sleep(STEP_S)
