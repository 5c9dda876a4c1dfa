import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polls.ports import AuditEntry
from tests.voting.material import law
from voting.audit import GENESIS, entry_from_json, entry_to_json, make_entry, verify

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)
bodies = st.dictionaries(texts, st.one_of(texts, st.integers()), max_size=3)


@st.composite
def logs(draw: st.DrawFn, min_size: int = 0) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for at_ms, actor, action, subject, body in draw(
        st.lists(st.tuples(st.integers(0, 2**45), texts, texts, texts, bodies), min_size=min_size, max_size=5)
    ):
        last = entries[-1].hash if entries else GENESIS
        seq = len(entries) + 1
        entries.append(
            make_entry(
                seq=seq, prev=last, at_ms=at_ms, actor=actor, action=action, subject=subject, body=body
            )
        )
    return entries


def act(last: AuditEntry | None, actor: str, action: str, subject: str, **body: str | int) -> AuditEntry:
    """The entry after `last`, one second later."""
    seq, prev = (last.seq, last.hash) if last else (0, GENESIS)
    return make_entry(
        seq=seq + 1, prev=prev, at_ms=1000 * (seq + 1), actor=actor, action=action, subject=subject, body=body
    )


def three() -> list[AuditEntry]:
    first = act(None, "moderator 1", "open", "roundtable-1", round=1)
    second = act(first, "server", "close", "roundtable-1")
    return [first, second, act(second, "moderator 2", "reveal", "roundtable-1")]


def test_entries_are_numbered_from_one_and_each_names_the_hash_before_it() -> None:
    first, second, third = three()
    assert [first.seq, second.seq, third.seq] == [1, 2, 3]
    assert [first.prev, second.prev, third.prev] == [GENESIS, first.hash, second.hash]


def test_the_hash_is_the_same_in_every_run_and_version() -> None:
    entry = act(None, "moderator é", "open", "p", b=2, a="x")
    text = (
        '{"action":"open","actor":"moderator é","at_ms":1000,"body":{"a":"x","b":2},'
        '"prev":"","seq":1,"subject":"p"}'
    )
    assert entry.hash == hashlib.sha256(text.encode()).hexdigest()


def test_an_entry_without_a_place_is_the_first() -> None:
    entry = make_entry(at_ms=1, actor="a", action="b", subject="c")
    assert (entry.seq, entry.prev, entry.body) == (1, GENESIS, {})
    assert verify([entry]) == []


def test_there_is_no_entry_before_the_first() -> None:
    with pytest.raises(ValueError, match="numbered from 1"):
        make_entry(seq=0, at_ms=1, actor="a", action="b", subject="c")


@law
@given(logs())
def test_an_untouched_log_is_sound(log: list[AuditEntry]) -> None:
    assert verify(log) == []
    assert verify(log, head=log[-1].hash if log else GENESIS) == []


@law
@given(logs())
def test_an_entry_survives_its_json(log: list[AuditEntry]) -> None:
    again = [entry_from_json(entry_to_json(entry)) for entry in log]
    assert again == log
    assert verify(again) == []
    assert [entry_from_json(entry_to_json(entry).encode()) for entry in log] == log


@law
@given(logs(min_size=2), st.data())
def test_dropping_doubling_or_swapping_an_entry_is_found(log: list[AuditEntry], data: st.DataObject) -> None:
    head = log[-1].hash
    at = data.draw(st.integers(0, len(log) - 1))
    assert verify(log[:at] + log[at + 1 :], head)
    assert verify(log[: at + 1] + log[at:], head)
    if at:
        assert verify([*log[: at - 1], log[at], log[at - 1], *log[at + 1 :]], head)


ALTERED: list[Mapping[str, object]] = [
    {"seq": 9},
    {"at_ms": 2001},
    {"actor": "moderator 9"},
    {"action": "hide"},
    {"subject": "roundtable-2"},
    {"body": {"round": 2}},
    {"body": {"round": 1.5}},
    {"prev": "0" * 64},
    {"hash": "0" * 64},
]


@pytest.mark.parametrize("altered", ALTERED)
def test_altering_any_field_of_an_entry_is_found(altered: Mapping[str, object]) -> None:
    first, second, third = three()
    assert verify([first, replace(second, **altered), third])  # type: ignore[arg-type]


def test_rewriting_an_entry_with_a_fitting_hash_breaks_the_next_one() -> None:
    first, _, third = three()
    forged = act(first, "server", "close", "another poll")
    assert verify([first, forged, third]) == ["entry 3 does not continue the entry before it"]


def test_a_cut_end_is_found_when_the_last_hash_is_known() -> None:
    log = three()
    assert verify(log[:2]) == []
    assert verify(log[:2], head=log[2].hash) == [
        "the log ends with entry 2, which is not the last one recorded"
    ]
    assert verify([], head=log[2].hash)


def test_the_words_of_a_fault_name_the_entry() -> None:
    first, second, third = three()
    assert verify([first, replace(second, actor="nobody"), third]) == [
        "entry 2 was altered: its hash does not fit its content"
    ]
    assert "entry 3 follows entry 1" in verify([first, third])


@pytest.mark.parametrize("value", [1.5, True, None, ["x"]])
def test_a_body_holds_texts_and_whole_numbers_only(value: object) -> None:
    with pytest.raises(ValueError, match="texts and whole numbers"):
        act(None, "a", "b", "c", k=cast(int, value))


def test_text_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(ValueError):
        act(None, "a", "b", "\ud800")


FIELDS: dict[str, object] = json.loads(entry_to_json(three()[0]))


@pytest.mark.parametrize(
    "fields",
    [
        [],
        {name: value for name, value in FIELDS.items() if name != "hash"},
        {**FIELDS, "more": 1},
        {**FIELDS, "seq": "1"},
        {**FIELDS, "seq": True},
        {**FIELDS, "at_ms": 1.0},
        {**FIELDS, "body": {"k": None}},
        {**FIELDS, "body": []},
    ],
)
def test_json_that_is_no_entry_is_refused(fields: object) -> None:
    with pytest.raises(ValueError):
        entry_from_json(json.dumps(fields))


@pytest.mark.parametrize("text", ["", "{", "NaN", "[" * 100_000, b"\xff"])
def test_text_that_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        entry_from_json(text)
