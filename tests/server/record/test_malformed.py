"""Whatever is put into a record in whatever place: the recount never fits, and never breaks down."""

import contextlib
import copy
import functools
import io
import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from server.record import recount
from tests.server.record.builder import sample
from voting.record.canonical import canonical_json

WHOLE = sample().files()
MULTIPLES = functools.lru_cache(recount.multiples)  # the key's tables are the same every time
JUNK: list[Any] = [None, True, 0, -1, 10**30, "", "x", [], [1], [[]], {}, {"a": 1}]
Path = tuple[Any, ...]


def places(value: Any, at: Path = ()) -> Iterator[Path]:
    """Where something stands inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in inner:
        yield (*at, key)
        yield from places(held, (*at, key))


@given(st.data())
@settings(max_examples=80)
def test_junk_in_any_place_is_a_fault_and_never_a_traceback(data: st.DataObject) -> None:
    name = data.draw(
        st.sampled_from(["rules.json", "result.json", "ballots.jsonl", "sheets.jsonl", "log.jsonl"])
    )
    lines = WHOLE[name].splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    value = json.loads(lines[number])
    *way, last = data.draw(st.sampled_from(list(places(value))))
    held = functools.reduce(lambda inner, key: inner[key], way, value)
    if isinstance(held, dict) and data.draw(st.booleans()):
        del held[last]
    else:
        held[last] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    lines[number] = canonical_json(value)
    files = WHOLE | {name: "\n".join(lines) + ("\n" if name.endswith("l") else "")}
    assume(files != WHOLE)
    report = io.StringIO()

    with (
        patch.object(recount, "load", lambda path: files),
        patch.object(recount, "multiples", MULTIPLES),
        contextlib.redirect_stdout(report),
    ):
        code = recount.main(["record.zip"])

    assert code == 1
    assert "FAULT" in report.getvalue()
