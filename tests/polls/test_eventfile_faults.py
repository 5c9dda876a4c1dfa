"""Event files that are refused: where the fault is, and with which words."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polls.errors import EventFileInvalid
from polls.eventfile import dump_event, parse_event
from tests.polls.eventfiles import Data, P, change, faults_of, poll_of, ranked, small

PLACES = [
    (),
    ("agenda",),
    ("agenda", 0),
    ("agenda", 0, "polls", 0),
    ("agenda", 0, "polls", 1, "scale"),
    ("agenda", 1, "parallel", 1),
    ("segments", 0),
]
KEYS = ["id", "title", "days", "timezone", "hemicycle", "languages", "segments", "rooms", "agenda", "polls"]
MORE = ["options", "kind", "scale", "max", "published", "percent", "order", "time", "day", "countdown"]
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, *MORE, None, 1, True, "en", "detail"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def test_every_fault_of_a_file_is_named_at_once() -> None:
    data = small()
    data["titel"] = "x"
    del data["timezone"]
    poll_of(data)["question"] = ""
    data["agenda"][1]["time"] = "11:00-10:00"
    faults = faults_of(data)
    assert set(faults) == {"titel", "timezone", "agenda.0.polls.0.question", "agenda.1.time"}
    assert faults["titel"] == "unknown key; did you mean “title”?"
    assert faults["timezone"] == "is missing; expected a time zone such as Europe/Brussels"


@pytest.mark.parametrize("path", ["title", "id", "min_group", f"{P}.max", f"{P}.published", "hemicycle"])
def test_numbers_too_long_to_spell_out_are_faults_like_others(path: str) -> None:
    huge = 16**5000
    for value in (huge, {huge: 1}, {"percent": {huge: 1}}, {"order": [huge]}):
        data = small()
        change(path, value)(data)
        assert faults_of(data)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from([*KEYS, *MORE]), values)
def test_whatever_stands_in_a_file_it_is_read_or_refused(
    place: tuple[str | int, ...], key: str, value: object
) -> None:
    data: Any = small()
    target = data
    for step in place:
        target = target[step]
    target[0 if isinstance(target, list) else key] = value
    try:
        event = parse_event(data)
    except EventFileInvalid as error:
        assert error.faults
    else:
        assert parse_event(dump_event(event)) == event


CASES = [
    ("hemicycle", 2, "hemicycle", "expected 1, the version this program reads, found the number 2"),
    ("hemicycle", True, "hemicycle", "expected 1"),
    ("id", "Demo Day", "id", "expected an id of small letters"),
    ("id", "-", "id", "expected an id of small letters"),
    ("title", 2020, "title", 'to make it a text, write "2020"'),
    ("title", False, "title", 'write "false"'),
    ("title", None, "title", "expected a text, found nothing"),
    ("title", {}, "title", "at least one language"),
    ("title", {"fr": "Jour"}, "title.fr", "not among the event's languages"),
    ("title", "a\nb", "title", "control character U+000A"),
    ("title", "a\u202eb", "title", "control character U+202E"),
    ("title", "x" * 201, "title", "expected at most 200 characters, found 201"),
    ("days", {"first": "2024-05-06"}, "days.last", "is missing"),
    ("days", {"first": "2024-05-06", "last": "2024-05-01"}, "days", "not before it"),
    ("days", ["2024-05-06", "2024-05-08"], "days", "expected days in a row"),
    ("days", "6 May 2024", "days", "expected a day such as"),
    ("days", "2024-02-30", "days", "there is no day 2024-02-30"),
    ("timezone", "Brussels time", "timezone", "expected a time zone"),
    ("languages", ["english"], "languages.0", "expected a language tag"),
    ("languages", ["en", "de", "en"], "languages.2", "named twice"),
    ("languages", [], "languages", "expected 1 to 30 languages, found 0"),
    ("places", "Brussels", "places", "expected a list of places, found “Brussels”"),
    ("join_code", "BIGSUN", "join_code", "expected six of the symbols"),
    ("join_code", 123456, "join_code", "in quotes"),
    ("min_group", 0, "min_group", "a whole number from 1"),
    ("segments", [{"id": "a"}], "segments.0.name", "is missing"),
    ("segments.1.id", "press", "segments.1.id", "another segment has “press”"),
    ("rooms.1.id", "red", "rooms.1.id", "another room has “red”"),
    ("agenda", {"a": 1}, "agenda", "expected a list of sessions"),
    ("agenda.0.day", 3, "agenda.0.day", "a whole number from 1 to 2"),
    ("agenda.0.day", "2024-05-08", "agenda.0.day", "a day of the event, from 2024-05-06 to 2024-05-07"),
    ("agenda.0.time", "25:00-26:00", "agenda.0.time", "00:00 to 23:59"),
    ("agenda.0.time", "morning", "agenda.0.time", "such as 09:30-11:15"),
    ("agenda.0.room", "reed", "agenda.0.room", "not the id of a room; did you mean “red”?"),
    ("agenda.1.parallel", ["red", "red"], "agenda.1.parallel.1", "expected an id"),
    ("agenda.1.polls", [], "agenda.1.polls", "unknown key"),
    (f"{P}.id", "stars", "agenda.0.polls.1.id", "another poll has “stars”"),
    (f"{P}.kind", "singel", f"{P}.kind", "did you mean “single”?"),
    (f"{P}.qestion", "x", f"{P}.qestion", "did you mean “question”?"),
    (f"{P}.question", "x" * 301, f"{P}.question", "at most 300"),
    (f"{P}.options", ["one"], f"{P}.options", "expected 2 to 50 options, found 1"),
    (f"{P}.options", [True, False], f"{P}.options.0", 'write "true"'),
    (f"{P}.options", ["a", "a"], f"{P}.options.1", "option 1 reads the same"),
    (f"{P}.options", ["a", {"txt": "b"}], f"{P}.options.1.text", "is missing"),
    (f"{P}.options", [{"id": "2", "text": "a"}, "b"], f"{P}.options.1", "expected an id"),
    (f"{P}.options.0", "x" * 201, f"{P}.options.0", "at most 200"),
    (f"{P}.max", 2, f"{P}.max", "for more use kind: multiple"),
    (f"{P}.scale", {"from": 1, "to": 5}, f"{P}.scale", "only a rating poll has a scale"),
    (f"{P}.segments", ["pres"], f"{P}.segments.0", "did you mean “press”?"),
    (f"{P}.segments", ["press", "press"], f"{P}.segments.1", "named twice"),
    (f"{P}.order", "random", f"{P}.order", "expected fixed or shuffled"),
    (f"{P}.results", "secret", f"{P}.results", "expected live or hidden"),
    (f"{P}.abstain", "yes", f"{P}.abstain", "expected true or false, found “yes”"),
    (f"{P}.countdown", 4, f"{P}.countdown", "5 to 3600 seconds"),
    (f"{P}.countdown", "2h", f"{P}.countdown", "5 to 3600 seconds"),
    (f"{P}.published", {"percent": [101, 0]}, f"{P}.published.percent.0", "from 0 to 100"),
    (f"{P}.published", {"percent": [1]}, f"{P}.published.percent", "2 to 2 percentages"),
    (f"{P}.published", {"percent": {"Yess": 1}}, f"{P}.published.percent.Yess", "did you mean “Yes”?"),
    (f"{P}.published", {"order": ["Yes", 1]}, f"{P}.published.order.1", "named twice"),
    (
        f"{P}.published",
        {"order": ["Yes"], "not_selected": ["Yes"]},
        f"{P}.published.not_selected",
        "cannot be both",
    ),
    ("agenda.0.polls.1.scale", {"from": 0, "to": 11}, "agenda.0.polls.1.scale", "2 to 11 points"),
    ("agenda.0.polls.1.scale", {"from": 5, "to": 5}, "agenda.0.polls.1.scale", "2 to 11 points"),
    ("agenda.0.polls.1.options", ["a", "b"], "agenda.0.polls.1.options", "a rating poll has no such key"),
]


@pytest.mark.parametrize(("path", "value", "at", "words"), CASES)
def test_fault_says_where_it_is_and_what_was_expected(path: str, value: object, at: str, words: str) -> None:
    data = small()
    change(path, value)(data)
    faults = faults_of(data)
    assert words in faults[at]
    assert len(faults) <= 2  # one fault does not draw a tail of others after it


def test_max_of_several_choices_is_at_most_the_number_of_options() -> None:
    data = small()
    poll_of(data).update(kind="multiple", max=3)
    assert faults_of(data)[f"{P}.max"] == "expected a whole number from 1 to 2, found the number 3"


def test_segments_named_side_by_side_are_some_that_may_answer_and_not_alone() -> None:
    data = small()
    other = next(segment["id"] for segment in data["segments"] if segment["id"] != "press")
    poll_of(data).update(side_by_side=[other], segments=["press"])
    assert "may not answer this poll" in faults_of(data)[f"{P}.side_by_side"]
    poll_of(data).update(side_by_side=["press"])
    assert "others to compare with" in faults_of(data)[f"{P}.side_by_side"]
    poll_of(data).update(side_by_side=["nobody"])
    assert "is not the id of a segment" in faults_of(data)[f"{P}.side_by_side.0"]
    poll_of(data).update(side_by_side="press")
    assert "true, false or a list of segment ids" in faults_of(data)[f"{P}.side_by_side"]


@pytest.mark.parametrize("data", [None, [], "text", 3])
def test_anything_but_keys_is_no_event_file(data: object) -> None:
    assert "hemicycle: 1" in faults_of(data)[""]


def test_keys_that_are_no_words_are_unknown_keys() -> None:
    data: dict[object, object] = {None: 1, 1.5: 2}
    data.update(small())
    assert set(faults_of(data)) == {"None", "1.5"}


@pytest.mark.parametrize(
    ("keys", "key", "words"),
    [
        ({"method": "bordo"}, "method", "found “bordo”; did you mean “borda”"),
        ({"method": "approval"}, "method", "expected borda, dowdall"),
        ({"method": ["irv"]}, "method", "expected borda"),
        ({"ties": "yes"}, "ties", "expected true or false"),
        ({"unranked": "none"}, "unranked", "expected zero, average or length"),
        ({"method": "irv", "unranked": "zero"}, "unranked", "counted by irv"),
        ({"max": 4}, "max", "from 1 to 3"),
    ],
)
def test_a_fault_in_how_orders_are_counted_is_told(keys: Data, key: str, words: str) -> None:
    assert words in faults_of(ranked(**keys))[f"agenda.0.polls.0.{key}"]


@pytest.mark.parametrize("key", ["method", "ties", "unranked"])
def test_only_a_preference_poll_says_how_orders_are_counted(key: str) -> None:
    data = small()
    poll_of(data)[key] = "borda"
    assert "only a preference poll" in faults_of(data)[f"agenda.0.polls.0.{key}"]
