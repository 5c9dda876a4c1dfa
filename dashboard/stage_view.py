"""What a room's big screen shows: a pure function of the event's state, cut to what the hall may see."""

from dataclasses import dataclass

from dashboard.audience import Audience, may_see_result
from dashboard.beside import has_room
from dashboard.compare import RuleColumn
from dashboard.flow import Flow, flow_table
from dashboard.lines import Bar, Figures, Group, figures
from dashboard.stage_room import WIDTH, chart_height, question_size
from dashboard.words import say
from polls.desk import EventState, run_of_show
from polls.joincode import spaced
from polls.lifecycle import PollRun, PollState
from polls.model import Poll, PollKind, RoomId
from voting.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """Everything the stage needs, as plain text and numbers; nothing of a result that is not shown.

    `phase` is idle (the join page), waiting, open, closed or published; award while one is on and its vote is
    not open. `form` says how it is drawn:
    bars (shares), race (places), dots (the points of a scale), flow (a runoff's rounds), rules (the same
    ballots by other rules: `compare`), turnout (how many have answered), award (its own fragment).
    Of flow and rules `table` holds what is drawn, header first.
    `sorted` says that `lines` are no longer in the order of the paper. `closes_ms` is Unix
    milliseconds. `beside` says that the groups are drawn, not everyone. A blank stage carries no poll at
    all. `question_size` is in px of a stage of 1920x1080,
    `caption` stands under a large `counted`, `upcoming` says what comes next while no poll is on.
    """

    lang: str
    event: str
    session: str
    room: str
    rehearsal: str
    phase: str
    phase_text: str
    blank: bool
    poll: str
    round: int
    question: str
    question_size: int
    note: str
    addressed: str
    form: str
    people: bool
    lines: tuple[Bar, ...]
    n: int
    sorted: bool
    counted: int
    phones: int
    turnout: str
    caption: str
    sentence: str
    base: str
    method: str
    rounding: str
    mean: str
    mean_value: str
    scale_ends: str
    abstained: str
    groups: tuple[Group, ...]
    beside: bool
    compare: bool
    flow: Flow | None
    columns: tuple[RuleColumn, ...]
    table: tuple[tuple[str, ...], ...]
    closes_ms: int | None
    join_code: str
    join_text: str
    join_url: str
    frozen: str
    upcoming: str
    words: dict[str, str]
    """Sentences for the page itself and for the chart, by key."""
    award: str = ""
    award_state: str = ""
    """Phase, round and step of the award on stage (dashboard.award_stage), such as "reveal..3"."""
    award_html: str = ""
    """What is drawn of the award: a fragment made by the server, the same with and without a script."""
    award_rail: str = ""
    """What stands in the place of the join address: where to vote with a code, where the record is."""


def stage_view(
    state: EventState,
    room: RoomId,
    *,
    lang: str,
    result: Result | None,
    counted: int,
    phones: int,
    join_url: str,
) -> StageView:
    """The stage of `room`: `result` is that of the poll on its desk, if one was counted; `counted` the
    ballots in its box, `phones` those that could answer, `join_url` the address in the QR code.

    A result that the hall may not see, or that is of another poll or round, is dropped here.
    """
    event, desk = state.event, state.desk(room)
    found = None if desk.blank else state.on_stage(room)
    session, poll = found or (None, None)
    run = state.run(poll.id) if poll else PollRun()
    is_beside = bool(poll and desk.beside and has_room(event, poll))
    shown = (
        visible_figures(state, poll, run, result, lang, Audience.STAGE, is_beside=is_beside) if poll else None
    )
    is_compare = bool(shown and desk.compare and shown.columns)
    form = _drawn(poll, shown, is_beside, is_compare) if poll else "turnout"
    place = event.room(room)
    is_voting = run.state is not PollState.DRAFT
    phase = phase_of(poll, run)
    return StageView(
        lang=lang,
        event=event.title.pick(lang),
        session=session.title.pick(lang) if session else "",
        room=place.text.pick(lang) if place else "",
        rehearsal=say(lang, "rehearsal") if event.rehearsal_of else "",
        phase=phase,
        phase_text=say(lang, f"stage_{'closed' if phase == 'published' else phase}"),
        blank=desk.blank,
        poll=poll.id if poll else "",
        round=run.round,
        question=poll.question.pick(lang) if poll else "",
        question_size=question_size(poll.question.pick(lang)) if poll else 0,
        note=poll.note.pick(lang) if poll and poll.note else "",
        addressed=addressed_to(state, poll, lang) if poll else "",
        form=form,
        people=poll.people if poll else False,
        lines=shown.lines if shown else (),
        n=shown.n if shown else 0,
        sorted=bool(poll and shown and is_sorted(poll, run)),
        counted=counted if poll and is_voting else 0,
        phones=phones,
        turnout=turnout_sentence(lang, counted, phones) if poll and is_voting else "",
        caption=say(lang, "chamber_caption", counted=counted) if poll and is_voting else "",
        sentence=(shown.compared if is_compare else shown.sentence) if shown else "",
        base=_base(shown, form, lang) if shown else "",
        method=shown.method if shown and not is_compare else "",
        rounding=_rounding(shown, form, lang) if shown else "",
        mean=shown.mean if shown else "",
        mean_value=shown.mean_value if shown else "",
        scale_ends=scale_ends(poll, lang) if poll else "",
        abstained=shown.abstained if shown else "",
        groups=shown.groups if shown else (),
        beside=bool(shown and is_beside),
        compare=is_compare,
        flow=shown.flow if shown and form == "flow" else None,
        columns=shown.columns if shown and form == "rules" else (),
        table=_table(shown, form, lang) if shown else (),
        closes_ms=run.closes_ms if run.state is PollState.OPEN else None,
        join_code=spaced(event.join_code),
        join_text=join_text(join_url, event.join_code),
        join_url=join_url,
        frozen=say(lang, "frozen") if run.frozen else "",
        upcoming="" if poll or desk.blank else upcoming(state, room, lang),
        words=_stage_words(lang),
    )


def _drawn(poll: Poll, shown: Figures | None, is_beside: bool, is_compare: bool) -> str:
    """The form in which a stage draws what is shown."""
    if shown is None:
        return "turnout"
    if is_compare:
        return "rules"
    return "flow" if shown.flow is not None and not is_beside else form_of(poll)


def _base(shown: Figures, form: str, lang: str) -> str:
    """What the figures are, in the form in which they are drawn."""
    key = {"rules": "base_compare", "flow": "base_flow"}.get(form)
    return say(lang, key, n=shown.n) if key else shown.base


def _rounding(shown: Figures, form: str, lang: str) -> str:
    """How the figures that are drawn were rounded; a runoff's rounds hold ballots, which are not."""
    if form == "flow":
        return ""
    return say(lang, "rounding_two_decimals") if form == "rules" else shown.rounding


def _table(shown: Figures, form: str, lang: str) -> tuple[tuple[str, ...], ...]:
    """What flow and rules draw, as a table with its header first; empty for other forms."""
    if form == "flow" and shown.flow is not None:
        return flow_table(shown.flow, say(lang, "table_option"))
    if form != "rules":
        return ()
    by_rule = [{line.option: line for line in column.lines} for column in shown.columns]
    head = (say(lang, "table_option"), *(column.title for column in shown.columns))
    rows = (
        (
            line.label,
            *(
                say(lang, "place_value", place=own.place, value=own.value) if own.place else own.value
                for own in (lines[line.option] for lines in by_rule)
            ),
        )
        for line in shown.lines
    )
    return (head, *rows)


def visible_figures(
    state: EventState,
    poll: Poll,
    run: PollRun,
    result: Result | None,
    lang: str,
    audience: Audience,
    *,
    is_beside: bool = False,
) -> Figures | None:
    """The figures of `result`, if it is of this poll's present round and `audience` may see it;
    `is_beside` says that its groups are what is drawn."""
    if result is None or not may_see_result(poll, run, audience):
        return None
    if result.poll != poll.id or result.round != run.round:
        return None
    is_open = run.state is PollState.OPEN
    return figures(
        state.event,
        poll,
        result,
        lang=lang,
        is_sorted=is_sorted(poll, run),
        is_open=is_open,
        is_beside=is_beside,
    )


def phase_of(poll: Poll | None, run: PollRun) -> str:
    """Where a screen stands: idle without a poll, else what the poll's state means to those who watch."""
    if poll is None:
        return "idle"
    return "waiting" if run.state is PollState.DRAFT else run.state.value


def chart_room(view: StageView) -> tuple[int, int]:
    """Width and height in px that a stage of 1920x1080 has for the chart of `view`, under its question."""
    height = chart_height(question=view.question, small=(view.addressed, view.note, view.scale_ends))
    return WIDTH, height


def upcoming(state: EventState, room: RoomId, lang: str) -> str:
    """The session of what comes next, in words; empty at the end of the run of show."""
    for item in run_of_show(state.event, room):
        if item.poll is not None:
            is_new = state.run(item.poll.id).state is PollState.DRAFT and not state.run(item.poll.id).round
        else:
            is_new = item.award is not None and not state.award(item.award.id).revealed
        if is_new:
            return say(lang, "stage_next", session=item.session.title.pick(lang))
    return ""


def form_of(poll: Poll) -> str:
    """How a poll's result is drawn."""
    match poll.kind:
        case PollKind.SINGLE | PollKind.MULTIPLE:
            return "bars"
        case PollKind.RANKED_BY_SELECTION | PollKind.PREFERENCE:
            return "race"
        case PollKind.RATING:
            return "dots"


def is_sorted(poll: Poll, run: PollRun) -> bool:
    """Whether lines stand by count: a race always, other polls once voting has ended, a scale never."""
    if poll.kind is PollKind.RATING:
        return False
    return poll.kind in (PollKind.RANKED_BY_SELECTION, PollKind.PREFERENCE) or run.state is not PollState.OPEN


def turnout_sentence(lang: str, counted: int, phones: int) -> str:
    """How many have answered; without a total when more have answered than are connected now."""
    if counted > phones:
        return say(lang, "turnout_more", counted=counted)
    return say(lang, "turnout", counted=counted, phones=phones)


def addressed_to(state: EventState, poll: Poll, lang: str) -> str:
    """For whom the question is, in words; empty when it is for everyone."""
    names = [
        segment.text.pick(lang) if (segment := state.event.segment(segment_id)) else segment_id
        for segment_id in poll.segments
    ]
    return say(lang, "paper_for_group", group=", ".join(names)) if names else ""


def scale_ends(poll: Poll, lang: str) -> str:
    """What the ends of a rating scale mean, in words; empty when nothing says so."""
    scale = poll.scale
    if scale is None or scale.low_label is None or scale.high_label is None:
        return ""
    return say(
        lang,
        "paper_scale_ends",
        low=scale.low,
        low_label=scale.low_label.pick(lang),
        high=scale.high,
        high_label=scale.high_label.pick(lang),
    )


def join_text(join_url: str, join_code: str) -> str:
    """The address as people type it: no scheme, and no path when the code is asked for there."""
    return join_url.split("://", 1)[-1].removesuffix(f"/j/{join_code}").rstrip("/")


def _stage_words(lang: str) -> dict[str, str]:
    keys = ("stage_join", "chamber_hint", "table_option", "table_count", "table_value", "table_place")
    return {key: say(lang, key) for key in keys}
