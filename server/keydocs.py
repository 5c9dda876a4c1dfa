"""docs/keyspace.md, written from server/keys.py, and which key of a store is of which kind."""

import re
from functools import cache

from server.keys import KEYS, KeySpec

_HEAD = """# Keyspace

Everything the store holds. Generated from `server/keys.py`; keys are named there and nowhere else.

All keys of one event share the hash tag `{<event>}`: one function may touch them, on a cluster too.
No key has a time to live: nothing an open poll needs may vanish by a clock. Times are Unix milliseconds.
What writes them: `server/store/functions/*.lua`; each file's head says which keys it touches.

| key | type | holds | personal data |
|---|---|---|---|
"""


def render() -> str:
    """The page as Markdown."""
    rows = (
        f"| `{spec.pattern}` | {spec.type} | {_cell(spec.holds)} | {'yes' if spec.personal else 'no'} |"
        for spec in KEYS
    )
    return _HEAD + "\n".join(rows) + "\n"


def spec_of(key: str) -> KeySpec | None:
    """The kind of a key that was found in a store; None for a stray."""
    return next((spec for pattern, spec in _patterns() if pattern.fullmatch(key)), None)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], KeySpec], ...]:
    return tuple(
        (re.compile(re.sub("<[^>]*>", "[^:{}]+", re.escape(spec.pattern).replace(r"\ ", " "))), spec)
        for spec in KEYS
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
