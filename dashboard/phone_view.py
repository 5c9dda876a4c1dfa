"""What a phone shows: open papers, results that are out, or what it is waiting for.

The same for every phone of one room, segment and language; the voter's own ballot is not in here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.audience import Audience, phone_sees
from dashboard.lines import Bar, Group
from dashboard.stage_view import addressed_to, form_of, phase_of, scale_ends, visible_figures
from dashboard.words import paper_words, say
from polls.desk import EventState
from polls.lifecycle import PollRun, PollState
from polls.model import PLENARY, OptionOrder, Poll, PollId, PollKind, RoomId, SegmentId, Session
from voting.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One option on the paper."""

    id: str
    text: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """An open question to answer. `options` are in the order of the paper; a `shuffled` one is put in
    each phone's own order by whoever draws it. `closes_ms` is Unix milliseconds. Where options are put in
    order, `ties` says that several may share a place, and `words` are the sentences that a script needs
    for it, by key."""

    poll: str
    round: int
    kind: str
    session: str
    question: str
    note: str
    instruction: str
    addressed: str
    options: tuple[Choice, ...]
    max: int
    abstain: bool
    shuffled: bool
    scale_ends: str
    closes_ms: int | None
    frozen: str
    ties: bool = False
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultView:
    """A result as text and bars: the sentence first, then a line and a meter for each option."""

    poll: str
    round: int
    form: str
    question: str
    addressed: str
    sentence: str
    lines: tuple[Bar, ...]
    n: int
    base: str
    method: str
    rounding: str
    mean: str
    scale_ends: str
    abstained: str
    groups: tuple[Group, ...]
    is_live: bool
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneView:
    """All a phone shows. `papers` are the open questions, the one on stage first; `result` is that of the
    poll on stage, if it is out; `waiting` says what to do when there is neither, and `stage_question`
    what the hall is looking at, `stage_poll` and `stage_round` being its names ("" and 0 when this phone
    is not to know it)."""

    event: str
    room: str
    rehearsal: str
    session: str
    phase: str
    papers: tuple[PaperView, ...]
    result: ResultView | None
    waiting: str
    stage_question: str
    stage_poll: str
    stage_round: int


def phone_state(
    state: EventState,
    *,
    room: RoomId,
    segment: SegmentId | None,
    lang: str,
    results: Mapping[PollId, Result],
) -> PhoneView:
    """What phones of this room and segment show; of `results` only what they may see is used."""
    event = state.event
    on_stage = poll_in_front(state, room)
    stage_id = on_stage[1].id if on_stage else None
    papers = [
        paper_view(state, session, poll, lang)
        for session, poll in event.polls()
        if phone_sees(poll, state.run(poll.id), segment, room, session)
    ]
    papers.sort(key=lambda paper: paper.poll != stage_id)
    place = event.room(room)
    result = None
    if on_stage:
        result = result_view(state, on_stage[1], results.get(on_stage[1].id), lang)
    is_mine = on_stage is not None and on_stage[1].is_for(segment)
    run = state.run(on_stage[1].id) if on_stage else PollRun()
    return PhoneView(
        event=event.title.pick(lang),
        room=place.text.pick(lang) if place else "",
        rehearsal=say(lang, "rehearsal") if event.rehearsal_of else "",
        session=on_stage[0].title.pick(lang) if on_stage else "",
        phase=phase_of(on_stage[1] if on_stage else None, run),
        papers=tuple(papers),
        result=result,
        waiting=_waiting(state, run, on_stage is not None, is_mine, lang),
        # Another group's question is not for these bytes until its result is out.
        stage_question=on_stage[1].question.pick(lang) if on_stage and (is_mine or result) else "",
        stage_poll=on_stage[1].id if on_stage and (is_mine or result) else "",
        stage_round=run.round if is_mine or result else 0,
    )


def poll_in_front(state: EventState, room: RoomId) -> tuple[Session, Poll] | None:
    """The poll people of `room` are looking at: its own stage's, else the main room's; None when blank, or
    when they look at an award."""
    for desk_room in dict.fromkeys((room, PLENARY)):
        desk, found = state.desk(desk_room), state.on_stage(desk_room)
        if desk.award and not desk.blank:
            return None
        if found and not desk.blank:
            return found
    return None


def paper_view(state: EventState, session: Session, poll: Poll, lang: str) -> PaperView:
    """The blank ballot paper of a poll."""
    run = state.run(poll.id)
    return PaperView(
        poll=poll.id,
        round=run.round,
        kind=poll.kind,
        session=session.title.pick(lang),
        question=poll.question.pick(lang),
        note=poll.note.pick(lang) if poll.note else "",
        instruction=instruction(poll, lang),
        addressed=addressed_to(state, poll, lang),
        options=tuple(
            Choice(
                id=option.id,
                text=option.text.pick(lang),
                detail=option.detail.pick(lang) if option.detail else "",
            )
            for option in poll.options
        ),
        max=poll.max_selections,
        abstain=poll.abstain,
        shuffled=poll.order is OptionOrder.SHUFFLED,
        scale_ends=scale_ends(poll, lang),
        closes_ms=run.closes_ms,
        frozen=say(lang, "frozen") if run.frozen else "",
        ties=poll.kind is PollKind.PREFERENCE and poll.ties,
        words=paper_words(lang) if poll.kind is PollKind.PREFERENCE else {},
    )


def ranks_by_option(selections: Sequence[str]) -> dict[str, int]:
    """The rank of each option, from 1 on, on a ballot given rank by rank; options of one rank share it."""
    return {option: place for place, rank in enumerate(selections, 1) for option in rank.split("=")}


def answer_words(poll: Poll, selections: Sequence[str], lang: str) -> str:
    """A ballot of `poll` as its voter reads it: "Red, Blue", or in order "1 Blue, 2 Red"."""
    if poll.kind is PollKind.PREFERENCE:
        by_place = ranks_by_option(selections)
        ranked = [option for option in poll.options if option.id in by_place]
        texts = [
            say(lang, "paper_rank_item", place=by_place[option.id], option=option.text.pick(lang))
            for option in sorted(ranked, key=lambda option: by_place[option.id])
        ]
    else:
        texts = [option.text.pick(lang) for option in poll.options if option.id in selections]
    return ", ".join(texts) or say(lang, "phone_abstain")


def instruction(poll: Poll, lang: str) -> str:
    """What to do with the paper, in words."""
    if poll.kind is PollKind.RATING:
        return say(lang, "choose_rating")
    if poll.kind is PollKind.PREFERENCE and poll.max_selections > 1:
        is_part = poll.max_selections < len(poll.options)
        return say(lang, "choose_order_up_to" if is_part else "choose_order", n=poll.max_selections)
    return (
        say(lang, "choose_one")
        if poll.max_selections == 1
        else say(lang, "choose_up_to", n=poll.max_selections)
    )


def result_view(
    state: EventState, poll: Poll, result: Result | None, lang: str, audience: Audience = Audience.PHONE
) -> ResultView | None:
    """The result of a poll's present round in words and bars; None while `audience` may not see it."""
    run = state.run(poll.id)
    shown = visible_figures(state, poll, run, result, lang, audience)
    if shown is None:
        return None
    return ResultView(
        poll=poll.id,
        round=run.round,
        form=form_of(poll),
        question=poll.question.pick(lang),
        addressed=addressed_to(state, poll, lang),
        sentence=shown.sentence,
        lines=shown.lines,
        n=shown.n,
        base=shown.base,
        method=shown.method,
        rounding=shown.rounding,
        mean=shown.mean,
        scale_ends=scale_ends(poll, lang),
        abstained=shown.abstained,
        groups=shown.groups,
        is_live=run.state is PollState.OPEN,
        state=run.state,
    )


def _waiting(state: EventState, run: PollRun, is_on: bool, is_mine: bool, lang: str) -> str:
    if run.frozen:
        return say(lang, "frozen")
    if not is_on:
        has_begun = any(other.round for other in state.runs.values())
        return say(lang, "wait_next" if has_begun else "wait_welcome")
    if not is_mine and run.state in (PollState.DRAFT, PollState.OPEN):
        return say(lang, "wait_other_group")
    match run.state:
        case PollState.DRAFT:
            return say(lang, "wait_soon")
        case PollState.OPEN:
            return say(lang, "wait_answered")
        case PollState.CLOSED if not run.visible:
            return say(lang, "wait_closed")
        case _:
            return say(lang, "wait_next")
