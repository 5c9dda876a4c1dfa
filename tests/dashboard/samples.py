"""An event with one poll of every kind, and how its state and results are made for a test."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from dashboard.stage_view import StageView, stage_view
from polls.desk import Desk, EventState
from polls.lifecycle import PollRun, PollState
from polls.model import (
    EACH,
    PLENARY,
    Event,
    EventId,
    Option,
    OptionId,
    Poll,
    PollId,
    PollKind,
    ResultsMode,
    Room,
    RoomId,
    Scale,
    Segment,
    SegmentId,
    Session,
    SessionId,
    Text,
)
from tests.polls.small_event import options
from voting.count import count_poll
from voting.result import Entry, Result

JOIN_URL = "https://ecc.example/j/K7P4QX"
T = Text.plain

SUPPORT = (
    "Increase public investments",
    "Facilitate collaboration and sharing business intelligence",
    "Simplify regulations",
    "Support services for business",
    "Protect EU market",
    "Help in internationalisation of activities",
)
EXPECT = (
    "We are better off without public support",
    "Public funding",
    "Training",
    "Facilitate collaboration across EU",
    "Help connecting to global value chains",
    "Information and awareness raising",
)
FINALISTS = (
    ("Antonio Novo Guerrero", "cluster IDiA"),
    ("Uwe Pfeil", "IT-Logistik Cluster and E-Mobilitätscluster"),
    ("Corinne Farace", "cluster Techtera"),
)


PERCENT = Poll(
    id=PollId("support"),
    kind=PollKind.SINGLE,
    question=T("How can public authorities support business during and after the crisis?"),
    options=options(*SUPPORT),
)
MULTI = replace(PERCENT, id=PollId("multi"), kind=PollKind.MULTIPLE, max_selections=3)
RACE = Poll(
    id=PollId("expect"),
    kind=PollKind.RANKED_BY_SELECTION,
    question=T("What kind of support would you expect from public authorities?"),
    options=options(*EXPECT),
    max_selections=2,
    segments=(SegmentId("manager"),),
)
PEOPLE = Poll(
    id=PollId("manager-of-the-year"),
    kind=PollKind.SINGLE,
    question=T("Who is the European Cluster Manager of the Year 2020?"),
    options=tuple(
        Option(id=OptionId(str(i)), text=T(name), detail=T(place))
        for i, (name, place) in enumerate(FINALISTS, start=1)
    ),
    results=ResultsMode.HIDDEN,
    people=True,
)
RATING = Poll(
    id=PollId("rate"),
    kind=PollKind.RATING,
    question=T("How likely are you to come again?"),
    options=tuple(Option(id=OptionId(str(i)), text=T(str(i))) for i in range(11)),
    scale=Scale(low=0, high=10, low_label=T("not at all"), high_label=T("certainly")),
    abstain=True,
)
ORDER = Poll(
    id=PollId("order"),
    kind=PollKind.PREFERENCE,
    question=T("What should we work on first?"),
    options=options("Data space", "Training", "Waste heat", "A yearly fair"),
    max_selections=4,
    method="borda",
)
ORDERED = {"1>2>3": 4, "2>3>1": 3, "3>2>1": 2}
"""By points 2 leads, by first choices 1, in pairs 2; nobody ranks 4."""
RUNOFF = replace(
    ORDER,
    id=PollId("runoff"),
    question=T("Where should we meet next year?"),
    options=options("By the sea", "In the mountains", "In the capital", "On the river", "Online"),
    max_selections=5,
    method="irv",
)
RUN_OFF = {"1>2": 8, "2>3": 6, "3>2": 5, "4>3>2": 2, "5": 1}
"""5 leaves, then 4 (to 3), then 2 (to 3) and 3 has more than half."""
SEGMENTS = ("panel", "audience")
BESIDE = replace(PERCENT, id=PollId("beside"), beside=(EACH,))
PANEL = replace(BESIDE, id=PollId("panel"), beside=(SegmentId("panel"),), min_group=3)
"""Panellists beside everyone else."""
GREEN = replace(PERCENT, id=PollId("green-first"))

EVENT = Event(
    id=EventId("ecc2020"),
    title=T("European Cluster Conference 2020"),
    first_day=date(2020, 11, 10),
    last_day=date(2020, 11, 11),
    timezone="Europe/Brussels",
    join_code="K7P4QX",
    segments=(
        Segment(id=SegmentId("panel"), text=T("Panellists")),
        Segment(id=SegmentId("audience"), text=T("Audience")),
        Segment(id=SegmentId("manager"), text=T("Cluster managers")),
    ),
    rooms=(Room(id=RoomId("green"), text=T("Green")),),
    sessions=(
        Session(
            id=SessionId("roundtable"),
            title=T("High-Level Policy Roundtable"),
            starts=datetime(2020, 11, 10, 9, 30),
            ends=datetime(2020, 11, 10, 11, 15),
            polls=(PERCENT, MULTI, RACE, PEOPLE, RATING, BESIDE),
        ),
        Session(
            id=SessionId("cafe"),
            title=T("World Café"),
            starts=datetime(2020, 11, 10, 14, 0),
            ends=datetime(2020, 11, 10, 15, 15),
            room=RoomId("green"),
            polls=(GREEN,),
        ),
    ),
)

OPEN = PollRun(state=PollState.OPEN, round=1, visible=True, opened_ms=0)
CLOSED = PollRun(state=PollState.CLOSED, round=1, visible=True, opened_ms=0, closed_ms=60_000)
PUBLISHED = replace(CLOSED, state=PollState.PUBLISHED)
SEALED = replace(OPEN, visible=False)
"""Open, and its result hidden."""


def state_of(
    poll: Poll | None,
    run: PollRun,
    *,
    room: RoomId = PLENARY,
    blank: bool = False,
    beside: bool = False,
    compare: bool = False,
    event: Event = EVENT,
) -> EventState:
    """The event with `poll` on the stage of `room`, standing at `run`; every other poll is a draft."""
    return EventState(
        event=event,
        runs={poll.id: run} if poll else {},
        desks={room: Desk(poll=poll.id if poll else None, blank=blank, beside=beside, compare=compare)},
    )


def with_poll(poll: Poll, event: Event = EVENT) -> Event:
    """The event with `poll` in the place of the one of the same id, or as the first one."""
    first = event.sessions[0]
    polls = tuple(poll if old.id == poll.id else old for old in first.polls)
    if poll not in polls:
        polls = (poll, *polls)
    return replace(event, sessions=(replace(first, polls=polls), *event.sessions[1:]))


def result_of(poll: Poll, ballots: Mapping[str, int], *, segment: str = "audience", round: int = 1) -> Result:
    return count_poll(
        poll,
        {Entry(segment, ballot): count for ballot, count in ballots.items()},
        round=round,
        segments=[SegmentId(s) for s in SEGMENTS],
    )


def beside_result(poll: Poll, groups: Mapping[str, Sequence[int]]) -> Result:
    tally = {
        Entry(segment, option): count
        for segment, counts in groups.items()
        for option, count in zip(poll.option_ids, counts, strict=True)
        if count
    }
    return count_poll(poll, tally, round=1, segments=[SegmentId(s) for s in groups if s])


def singles(poll: Poll, *counts: int) -> dict[str, int]:
    """A tally in which the options of the paper got these counts, one choice per ballot."""
    return {option: count for option, count in zip(poll.option_ids, counts, strict=False) if count}


def view_of(
    poll: Poll,
    run: PollRun,
    result: Result | None,
    *,
    lang: str = "en",
    event: Event = EVENT,
    beside: bool = False,
    compare: bool = False,
) -> StageView:
    state = state_of(poll, run, event=event, beside=beside, compare=compare)
    cast = result.cast if result else 0
    return stage_view(state, PLENARY, lang=lang, result=result, counted=cast, phones=641, join_url=JOIN_URL)
