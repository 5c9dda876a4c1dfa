"""Event files as plain data: what is read, and written again."""

import json
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings

from polls.eventdoc import event_from_doc, event_to_doc
from polls.eventfile import dump_event, parse_event, poll_paths
from polls.joincode import derive
from polls.model import EACH, EVERYONE_ELSE, Event, EventId, OptionOrder, PollKind, ResultsMode, Text
from tests.polls.event_strategies import events
from tests.polls.eventfiles import SMALL, P, faults_of, poll_of, ranked, small


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(events())
def test_plain_data_of_a_file_and_stored_document_give_the_same_event(event: Event) -> None:
    assert parse_event(dump_event(event)) == event
    copy = replace(event, id=EventId(f"{event.id}-rehearsal"), rehearsal_of=event.id)
    for each in (event, copy):
        assert event_from_doc(json.loads(json.dumps(event_to_doc(each)))) == each


def test_defaults_are_filled_in_and_left_out_again() -> None:
    event = parse_event(small())
    found = event.find_poll("tea")
    assert found is not None
    poll = found[1]
    assert poll.option_ids == ("1", "2")
    assert (poll.max_selections, poll.results, poll.order, poll.min_group) == (
        1,
        ResultsMode.LIVE,
        OptionOrder.FIXED,
        5,
    )
    assert event.join_code == derive("demo")
    dumped = dump_event(event)
    assert "join_code" not in dumped
    assert dumped["agenda"][0]["polls"][0] == poll_of(SMALL)  # type: ignore[index]


def test_days_rooms_and_parallel_sessions_are_unfolded_in_order() -> None:
    event = parse_event(small())
    assert (event.first_day, event.last_day) == (date(2024, 5, 6), date(2024, 5, 7))
    assert [(s.id, s.room, s.starts) for s in event.sessions] == [
        ("day1-0930", "", datetime(2024, 5, 6, 9, 30)),
        ("day2-1000-red", "red", datetime(2024, 5, 7, 10, 0)),
        ("day2-1000-blue", "blue", datetime(2024, 5, 7, 10, 0)),
    ]


def test_parallel_rooms_may_have_a_title_and_polls_of_their_own() -> None:
    data = small()
    own = {"id": "own", "kind": "single", "question": "Q?", "options": ["a", "b"]}
    data["agenda"][1]["parallel"][1] = {"room": "blue", "title": "Blue talks", "polls": [own], "id": "bt"}
    session = parse_event(data).sessions[2]
    assert (session.id, session.title, session.polls[0].id) == ("bt", Text.plain("Blue talks"), "own")
    assert poll_paths(data)["own"] == ("agenda", 1, "parallel", 1, "polls", 0)
    assert poll_paths(data)["stars"] == ("agenda", 0, "polls", 1)


@pytest.mark.parametrize(
    "days", ["2024-05-06", ["2024-05-06"], {"first": "2024-05-06", "last": "2024-05-06"}]
)
def test_session_of_a_one_day_event_needs_no_day(days: object) -> None:
    data = small() | {"days": days, "agenda": [{"title": "All", "time": "9:00 – 17:00"}]}
    assert parse_event(data).sessions[0].ends == datetime(2024, 5, 6, 17, 0)


def test_rating_options_are_the_points_of_the_scale() -> None:
    data = small()
    data["agenda"][0]["polls"][1]["scale"]["labels"] = [None, {"en": "great", "de": "toll"}]
    found = parse_event(data).find_poll("stars")
    assert found is not None and found[1].scale is not None
    assert found[1].option_ids == tuple(str(n) for n in range(11))
    assert found[1].scale.low_label is None
    assert found[1].scale.high_label == Text((("en", "great"), ("de", "toll")))


def test_votes_on_people_are_hidden_unless_the_file_says_live() -> None:
    data = small()
    poll_of(data)["people"] = True
    assert parse_event(data).sessions[0].polls[0].results is ResultsMode.HIDDEN
    poll_of(data)["results"] = "live"
    assert parse_event(data).sessions[0].polls[0].results is ResultsMode.LIVE


def test_several_choices_default_to_all_options() -> None:
    data = small()
    poll_of(data)["kind"] = "multiple"
    assert parse_event(data).sessions[0].polls[0].max_selections == 2


def test_min_group_comes_from_poll_then_event_then_setting() -> None:
    data = small()
    assert parse_event(data, default_min_group=8).sessions[0].polls[0].min_group == 8
    data["min_group"] = 7
    poll_of(data)["min_group"] = 3
    opening = parse_event(data, default_min_group=8).sessions[0]
    assert [poll.min_group for poll in opening.polls] == [3, 7]


def test_dump_keeps_min_group_whatever_the_reader_has_as_default() -> None:
    event = parse_event(small(), default_min_group=8)
    assert parse_event(dump_event(event), default_min_group=2) == event


@pytest.mark.parametrize("percent", [[60, 40], {"Yes": 60, "No": 40}, {1: 60, "2": 40}])
def test_published_percentages_are_given_by_place_text_or_id(percent: object) -> None:
    data = small()
    poll_of(data)["published"] = {"percent": percent, "order": ["No", 1]}
    published = parse_event(data).sessions[0].polls[0].published
    assert published is not None
    assert published.percent == (("1", 60), ("2", 40))
    assert published.order == ("2", "1")


def test_two_people_of_one_name_are_told_apart_by_detail() -> None:
    data = small()
    poll_of(data)["options"] = [{"text": "Kim", "detail": "A"}, {"text": "Kim", "detail": "B"}]
    assert len(parse_event(data).sessions[0].polls[0].options) == 2
    poll_of(data)["options"][1]["detail"] = "A"
    assert "option 1 reads the same" in faults_of(data)["agenda.0.polls.0.options.1"]


@pytest.mark.parametrize(("given_", "seconds"), [(90, 90), ("90s", 90), ("2m", 120), ("45", 45)])
def test_countdown_is_seconds_or_minutes(given_: object, seconds: int) -> None:
    data = small()
    poll_of(data)["countdown"] = given_
    assert parse_event(data).sessions[0].polls[0].countdown_s == seconds


def test_indonesian_texts_are_not_taken_for_option_ids() -> None:
    data = small() | {"languages": ["id", "en"], "segments": []}
    del data["segments"]
    poll_of(data)["options"] = [{"id": "Ya", "en": "Yes"}, {"id": "Tidak", "en": "No"}]
    assert parse_event(data).sessions[0].polls[0].options[0].text.pick("id") == "Ya"


def test_side_by_side_needs_two_segments() -> None:
    data = small()
    poll_of(data).update(side_by_side=True, segments=["press"])
    assert "at least two segments" in faults_of(data)[f"{P}.side_by_side"]
    poll_of(data).pop("segments")
    assert parse_event(data).sessions[0].polls[0].beside == (EACH,)
    poll_of(data).update(side_by_side=False)
    assert parse_event(data).sessions[0].polls[0].beside == ()


def test_side_by_side_can_name_the_segments_that_stand_beside_everyone_else() -> None:
    data = small()
    poll_of(data).update(side_by_side=["press"])
    event = parse_event(data)
    poll = event.sessions[0].polls[0]
    assert poll.beside == ("press",)
    assert poll.groups([segment.id for segment in event.segments]) == ("press", EVERYONE_ELSE)
    assert parse_event(dump_event(event)) == event


def test_sessions_at_the_same_time_and_place_need_ids() -> None:
    data = small()
    data["agenda"].append({"title": "Twin", "day": 1, "time": "09:30-09:40"})
    assert "expected an id" in faults_of(data)["agenda.2"]
    data["agenda"][2]["id"] = "twin"
    assert parse_event(data).sessions[-1].id == "twin"


def test_kinds_have_the_names_of_the_manual() -> None:
    names = ["single", "multiple", "ranked-by-selection", "rating", "preference"]
    assert [kind.value for kind in PollKind] == names


def test_a_preference_poll_ranks_all_options_by_borda_unless_the_file_says_otherwise() -> None:
    _, poll = next(parse_event(ranked()).polls())
    assert (poll.method, poll.ties, poll.unranked, poll.max_selections) == ("borda", False, "zero", 3)
    _, poll = next(parse_event(ranked(method="irv", ties=True, max=2)).polls())
    assert (poll.method, poll.ties, poll.max_selections) == ("irv", True, 2)
    _, poll = next(parse_event(ranked(unranked="average")).polls())
    assert poll.unranked == "average"
