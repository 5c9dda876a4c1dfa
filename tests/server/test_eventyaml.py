"""Event files as YAML text, and the conference that ships as the example."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from polls.eventdoc import change_faults
from polls.eventfile import poll
from polls.eventfile import read as head
from polls.model import Event, OptionOrder, PollId, PollKind, ResultsMode, Text
from server.eventyaml import EventFileError, change_error, read_event, write_event
from tests.polls.event_strategies import AWKWARD, events

EXAMPLE = (Path(__file__).parents[2] / "examples" / "ecc2020.yaml").read_text(encoding="utf-8")

SMALL = """\
hemicycle: 1
id: demo
title: Demo day
days: 2024-05-06
timezone: Europe/Berlin
agenda:
  - title: Opening
    time: 09:30-10:00
    polls:
      - id: tea
        kind: single
        question: Tea?
        options: [Yes, No]
"""


def lines_of(text: str) -> tuple[str, ...]:
    with pytest.raises(EventFileError) as caught:
        read_event(text)
    assert str(caught.value) == "\n".join(caught.value.lines)
    return caught.value.lines


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(events())
def test_writing_and_reading_gives_the_same_event(event: Event) -> None:
    assert read_event(write_event(event)) == event


def test_yes_and_no_stay_text() -> None:
    options = read_event(SMALL).sessions[0].polls[0].options
    assert [option.text for option in options] == [Text.plain("Yes"), Text.plain("No")]


@pytest.mark.parametrize("title", AWKWARD)
def test_written_texts_read_the_same_by_yaml_1_1_and_1_2(title: str) -> None:
    event = read_event(SMALL.replace("Tea?", "'" + title.replace("'", "''") + "'"))
    written = write_event(event)
    assert read_event(written).sessions[0].polls[0].question == Text.plain(title)
    by_1_1 = yaml.safe_load(written)
    assert by_1_1["agenda"][0]["polls"][0]["question"] == title
    assert by_1_1["days"]["first"] == "2024-05-06"


def test_numbers_only_yaml_1_2_knows_are_quoted() -> None:
    for title in ("1e5", "0o17", "+5e3"):
        assert f"'{title}'" in write_event(read_event(SMALL.replace("Tea?", f"'{title}'")))


def test_written_file_begins_with_the_version_and_is_block_style() -> None:
    written = write_event(read_event(SMALL))
    assert written.startswith("hemicycle: 1\nid: demo\ntitle: Demo day\n")
    assert "\n  - title: Opening\n" in written
    assert "{" not in written and "[" not in written


def test_fault_names_line_and_path() -> None:
    assert lines_of(SMALL.replace("question: Tea?", "question: 12")) == (
        "line 12, agenda.0.polls.0.question: "
        'expected a text, found the value 12; to make it a text, write "12"',
    )


def test_faults_are_listed_by_line_with_missing_keys_at_their_parent() -> None:
    text = SMALL.replace("        kind: single\n", "").replace("title: Demo day", "titel: Demo day")
    found = lines_of(text.replace("No]", "Yes]"))
    assert [line.split(":")[0] for line in found] == [
        "line 1, title",
        "line 3, titel",
        "line 10, agenda.0.polls.0.kind",
        "line 12, agenda.0.polls.0.options.1",
    ]


def test_unknown_time_zone_is_a_fault_beside_the_others() -> None:
    found = lines_of(SMALL.replace("Europe/Berlin", "Europe/Berlim").replace("id: demo", "id: De mo"))
    assert len(found) == 2
    assert (
        found[1] == "line 5, timezone: there is no time zone “Europe/Berlim”; did you mean “Europe/Berlin”?"
    )


@pytest.mark.parametrize("zone", ["Europe", "Nowhere/Land", "../etc/passwd"])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    (line,) = lines_of(SMALL.replace("Europe/Berlin", zone))
    assert line.startswith("line 5, timezone: ")


def test_text_that_is_no_yaml_names_line_and_column() -> None:
    (line,) = lines_of("hemicycle: 1\ntitle: [a\n")
    assert line.startswith("line 3, column 1: ")


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "just words"])
def test_text_without_keys_is_no_event_file(text: str) -> None:
    (line,) = lines_of(text)
    assert "file: expected an event file, which begins with hemicycle: 1" in line


def test_refused_change_names_the_line_of_the_poll() -> None:
    old, edited = read_event(SMALL), SMALL.replace("Tea?", "Coffee?")
    faults = change_faults(old, read_event(edited), frozenset({PollId("tea")}))
    assert change_error(edited, faults).lines == (
        "line 10, agenda.0.polls.0: the poll “tea” was opened, so it stays as it was; changed: question",
    )
    gone = SMALL[: SMALL.index("    polls:")]
    faults = change_faults(old, read_event(gone), frozenset({PollId("tea")}))
    assert change_error(gone, faults).lines == (
        "line 6, agenda: the poll “tea” was opened and is missing; expected it as before",
    )


def test_default_min_group_is_handed_through() -> None:
    assert read_event(SMALL, default_min_group=9).sessions[0].polls[0].min_group == 9


class TestConference:
    event = read_event(EXAMPLE)

    def texts(self, poll_id: str, ids: tuple[str, ...] | None = None) -> list[str]:
        found = self.event.find_poll(poll_id)
        assert found is not None
        by_id = {option.id: option.text.pick("en") for option in found[1].options}
        return [by_id[i] for i in ids] if ids is not None else list(by_id.values())  # type: ignore[index]

    def test_dumped_example_loads_as_the_same_event(self) -> None:
        assert read_event(write_event(self.event)) == self.event

    def test_head_is_that_of_the_conference(self) -> None:
        event = self.event
        assert (event.id, event.timezone) == ("ecc2020", "Europe/Brussels")
        assert (str(event.first_day), str(event.last_day)) == ("2020-11-10", "2020-11-11")
        assert [s.id for s in event.segments] == [
            "panellist",
            "public-authority",
            "cluster-manager",
            "business",
            "audience",
        ]

    def test_both_days_are_whole_with_their_parallel_rooms(self) -> None:
        by_slot: dict[tuple[str, str], list[str]] = {}
        for session in self.event.sessions:
            slot = (f"{session.starts:%d}", f"{session.starts:%H:%M}-{session.ends:%H:%M}")
            by_slot.setdefault(slot, []).append(session.room)
        assert {slot: len(rooms) for slot, rooms in by_slot.items()} == {
            ("10", "09:30-11:15"): 1,
            ("10", "11:15-11:30"): 1,
            ("10", "11:30-13:00"): 1,
            ("10", "13:00-14:00"): 1,
            ("10", "14:00-15:15"): 4,
            ("10", "15:15-16:00"): 4,
            ("10", "16:00-16:30"): 1,
            ("10", "16:30-17:45"): 1,
            ("11", "09:00-10:00"): 1,
            ("11", "10:00-11:00"): 7,
            ("11", "11:00-11:30"): 1,
            ("11", "11:30-12:30"): 7,
            ("11", "12:30-13:30"): 1,
        }
        assert by_slot["10", "14:00-15:15"] == by_slot["10", "15:15-16:00"]
        assert len({*by_slot["11", "10:00-11:00"], *by_slot["11", "11:30-12:30"]}) == 14

    def test_percentage_poll_has_the_published_percentages(self) -> None:
        found = self.event.find_poll("public-support")
        assert found is not None
        session, poll = found
        assert session.title.pick() == "High level opening & Roundtable"
        assert poll.kind is PollKind.SINGLE and poll.beside == ("panellist",) and not poll.segments
        assert poll.min_group == 3
        assert poll.published is not None
        assert dict(
            zip(self.texts("public-support"), dict(poll.published.percent).values(), strict=True)
        ) == {
            "Increase public investments": 35,
            "Facilitate collaboration and sharing business intelligence": 33,
            "Simplify regulations": 14,
            "Support services for business": 14,
            "Protect EU market": 2,
            "Help in internationalisation of activities": 2,
        }
        assert all(option.text.pick("de") != option.text.pick("en") for option in poll.options)

    @pytest.mark.parametrize(
        ("poll_id", "first", "places", "segments"),
        [
            ("business-adapts", "Train staff", 4, ()),
            (
                "authority-needs",
                "Connect bottom-up requests and top-down initiatives",
                6,
                ("public-authority",),
            ),
            ("manager-needs", "Public funding", 5, ("cluster-manager",)),
            ("research-results", "Increase support for pilots, prototypes, demonstration", 6, ()),
        ],
    )
    def test_ranked_polls_have_the_published_order(
        self, poll_id: str, first: str, places: int, segments: tuple[str, ...]
    ) -> None:
        found = self.event.find_poll(poll_id)
        assert found is not None
        poll = found[1]
        assert poll.kind is PollKind.RANKED_BY_SELECTION
        assert poll.published is not None
        assert poll.published.order == poll.option_ids[:places]
        assert self.texts(poll_id)[0] == first
        assert poll.segments == segments
        assert not poll.published.percent

    def test_nobody_is_better_off_without_public_support(self) -> None:
        found = self.event.find_poll("manager-needs")
        assert found is not None and found[1].published is not None
        assert self.texts("manager-needs", found[1].published.not_selected) == [
            "We are better off without public support"
        ]

    def test_vote_on_people_is_hidden_and_knows_the_winner_only(self) -> None:
        found = self.event.find_poll("cluster-manager-2020")
        assert found is not None
        poll = found[1]
        assert poll.people and poll.results is ResultsMode.HIDDEN and poll.order is OptionOrder.SHUFFLED
        assert {o.text.pick(): o.detail.pick() if o.detail else "" for o in poll.options} == {
            "Antonio Novo Guerrero": "cluster IDiA",
            "Uwe Pfeil": "IT-Logistik Cluster and E-Mobilitätscluster",
            "Corinne Farace": "cluster Techtera",
        }
        assert poll.published is not None
        assert self.texts(poll.id, poll.published.order) == ["Uwe Pfeil"]
        assert poll.published.percent == () and poll.published.not_selected == ()


def test_example_in_the_manual_is_a_valid_file() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "event-file.md").read_text(encoding="utf-8")
    event = read_event(manual.split("```yaml\n")[1].split("```")[0])
    assert [poll.id for _, poll in event.polls()] == ["tea"]


def test_manual_names_every_key() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "event-file.md").read_text(encoding="utf-8")
    keys = {*head.REQUIRED, *head.OPTIONAL, *poll.REQUIRED, *poll.OPTIONAL}
    keys |= {"day", "time", "room", "polls", "parallel"}
    assert [key for key in sorted(keys) if f"| `{key}` |" not in manual] == []
