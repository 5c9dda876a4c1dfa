"""What each topic shows: content for one audience, and the frame that carries it."""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from dashboard.award_facts import cast_by
from dashboard.award_phone import PhoneAward, phone_award, phone_award_result
from dashboard.award_stage import award_stage, on_stage
from dashboard.figures import stage_figure
from dashboard.phone_view import PhoneView, phone_state, poll_in_front, result_view
from dashboard.stage_view import StageView, chart_room, stage_view
from dashboard.words import say
from polls.lifecycle import PollState
from polls.model import PLENARY, RoomId, SegmentId
from polls.ports import Snapshot
from server.award.stand import Stand
from server.live.event import LiveEvent
from server.live.hub import Topic
from server.wire import AwardPush, Card, ConsolePush, Papers, Results, ServerFrame, StagePush

if TYPE_CHECKING:
    from server.context import Context


@dataclass(frozen=True, slots=True)
class PhoneContent:
    """Cards of a phone's channel, and the fragment for when there are none."""

    cards: tuple[Card, ...]
    idle: str = ""


@dataclass(frozen=True, slots=True)
class StageContent:
    view: Any
    figure: Any


@dataclass(frozen=True, slots=True)
class ConsoleContent:
    revision: str
    counts: Any


SPREAD_MS, SPREAD_MOST_MS = 3, 10_000
"""Pages that have to be loaded again because of one push: time for each of them, and for all together."""

Content = PhoneContent | StageContent | ConsoleContent


def content(context: "Context", live: LiveEvent, topic: Topic) -> Content:
    """What the audience of `topic` may see now; equal contents need no new push."""
    match topic.channel:
        case "papers":
            return phone_papers(context, live, RoomId(topic.room), topic.segment, topic.lang)
        case "results":
            return phone_results(context, live, RoomId(topic.room), topic.segment, topic.lang)
        case "stage":
            return stage(context, live, RoomId(topic.room), topic.lang, topic.segment or "dark")
        case "console":
            return console(context, live)
    raise ValueError(f"unknown channel {topic.channel!r}")


def frame(content: Content, channel: str, snapshot: Snapshot, server_ms: int) -> ServerFrame:
    """The push that carries `content`, stamped with the snapshot's epoch and offset."""
    epoch, offset = snapshot.epoch, snapshot.offset
    match content:
        case StageContent():
            return StagePush(
                epoch=epoch, offset=offset, server_ms=server_ms, view=content.view, figures=content.figure
            )
        case ConsoleContent():
            return ConsolePush(
                epoch=epoch,
                offset=offset,
                server_ms=server_ms,
                revision=content.revision,
                counts=content.counts,
            )
        case PhoneContent() if channel == "papers":
            return Papers(epoch=epoch, offset=offset, cards=list(content.cards), idle=content.idle)
        case PhoneContent():
            return Results(epoch=epoch, offset=offset, cards=list(content.cards))
    raise TypeError(content)


def award_push(stand: Stand, epoch: str, offset: int, server_ms: int, listeners: int = 0) -> AwardPush:
    """How an award stands, as pages of this award hear of it; `listeners` of them at once."""
    values = {field.name: getattr(stand, field.name) for field in fields(stand)}
    spread_ms = min(SPREAD_MOST_MS, listeners * SPREAD_MS)
    return AwardPush(epoch=epoch, offset=offset, server_ms=server_ms, spread_ms=spread_ms, **values)


def phone_papers(context: "Context", live: LiveEvent, room: RoomId, segment: str, lang: str) -> PhoneContent:
    """The open papers of one room and segment, the one on stage first; what to show when there is none."""
    view = phone_state(live.state, room=room, segment=segment_of(live, segment), lang=lang, results={})
    cards = tuple(
        Card(
            poll=paper.poll,
            round=paper.round,
            shuffled=paper.shuffled,
            closes_ms=paper.closes_ms,
            html=context.render.text("phone/_paper.html", {"paper": paper, "lang": lang}),
        )
        for paper in view.papers
    )
    view, award = waiting_page(live, room, view, lang)
    return PhoneContent(
        cards, context.render.text("phone/_idle.html", {"idle": view, "award": award, "lang": lang})
    )


def waiting_page(
    live: LiveEvent, room: RoomId, view: PhoneView, lang: str
) -> tuple[PhoneView, PhoneAward | None]:
    """What a phone waits for: the award of its room, if there is one, else as `view` has it."""
    award = phone_award(live.state, room, live.awards, lang)
    return (replace(view, waiting=award.text) if award else view), award


def segment_of(live: LiveEvent, segment: str) -> SegmentId | None:
    """A declared segment of the event, or None."""
    return SegmentId(segment) if live.state.event.segment(segment) else None


def phone_results(context: "Context", live: LiveEvent, room: RoomId, segment: str, lang: str) -> PhoneContent:
    """The results the room may see now: of the poll in front of it, and of open live polls.

    While a question is open, the phones of other segments are not to know it.
    """
    in_front = poll_in_front(live.state, room)
    cards = [*_award_result(context, live, room, lang)]
    for session, poll in live.state.event.polls():
        is_open = live.state.run(poll.id).state is PollState.OPEN
        is_open_here = session.room in (PLENARY, room) and is_open
        if not is_open_here and (in_front is None or in_front[1].id != poll.id):
            continue
        if is_open and not poll.is_for(segment_of(live, segment)):
            continue
        view = result_view(live.state, poll, live.result(poll), lang)
        if view is not None:
            html = context.render.text("phone/_result.html", {"result": view, "lang": lang})
            cards.append(Card(poll=view.poll, round=view.round, shuffled=False, closes_ms=None, html=html))
    return PhoneContent(tuple(cards))


def _award_result(context: "Context", live: LiveEvent, room: RoomId, lang: str) -> list[Card]:
    """The result of the award in front of the room, once everybody may know it."""
    result = phone_award_result(live.state, room, live.awards, lang)
    if result is None:
        return []
    html = context.render.text("phone/_award_result.html", {"result": result, "lang": lang})
    return [Card(poll=f"award.{result.award}", round=1, shuffled=False, closes_ms=None, html=html)]


def stage(context: "Context", live: LiveEvent, room: RoomId, lang: str, theme: str) -> StageContent:
    """What a room's stage shows; results it may not see are dropped by the view itself."""
    on_stage = live.state.on_stage(room)
    poll = on_stage[1] if on_stage else None
    view = stage_view(
        live.state,
        room,
        lang=lang,
        result=live.result(poll) if poll else None,
        counted=live.counted(poll.id) if poll else 0,
        phones=live.phones_for(*on_stage) if on_stage else live.phones(),
        join_url=context.join_url(live.state.event.join_code),
    )
    view = _with_award(context, live, room, view)
    width, height = chart_room(view)
    return StageContent(
        view, stage_figure(view, "light" if theme == "light" else "dark", width=width, height=height)
    )


def _with_award(context: "Context", live: LiveEvent, room: RoomId, view: StageView) -> StageView:
    """The stage with the award in front of the room, if there is one."""
    found = live.state.award_on_stage(room)
    if found is None:
        return view
    path, lang = f"{live.id}/{found.id}", view.lang
    address = f"{context.public_url}/award/{path}"
    award = award_stage(live.state, room, lang, live.awards, phones=live.phones(), address=address)
    if award is None:
        return view
    rail = {}
    if award.phase == "vote-open" and award.by_codes:
        url, text = f"{context.public_url}/vote/{path}", f"{view.join_text}/v"
        rail = {"words": say(lang, "award_stage_codes"), "url": url, "text": text}
    elif award.phase == "published":
        text = address.split("://", 1)[-1]
        rail = {"words": say(lang, "award_phone_record"), "url": address, "text": text}
    return on_stage(
        view,
        award,
        html=context.render.text("award/_stage.html", {"award": award, "lang": lang}),
        rail=context.render.text("award/_rail.html", {**rail, "lang": lang}) if rail else "",
    )


def console(context: "Context", live: LiveEvent) -> ConsoleContent:
    """The console's numbers; its panel is fetched again when `revision` changes."""
    snapshot = live.snapshot
    rooms = {"", *(room.id for room in live.state.event.rooms)}
    counts = {
        "phones": live.phones(),
        "stages": live.stages(),
        "consoles": live.consoles(),
        "received": {poll_id: live.received(poll_id, context.worker) for poll_id, _ in snapshot.boxes},
        "counted": {poll_id: live.counted(poll_id) for poll_id, _ in snapshot.boxes},
        "lines": {poll_id: live.newest_line(poll_id) for poll_id, _ in snapshot.boxes},
        "painted": [words for room in sorted(rooms) for words in live.painted(room)],
        "store_down": context.publisher(live.id).down_since_ms is not None,
        "disk_low": context.is_low_on_disk,
        "awards": {
            award: {"locked": facts.locked, **{one: cast_by(of) for one, of in facts.turnout.items()}}
            for award, facts in live.awards.items()
        },
    }
    frozen = sum(
        bool(run.frozen) for run in live.state.runs.values()
    )  # a freeze is no entry of the audit log
    return ConsoleContent(f"{snapshot.seq}.{snapshot.doc_rev}.{frozen}", counts)
