"""rules.json and its hash."""

import json
from dataclasses import replace
from typing import Any

import pytest

from polls.model import Event, Text
from server.eventyaml import read_event
from tests.conftest import ROOT
from voting.award.rules import rules_hash, rules_of
from voting.canonical import canonical_json, nfc


@pytest.fixture(scope="module")
def event() -> Event:
    return read_event((ROOT / "examples" / "award.yaml").read_text(encoding="utf-8"))


def test_rules_are_plain_values_that_survive_json(event: Event) -> None:
    rules: Any = rules_of(event.awards[0], event)
    assert json.loads(canonical_json(rules)) == rules
    assert [r["kind"] for r in rules["rounds"]] == ["jury", "vote"]
    assert rules["candidates"][-1] == {
        "id": "nobody",
        "name": "None of the above",
        "entrant": "",
        "detail": "",
    }
    assert (rules["rounds"][0]["quorum_share"], rules["rounds"][0]["boundary"]) == ("2/3", "admit")
    assert rules["decision"]["jury_round"] == ""
    assert rules["approvals"] == 2


def test_only_what_decides_changes_the_hash(event: Event) -> None:
    award = event.awards[1]
    before = rules_hash(award, event)
    translated = replace(award, title=Text((("en", award.title.pick("en")), ("de", "Anders"))))
    assert rules_hash(replace(translated, note=Text.plain("n"), session=None), event) == before
    heavier = replace(award, decision=replace(award.decision, jury_weight=3))
    assert rules_hash(heavier, event) != before


def test_letters_composed_otherwise_give_the_same_hash(event: Event) -> None:
    award = event.awards[0]
    hashes = {rules_hash(replace(award, title=Text.plain(t)), event) for t in ("Pre\u0301mio", "Pr\u00e9mio")}
    assert len(hashes) == 1 and nfc({"e\u0301": ["e\u0301"]}) == {"\u00e9": ["\u00e9"]}


@pytest.mark.parametrize("value", [1.0, {"a": float("nan")}, {1: "a"}, "\ud800", [b"x"]])
def test_what_has_no_one_text_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        canonical_json(value)
