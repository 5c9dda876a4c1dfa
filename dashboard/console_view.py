"""What a moderator steers by: the run of show, the next right thing, the numbers, the last actions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dashboard.award_buttons import award_waits
from dashboard.award_facts import AwardFacts
from dashboard.button import Button
from dashboard.console_award import AgendaAward, AwardPanel, agenda_award, award_panel
from dashboard.console_buttons import NO_AWARDS, is_legal, main_button, quiet_buttons
from dashboard.rules import poll_rules
from dashboard.stage_view import StageView
from dashboard.words import LANGUAGES, say
from polls.award.model import AwardId
from polls.desk import EventState, awards_of, next_item
from polls.lifecycle import Action, PollRun, PollState
from polls.model import Poll, PollKind, ResultsMode, RoomId, Session
from polls.ports import AuditEntry

STALL_MS = 2_000
"""How long the stage may be behind before the console says so, in ms."""

LAST_ACTIONS = 12
"""How many actions the console lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaPoll:
    id: str
    question: str
    kind: PollKind
    state: PollState
    state_text: str
    round: int
    is_current: bool
    is_next: bool
    is_hidden: bool
    addressed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaSession:
    """A session of the run of show with its polls; `day` and `time` are local to the event."""

    id: str
    title: str
    day: str
    time: str
    room: str
    is_here: bool
    polls: tuple[AgendaPoll, ...]
    awards: tuple[AgendaAward, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionLine:
    """One change by a person: who, what, on which day (ISO) and when, in the event's time zone. `undo`
    takes it back, if that can be done now."""

    seq: int
    who: str
    what: str
    day: str
    when: str
    undo: Button | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One push of a stage's channel: its offset, when it was sent (Unix ms), the ballots it counted."""

    offset: int
    at_ms: int
    counted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The numbers that change by the second. `shown` is None when no stage has painted this poll."""

    received: int
    counted: int
    shown: int | None
    phones: int
    stages: int
    turnout: str
    stall: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleView:
    """The whole console of one room."""

    event: str
    rehearsal: str
    room: str
    agenda: tuple[AgendaSession, ...]
    stage: StageView
    state_text: str
    main: Button | None
    main_text: str
    quiet: tuple[Button, ...]
    counts: Counts
    durability: str
    actions: tuple[ActionLine, ...]
    frozen: str
    rules: tuple[str, ...]
    """How the poll on stage is counted, in sentences."""
    award: AwardPanel | None


def console_view(
    state: EventState,
    room: RoomId,
    *,
    lang: str,
    stage: StageView,
    counts: Counts,
    durability: str,
    audit: Sequence[AuditEntry],
    now_ms: int,
    awards: Mapping[AwardId, AwardFacts] = NO_AWARDS,
) -> ConsoleView:
    """The console of `room`. `stage` is what its hall sees; `durability` one of always, everysec, none,
    unverified, as read back from the store; `audit` the log, oldest first."""
    event = state.event
    place = event.room(room)
    found = state.on_stage(room)
    run = state.run(found[1].id) if found else PollRun()
    main = main_button(state, room, lang, awards)
    award = state.award_on_stage(room)
    waits = award_waits(state, room, award, awards, lang) if award else ""
    panel = award_panel(state, room, award, awards, lang) if award else None
    return ConsoleView(
        event=event.title.pick(lang),
        rehearsal=say(lang, "rehearsal") if event.rehearsal_of else "",
        room=place.text.pick(lang) if place else say(lang, "join_plenary"),
        agenda=agenda(state, room, lang),
        stage=stage,
        state_text=panel.state_text if panel else say(lang, f"state_{run.state}") if found else "",
        main=main,
        main_text=main.words if main else waits or say(lang, "do_nothing"),
        quiet=quiet_buttons(state, room, main, counts.counted, lang, now_ms, awards),
        counts=counts,
        durability=say(lang, f"durable_{durability}"),
        actions=action_lines(state, audit, lang, now_ms),
        frozen=say(lang, "frozen") if run.frozen else "",
        rules=poll_rules(found[1], lang) if found else (),
        award=panel,
    )


def counts_of(
    pushes: Sequence[Push],
    painted_offset: int | None,
    *,
    received: int,
    counted: int,
    phones: int,
    stages: int,
    turnout: str,
    lang: str,
    now_ms: int,
) -> Counts:
    """Received, counted and shown, and whether the stage is behind.

    `pushes` are the last ones sent to the stages of this room, oldest first; `painted_offset` is the
    offset that the slowest of them says it shows. It is behind when the first push after that offset
    was sent more than STALL_MS ago and counted something else than what is shown.
    """
    shown, stall = None, ""
    if painted_offset is not None:
        painted = [push for push in pushes if push.offset <= painted_offset]
        shown = painted[-1].counted if painted else None
        unseen = [push for push in pushes if push.offset > painted_offset and push.counted != shown]
        if unseen and now_ms - unseen[0].at_ms > STALL_MS:
            stall = say(lang, "stall", shown=shown or 0, counted=counted)
    elif stages == 0:
        stall = say(lang, "no_stage")
    return Counts(
        received=received,
        counted=counted,
        shown=shown,
        phones=phones,
        stages=stages,
        turnout=turnout,
        stall=stall,
    )


def agenda(state: EventState, room: RoomId, lang: str) -> tuple[AgendaSession, ...]:
    """The whole run of show; `is_here` marks the sessions of this room."""
    desk = state.desk(room)
    current, following = desk.poll, next_item(state.event, room, desk)
    upcoming = following.poll.id if following and following.poll else None

    def line(session: Session, poll: Poll) -> AgendaPoll:
        run = state.run(poll.id)
        names = [s.text.pick(lang) for s in state.event.segments if s.id in poll.segments]
        return AgendaPoll(
            id=poll.id,
            question=poll.question.pick(lang),
            kind=poll.kind,
            state=run.state,
            state_text=say(lang, f"state_{run.state}"),
            round=run.round,
            is_current=poll.id == current,
            is_next=poll.id == upcoming,
            is_hidden=poll.results is ResultsMode.HIDDEN and not run.visible,
            addressed=say(lang, "paper_for_group", group=", ".join(names)) if names else "",
        )

    lines = []
    for session in state.event.sessions:
        place = state.event.room(session.room)
        lines.append(
            AgendaSession(
                id=session.id,
                title=session.title.pick(lang),
                day=session.starts.date().isoformat(),
                time=f"{session.starts:%H:%M}–{session.ends:%H:%M}",
                room=place.text.pick(lang) if place else "",
                is_here=session.room == room,
                polls=tuple(line(session, poll) for poll in session.polls),
                awards=tuple(
                    agenda_award(state, award, lang, is_current=award.id == desk.award, following=following)
                    for award in awards_of(state.event, session)
                ),
            )
        )
    return tuple(lines)


def action_lines(
    state: EventState, audit: Sequence[AuditEntry], lang: str, now_ms: int, limit: int = LAST_ACTIONS
) -> tuple[ActionLine, ...]:
    """The last `limit` actions, newest first. Only a poll's newest action can offer its undo."""
    lines: list[ActionLine] = []
    undone: set[str] = set()
    for entry in reversed(audit[-limit:]):
        undo = None if entry.subject in undone else _undo(state, entry, lang, now_ms)
        undone.add(entry.subject)
        lines.append(
            ActionLine(
                seq=entry.seq,
                who=_who(state, entry, lang),
                what=_what(state, entry, lang),
                day=local_day(entry.at_ms, state.event.timezone),
                when=local_clock(entry.at_ms, state.event.timezone),
                undo=undo,
            )
        )
    return tuple(lines)


def local_clock(at_ms: int, timezone: str) -> str:
    """Unix milliseconds as time of day with seconds in an IANA time zone: "10:42:03"."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(ZoneInfo(timezone)).strftime("%H:%M:%S")


def local_day(at_ms: int, timezone: str) -> str:
    """Unix milliseconds as a date in an IANA time zone: "2020-11-10"."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(ZoneInfo(timezone)).date().isoformat()


_UNDO = {Action.REVEAL: Action.HIDE, Action.HIDE: Action.REVEAL}


def _undo(state: EventState, entry: AuditEntry, lang: str, now_ms: int) -> Button | None:
    found = state.event.find_poll(entry.subject.removeprefix("poll:"))
    back = next((undo for action, undo in _UNDO.items() if action == entry.action), None)
    if found is None or back is None:
        return None
    poll, run = found[1], state.run(found[1].id)
    if not is_legal(poll, run, back, now_ms):
        return None
    return Button(action=back, words=say(lang, f"do_{back}"), poll=poll.id, round=run.round)


def _who(state: EventState, entry: AuditEntry, lang: str) -> str:
    role, _, name = entry.actor.partition(":")
    award = state.event.award(entry.subject.removeprefix("award:"))
    if award is not None and role == "scrutineer":
        return next((own for one, own in award.scrutineers if one == name), name)
    if award is not None and role == "juror":
        jurors = (juror for jury in award.jury for juror in jury.jurors)
        return next((juror.name for juror in jurors if juror.id == name), name)
    key = f"who_{role.replace(' ', '_')}"
    return name or (say(lang, key) if key in LANGUAGES["en"] else role)


def _what(state: EventState, entry: AuditEntry, lang: str) -> str:
    kind, _, name = entry.subject.partition(":")
    poll_id = str(entry.body.get("poll", "")) if kind == "room" else name
    found = state.event.find_poll(poll_id)
    award_id = str(entry.body.get("award", "")) if kind == "room" else name if kind == "award" else ""
    award = state.event.award(award_id)
    what = award.title.pick(lang) if award else found[1].question.pick(lang) if found else name
    if entry.action in ("show", "next") and not poll_id and not award_id:
        return say(lang, "did_show_join")
    key = f"did_{entry.action}"
    if key not in LANGUAGES["en"]:
        return say(lang, "did_other", action=entry.action, what=what)
    candidate = award.candidate(str(entry.body.get("candidate", ""))) if award else None
    return say(lang, key, what=what, who=candidate.name.pick(lang) if candidate else "")
