"""The stored definition of an event, and what a load of an edited file may not change."""

from dataclasses import replace

from polls.eventdoc import change_faults, event_from_doc, event_to_doc
from polls.eventfile import parse_event
from polls.model import Event, EventId, OptionId, Poll, PollId, Published, Text
from tests.polls.eventfiles import small

TEA = frozenset({PollId("tea")})


def event() -> Event:
    return parse_event(small())


def with_poll(base: Event, poll_id: str, **changes: object) -> Event:
    def changed(poll: Poll) -> Poll:
        return replace(poll, **changes) if poll.id == poll_id else poll  # type: ignore[arg-type]

    sessions = tuple(replace(s, polls=tuple(map(changed, s.polls))) for s in base.sessions)
    return replace(base, sessions=sessions)


def test_rehearsal_with_a_long_id_and_a_code_of_its_own_survives() -> None:
    base = replace(event(), id=EventId("x" * 60))
    copy = replace(base, id=EventId("x" * 60 + "-rehearsal"), rehearsal_of=base.id, join_code="K7P4QX")
    assert event_from_doc(event_to_doc(copy)) == copy


def test_same_file_again_changes_nothing() -> None:
    assert change_faults(event(), event(), frozenset({PollId("tea"), PollId("stars")})) == []


def test_draft_polls_titles_and_agenda_may_change() -> None:
    new = with_poll(event(), "stars", question=Text.plain("How many?"))
    new = replace(new, title=Text.plain("Another day"), sessions=tuple(reversed(new.sessions)))
    assert change_faults(event(), new, TEA) == []


def test_everything_may_change_before_the_first_opening() -> None:
    new = replace(event(), timezone="UTC", segments=(), sessions=())
    assert change_faults(event(), new, frozenset()) == []


def test_opened_poll_may_not_change_and_the_fault_names_what_did() -> None:
    new = with_poll(event(), "tea", question=Text.plain("Coffee?"), max_selections=2)
    (fault,) = change_faults(event(), new, TEA)
    assert fault.path == ("polls", "tea")
    assert fault.message == "was opened, so it stays as it was; changed: question, max"


def test_opened_poll_may_get_reference_figures_and_another_countdown() -> None:
    new = with_poll(event(), "tea", published=Published(percent=((event_option(), 100),)), countdown_s=30)
    assert change_faults(event(), new, TEA) == []


def event_option() -> OptionId:
    return event().sessions[0].polls[0].options[0].id


def test_opened_poll_may_move_to_another_session_but_not_vanish() -> None:
    opening, red, blue = event().sessions
    moved = replace(event(), sessions=(replace(opening, polls=()), replace(red, polls=opening.polls), blue))
    assert change_faults(event(), moved, TEA) == []
    (fault,) = change_faults(event(), replace(event(), sessions=(red, blue)), TEA)
    assert "missing" in fault.message


def test_time_zone_and_used_segments_stay_once_a_poll_was_opened() -> None:
    new = replace(event(), timezone="UTC", segments=event().segments[:1])
    assert [fault.path for fault in change_faults(event(), new, TEA)] == [("timezone",), ("segments",)]


def test_segment_no_opened_poll_uses_may_go() -> None:
    old = with_poll(event(), "tea", segments=(event().segments[0].id,))
    assert change_faults(old, replace(old, segments=old.segments[:1]), TEA) == []


def test_file_with_another_id_is_another_event() -> None:
    (fault,) = change_faults(event(), replace(event(), id=EventId("other")), frozenset())
    assert fault.path == ("id",)
