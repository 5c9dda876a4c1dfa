"""The event and everything asked in it, as immutable values.

The words are those of the glossary in docs/glossary.md; election terms follow NIST's
Election Terminology Glossary (https://pages.nist.gov/ElectionGlossary/).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:  # that module is built on this one
    from polls.award.model import Award

EventId = NewType("EventId", str)
SessionId = NewType("SessionId", str)
PollId = NewType("PollId", str)
OptionId = NewType("OptionId", str)
SegmentId = NewType("SegmentId", str)
RoomId = NewType("RoomId", str)

PLENARY = RoomId("")
"""The room everyone is in: sessions without a room, and people who have chosen none."""

EACH = SegmentId("*")
"""In `Poll.beside` alone: every segment by itself. No segment can have this id."""

EVERYONE_ELSE = SegmentId("")
"""The group of all who are in none of the segments that `Poll.beside` names."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that people read, in one or several languages.

    `variants` are (language tag, text) pairs in the order of the event file; a plain text has
    the tag "". Never empty.
    """

    variants: tuple[tuple[str, str], ...]

    @classmethod
    def plain(cls, text: str) -> "Text":
        return cls((("", text),))

    def pick(self, lang: str = "") -> str:
        """The text in `lang`, else in its base language (`de` for `de-AT`), else the first one given."""
        by_tag = dict(self.variants)
        return by_tag.get(lang) or by_tag.get(lang.split("-")[0]) or self.variants[0][1]

    @property
    def is_plain(self) -> bool:
        return len(self.variants) == 1 and self.variants[0][0] == ""


class PollKind(StrEnum):
    SINGLE = "single"
    """One option; shown as percentages."""
    MULTIPLE = "multiple"
    """Up to `max_selections` options; percentages of respondents."""
    RANKED_BY_SELECTION = "ranked-by-selection"
    """Up to `max_selections` options, shown in order: 1 = most selected. Not a preference ranking."""
    RATING = "rating"
    """One point of a scale; shown as distribution and mean."""
    PREFERENCE = "preference"
    """An order of options, of all or of the first `max_selections`; counted by the poll's `method`."""


PREFERENCE_METHODS = (
    *("borda", "dowdall", "plurality", "copeland", "minimax-winning", "minimax-margins"),
    *("schulze-winning", "schulze-margins", "condorcet", "irv"),
)
"""The methods by which a preference poll can be counted: those of voting.methods that read rankings."""

UNRANKED_RULES = ("zero", "average", "length")
"""What Borda gives to options a ballot does not rank, see voting.rulebook.Unranked."""


class ResultsMode(StrEnum):
    LIVE = "live"
    HIDDEN = "hidden"
    """Nobody sees a result before the reveal; only turnout is shown."""


class OptionOrder(StrEnum):
    FIXED = "fixed"
    SHUFFLED = "shuffled"
    """Each phone shows the options in its own order; the stage keeps the order of the paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What can be chosen; a person or an entry when the poll is a vote on people."""

    id: OptionId
    text: Text
    detail: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The points of a rating poll: every whole number from `low` to `high`, both included."""

    low: int
    high: int
    low_label: Text | None = None
    high_label: Text | None = None

    def points(self) -> range:
        return range(self.low, self.high + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Figures that were published elsewhere: a reference that rehearsals can follow, never a result.

    `percent` holds whole percentages by option; `order` the options from most selected on (it may
    stop early); `not_selected` the options with no vote at all.
    """

    percent: tuple[tuple[OptionId, int], ...] = ()
    order: tuple[OptionId, ...] = ()
    not_selected: tuple[OptionId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One question, asked, opened and closed as one.

    `max_selections` is 1 for single choice and rating. `segments` empty means everyone.
    `beside` are the segments whose results can stand beside each other, see `groups`; empty: none.
    `min_group` is the number of ballots below which one segment's own result stays hidden.
    For a rating poll the options are the points of the scale, ids being their numbers.

    In a preference poll `max_selections` is how many options a ballot may rank, `ties` allows several in
    one place, `method` is one of PREFERENCE_METHODS and `unranked` (of UNRANKED_RULES) is for Borda
    alone; other kinds do not read these three.
    """

    id: PollId
    kind: PollKind
    question: Text
    options: tuple[Option, ...]
    note: Text | None = None
    max_selections: int = 1
    segments: tuple[SegmentId, ...] = ()
    beside: tuple[SegmentId, ...] = ()
    order: OptionOrder = OptionOrder.FIXED
    abstain: bool = False
    results: ResultsMode = ResultsMode.LIVE
    people: bool = False
    countdown_s: int | None = None
    scale: Scale | None = None
    min_group: int = 5
    published: Published | None = None
    method: str = "borda"
    ties: bool = False
    unranked: str = "zero"

    @property
    def option_ids(self) -> tuple[OptionId, ...]:
        return tuple(option.id for option in self.options)

    def is_for(self, segment: SegmentId | None) -> bool:
        """Whether someone of `segment` (None: has chosen none) may answer."""
        return not self.segments or segment in self.segments

    def groups(self, segments: Sequence[SegmentId]) -> tuple[SegmentId, ...]:
        """The groups whose results can stand beside each other; none for most polls.

        `segments` are the event's. With EACH every segment that may answer is a group; otherwise those
        named are, and EVERYONE_ELSE comes last, unless nobody else may answer.
        """
        if self.beside == (EACH,):
            return self.segments or tuple(segments)
        is_whole = not self.beside or (self.segments and set(self.segments) <= set(self.beside))
        return self.beside if is_whole else (*self.beside, EVERYONE_ELSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A declared group of the audience, such as "public authority"."""

    id: SegmentId
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room in which sessions run beside those of other rooms."""

    id: RoomId
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A timed part of the agenda; times are local to the event's time zone."""

    id: SessionId
    title: Text
    starts: datetime
    ends: datetime
    room: RoomId = PLENARY
    polls: tuple[Poll, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The gathering: join code, people, agenda. `timezone` is an IANA name, `languages` BCP 47 tags."""

    id: EventId
    title: Text
    first_day: date
    last_day: date
    timezone: str
    join_code: str
    languages: tuple[str, ...] = ("en",)
    places: tuple[str, ...] = ()
    organiser: Text | None = None
    segments: tuple[Segment, ...] = ()
    rooms: tuple[Room, ...] = ()
    sessions: tuple[Session, ...] = ()
    awards: "tuple[Award, ...]" = ()
    rehearsal_of: EventId | None = None

    def polls(self) -> Iterator[tuple[Session, Poll]]:
        """Every poll with its session, in the order of the run of show."""
        for session in self.sessions:
            for poll in session.polls:
                yield session, poll

    def find_poll(self, poll_id: str) -> tuple[Session, Poll] | None:
        return next(((s, p) for s, p in self.polls() if p.id == poll_id), None)

    def award(self, award_id: str) -> "Award | None":
        return next((a for a in self.awards if a.id == award_id), None)

    def segment(self, segment_id: str) -> Segment | None:
        return next((s for s in self.segments if s.id == segment_id), None)

    def room(self, room_id: str) -> Room | None:
        return next((r for r in self.rooms if r.id == room_id), None)
