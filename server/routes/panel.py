"""What the console's templates are filled with."""

from dataclasses import dataclass
from typing import Any

from dashboard.console_view import Counts, Push, console_view, counts_of, local_clock
from dashboard.words import say
from polls.lifecycle import PollState
from polls.model import PLENARY, Poll, RoomId
from polls.ports import AuditEntry
from server.clock import now_ms
from server.context import Context
from server.live import pushes
from server.live.event import LiveEvent
from server.store.checks import Durability
from voting.errors import VotingError


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomTab:
    """A room; `is_open` says that voting is open in it, `is_spare` that its run of show has no poll."""

    id: str
    text: str
    is_here: bool
    is_open: bool
    is_spare: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The poll on stage as the forms send it back; `closes` is the local time of its own close."""

    poll: str = ""
    round: int = 0
    state: str = ""
    closes_ms: int | None = None
    closes: str = ""
    is_open: bool = False
    line: str = ""
    """The newest line of its ballot log: with another one, the hall sees another result."""
    past: int = 0
    frozen: str = ""


async def values(context: Context, live: LiveEvent, room: RoomId, lang: str, notice: str) -> dict[str, Any]:
    """Everything the panel shows, from a fresh reading; from the last one when the store is away."""
    is_store_down = False
    audit: list[AuditEntry] = []
    durability = Durability.UNVERIFIED
    try:
        await live.refresh()
        audit = await context.store.audit(live.id)
        durability = await context.store.durability()
    except VotingError:
        is_store_down = True
    found = live.state.on_stage(room)
    poll = found[1] if found else None
    stage = pushes.stage(context, live, room, lang, "dark").view
    view = console_view(
        live.state,
        room,
        lang=lang,
        stage=stage,
        counts=_counts(live, context.worker, room, poll, lang),
        durability=durability,
        audit=audit,
        now_ms=now_ms(),
        awards=live.awards,
    )
    return {
        "lang": lang,
        "event_id": live.id,
        "room_id": room,
        "rooms": _rooms(live, room, lang),
        "view": view,
        "days": days(live),
        "current": _current(live, poll),
        "revision": pushes.console(context, live).revision,
        "consoles": live.consoles(),
        "is_safe": durability is Durability.ALWAYS,
        "is_store_down": is_store_down,
        "is_disk_low": context.is_low_on_disk,
        "notice": notice_text(lang, notice) if notice else "",
    }


def days(live: LiveEvent) -> dict[str, str]:
    """The event's days as people write them: {"2020-11-10": "Tuesday 10 November"}."""
    dates = sorted({session.starts.date() for session in live.state.event.sessions})
    return {day.isoformat(): f"{day:%A} {day.day} {day:%B}" for day in dates}


def notice_text(lang: str, notice: str) -> str:
    """The sentence that says why an action was not done."""
    word = {"console_wrong_reset": "RESET", "console_wrong_reopen": "REOPEN"}.get(notice)
    return say(lang, notice) if word is None else say(lang, "console_wrong_word", word=word)


def _rooms(live: LiveEvent, room: RoomId, lang: str) -> list[RoomTab]:
    event = live.state.event
    with_polls = {session.room for session, _ in event.polls()}
    is_open = {
        session.room for session, poll in event.polls() if live.state.run(poll.id).state is PollState.OPEN
    }
    tabs = [
        (PLENARY, say(lang, "join_plenary")),
        *((place.id, place.text.pick(lang)) for place in event.rooms),
    ]
    return [
        RoomTab(
            id=id,
            text=text,
            is_here=id == room,
            is_open=id in is_open,
            is_spare=id not in with_polls and id not in (PLENARY, room),
        )
        for id, text in tabs
    ]


def _current(live: LiveEvent, poll: Poll | None) -> Current:
    if poll is None:
        return Current()
    run = live.state.run(poll.id)
    return Current(
        poll=poll.id,
        round=run.round,
        state=run.state.value,
        closes_ms=run.closes_ms,
        closes=local_clock(run.closes_ms, live.state.event.timezone) if run.closes_ms else "",
        is_open=run.state is PollState.OPEN,
        line=live.newest_line(poll.id),
        past=len(run.past),
        frozen=run.frozen,
    )


def _counts(live: LiveEvent, worker: str, room: RoomId, poll: Poll | None, lang: str) -> Counts:
    """The numbers as they stand; whether a stage has been behind for too long is seen by the script."""
    counted = live.counted(poll.id) if poll else 0
    painted = [words for words in live.painted(room) if poll and words.get("poll") == poll.id]
    slowest = min(painted, key=lambda words: int(words.get("counted", 0)), default=None)
    now = now_ms()
    seen = [Push(offset=1, at_ms=now, counted=int(slowest.get("counted", 0)))] if slowest else []
    return counts_of(
        seen,
        1 if slowest else None,
        received=max(counted, live.received(poll.id, worker) if poll else 0),
        counted=counted,
        phones=live.phones(),
        stages=live.stages(),
        turnout="",
        lang=lang,
        now_ms=now,
    )
