"""What the decoder takes is what the published schema says."""

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server import wire
from tests.voting.material import law

CAST: dict[str, Any] = {
    "type": "cast",
    "poll": "needs",
    "round": 1,
    "rev": 1,
    "nonce": "nonce-0001",
    "selections": ["1"],
}
DEFS = wire.json_schema()["$defs"]
FIELDS = {
    "poll": DEFS["Cast"]["properties"]["poll"],
    "nonce": DEFS["Cast"]["properties"]["nonce"],
    "selections": DEFS["Cast"]["properties"]["selections"]["items"],
}


def allows(schema: dict[str, Any], text: str) -> bool:
    """Whether a text keeps to a JSON Schema of a string; a pattern's end is the text's end (ECMA 262)."""
    is_long_enough = schema["minLength"] <= len(text) <= schema["maxLength"]
    return is_long_enough and re.fullmatch(schema["pattern"].strip("^$"), text) is not None


@law
@given(
    st.sampled_from(sorted(FIELDS)),
    st.text(alphabet="aZ09._-= \n|>é\0", max_size=90) | st.from_regex(r"[A-Za-z0-9_-]{8,64}", fullmatch=True),
)
@example("nonce", "nonce-0001\n")
@example("poll", "a\n")
@example("selections", "1\n")
@example("selections", "1=2\n")
def test_a_ballot_is_read_exactly_when_its_texts_keep_to_the_schema(field: str, text: str) -> None:
    raw = json.dumps({**CAST, field: [text] if field == "selections" else text})
    if allows(FIELDS[field], text):
        frame = wire.decode(raw)
        assert isinstance(frame, wire.Cast)
        assert getattr(frame, field) == ([text] if field == "selections" else text)
    else:
        with pytest.raises(wire.BadFrame):
            wire.decode(raw)


@pytest.mark.parametrize(
    ("field", "value"), [("poll", "a b"), ("nonce", "no nonce!"), ("selections", ["1>2"])]
)
def test_the_refusal_names_the_field_and_what_was_expected(field: str, value: object) -> None:
    with pytest.raises(wire.BadFrame, match=rf"`{field}` matching"):
        wire.decode(json.dumps({**CAST, field: value}))
