"""Days and sessions of an event file, and the shorthand for sessions that run side by side in rooms."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from polls.eventfile import fields
from polls.eventfile.parts import Part
from polls.eventfile.poll import Declared, read_poll
from polls.model import PLENARY, Poll, RoomId, Session, SessionId, Text

TITLE_MAX = 200
DAYS_MAX = 31
SESSIONS_MAX, ROOMS_MAX, POLLS_MAX = 500, 50, 100


@dataclass(frozen=True, slots=True)
class Days:
    """The event's days, both ends included; day 1 is the first."""

    first: date
    last: date

    def count(self) -> int:
        return (self.last - self.first).days + 1

    def number(self, day: date) -> int:
        return (day - self.first).days + 1

    def day(self, number: int) -> date:
        return self.first + timedelta(days=number - 1)


def read_days(part: Part) -> Days | None:
    """`{first, last}`, a list of days in a row, or the one day of a short event."""
    if isinstance(part.value, dict):
        parts = part.keys(("first", "last"))
        ends = [fields.day(parts[key]) for key in ("first", "last") if key in parts]
        if len(ends) < 2 or ends[0] is None or ends[1] is None:
            return None
        days = Days(ends[0], ends[1])
    elif isinstance(part.value, list):
        found = [fields.day(item) for item in part.items("days", 1, DAYS_MAX)]
        listed = [day for day in found if day is not None]
        if not listed or len(listed) < len(found):
            return None
        if any(b - a != timedelta(days=1) for a, b in zip(listed, listed[1:], strict=False)):
            part.fault("expected days in a row, each one day after the one before")
            return None
        days = Days(listed[0], listed[-1])
    else:
        one = fields.day(part)
        return None if one is None else Days(one, one)
    if not 1 <= days.count() <= DAYS_MAX:
        part.fault(f"expected a last day at most {DAYS_MAX - 1} days after the first, and not before it")
        return None
    return days


def session_id(days: Days, starts: datetime, room: str) -> str:
    """The id of a session that names none: day, time and room, as in `day1-1400-green`."""
    place = f"day{days.number(starts.date())}-{starts:%H%M}"
    return f"{place}-{room}" if room else place


@dataclass(frozen=True, slots=True)
class AgendaReader:
    """Reads the agenda; `days` is None when they have faults (sessions are then checked without them)."""

    days: Days | None
    rooms: Collection[str]
    declared: Declared
    taken: set[str] = field(default_factory=set)

    def read(self, part: Part) -> tuple[Session, ...]:
        """All sessions in the order of the file, each parallel one by itself."""
        return tuple(s for item in part.items("sessions", 0, SESSIONS_MAX) for s in self._entry(item))

    def _entry(self, part: Part) -> list[Session]:
        one_day = self.days is not None and self.days.count() == 1
        required = ("title", "time") if one_day else ("title", "day", "time")
        parallel = isinstance(part.value, dict) and "parallel" in part.value
        rest = ("parallel",) if parallel else ("id", "room", "polls")
        parts = part.keys(required, ("day", *rest))
        title = fields.text(parts["title"], TITLE_MAX, self.declared.languages) if "title" in parts else None
        day = self._day(parts.get("day"))
        span = fields.time_span(parts["time"]) if "time" in parts else None
        if not parallel:
            found = self._session(part, parts, title, day, span)
            return [found] if found else []
        sessions: list[Session | None] = []
        if "parallel" in parts:
            for item in parts["parallel"].items("rooms", 2, ROOMS_MAX):
                if isinstance(item.value, dict):
                    own = item.keys(("room",), ("id", "title", "polls"))
                else:
                    own = {"room": item}
                said = title
                if "title" in own:
                    said = fields.text(own["title"], TITLE_MAX, self.declared.languages)
                sessions.append(self._session(item, own, said, day, span))
        return [session for session in sessions if session is not None]

    def _day(self, part: Part | None) -> date | None:
        if part is None:
            return self.days.first if self.days and self.days.count() == 1 else None
        if isinstance(part.value, int) and not isinstance(part.value, bool):
            if self.days is None:
                return None
            number = fields.whole(part, 1, self.days.count())
            return None if number is None else self.days.day(number)
        found = fields.day(part)
        if found and self.days and not self.days.first <= found <= self.days.last:
            part.expected(f"a day of the event, from {self.days.first} to {self.days.last}")
            return None
        return found

    def _session(
        self,
        part: Part,
        parts: dict[str, Part],
        title: Text | None,
        day: date | None,
        span: tuple[time, time] | None,
    ) -> Session | None:
        room = fields.known_id(parts["room"], self.rooms, "room") if "room" in parts else PLENARY
        polls: list[Poll | None] = []
        if "polls" in parts:
            polls = [read_poll(p, self.declared) for p in parts["polls"].items("polls", 0, POLLS_MAX)]
        chosen = fields.new_id(parts["id"], self.taken, "session") if "id" in parts else None
        if chosen is not None:
            self.taken.add(chosen)
        if title is None or day is None or span is None or room is None or self.days is None:
            return None
        starts, ends = datetime.combine(day, span[0]), datetime.combine(day, span[1])
        if "id" not in parts:
            chosen = session_id(self.days, starts, room)
            if chosen in self.taken:
                part.fault(
                    f"expected an id, since another session already has “{chosen}” (day, time and room)"
                )
            self.taken.add(chosen)
        if chosen is None:
            return None
        return Session(
            id=SessionId(chosen),
            title=title,
            starts=starts,
            ends=ends,
            room=RoomId(room),
            polls=tuple(poll for poll in polls if poll is not None),
        )
