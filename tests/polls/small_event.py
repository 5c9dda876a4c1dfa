"""What the events of many tests are made of: numbered options, and one session that holds the polls."""

from datetime import date, datetime

from polls.model import Event, EventId, Option, OptionId, Poll, RoomId, Session, SessionId, Text

DAY = date(2020, 11, 10)


def options(*texts: str) -> tuple[Option, ...]:
    """Options 1, 2, 3 … with these texts."""
    return tuple(Option(id=OptionId(str(n)), text=Text.plain(text)) for n, text in enumerate(texts, start=1))


def session(name: str, *polls: Poll, room: str = "") -> Session:
    """A morning's session."""
    return Session(
        id=SessionId(name),
        title=Text.plain(name.title()),
        starts=datetime(2020, 11, 10, 9, 30),
        ends=datetime(2020, 11, 10, 11),
        room=RoomId(room),
        polls=polls,
    )


def small_event(event_id: str, join_code: str, *sessions: Session) -> Event:
    """An event of one day, without groups, rooms and awards."""
    return Event(
        id=EventId(event_id),
        title=Text.plain("A gathering"),
        first_day=DAY,
        last_day=DAY,
        timezone="Europe/Brussels",
        join_code=join_code,
        sessions=sessions,
    )
