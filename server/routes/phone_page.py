"""The phone's page: one question at a time, complete without a script, or the choice of group and room."""

import datetime
import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from dashboard.phone_view import PaperView, PhoneView, answer_words, phone_state, ranks_by_option
from dashboard.words import phone_words, say
from polls.model import Event, PollKind, RoomId
from polls.paper import display_order
from server.auth import Seat, order_seed
from server.clock import now_ms
from server.context import Context
from server.live import pushes
from server.live.event import LiveEvent
from server.render import script_json
from server.routes.pages import context_of
from server.wire import Card, Own

NONCE_BYTES = 16
SCRIPT_WORDS = ("phone_", "choose_", "reject_none_chosen")
"""Keys of the sentences that the page's script puts up by itself start like this."""

SEAT_PAGE = "phone/seat.html"
PHONE_PAGE = "phone/page.html"


def needs_seat(event: Event, seat: Seat) -> bool:
    """Whether the group has to be asked before anything else."""
    return bool(event.segments) and event.segment(seat.segment) is None


def seat_values(event: Event, seat: Seat, lang: str) -> dict[str, Any]:
    """What SEAT_PAGE is rendered with."""
    return {
        "lang": lang,
        "event": event.title.pick(lang),
        "rehearsal": say(lang, "rehearsal") if event.rehearsal_of else "",
        "code": event.join_code,
        "segments": event.segments,
        "rooms": event.rooms,
        "seat": seat,
    }


def new_nonce() -> str:
    """A fresh nonce for the ballot of a plain form."""
    return secrets.token_urlsafe(NONCE_BYTES)


def keep(context: Context, response: Response, name: str, value: str, event: Event) -> None:
    """Give the phone a cookie that outlives the event's last day by `privacy.device_days_after_event`."""
    today = datetime.datetime.fromtimestamp(now_ms() / 1000, datetime.UTC).date()
    days = (max(event.last_day, today) - today).days + context.config.privacy.device_days_after_event + 1
    response.set_cookie(
        name,
        value,
        max_age=days * 86_400,
        path="/",
        httponly=True,
        secure=context.is_https,
        samesite="lax",
    )


def said_cookie(event_id: str) -> str:
    """The cookie in which a refusal travels from the plain form's post to the page that shows it."""
    return f"hc_said_{event_id}"


def phone_page(
    request: Request, live: LiveEvent, device: str, seat: Seat, lang: str, own: Sequence[Own] | None
) -> Response:
    """The page of one device with its own ballots; None: they could not be read."""
    context, event = context_of(request), live.state.event
    said_poll, said_code = said_to(request, live.id)
    seed = order_seed(device)
    values = phone_values(
        context,
        live,
        seat=seat,
        lang=lang,
        own=own,
        said=(said_poll, said_code),
        wanted=request.query_params.get("change", ""),
        seed=seed,
        nonce=new_nonce(),
    )
    if values["paper"] is not None:
        values["paper"] = in_own_order(event, values["paper"], seed)
    response = context.render.page(PHONE_PAGE, **values)
    if said_code:
        response.delete_cookie(said_cookie(live.id), path="/")
    return response


def phone_values(
    context: Context,
    live: LiveEvent,
    *,
    seat: Seat,
    lang: str,
    own: Sequence[Own] | None,
    said: tuple[str, str] = ("", ""),
    wanted: str = "",
    seed: str,
    nonce: str,
) -> dict[str, Any]:
    """What PHONE_PAGE is rendered with; the options are in the order of the paper.

    said: poll and code of a refusal that is to be shown once; wanted: the poll whose answer is to be changed.
    """
    event = live.state.event
    room = RoomId(seat.room if event.room(seat.room) else "")
    view = phone_state(
        live.state, room=room, segment=pushes.segment_of(live, seat.segment), lang=lang, results={}
    )
    mine = {(one.poll, one.round): one for one in own or ()}
    view, award = pushes.waiting_page(live, room, view, lang)
    said_poll, said_code = said
    paper = _paper_to_show(view, mine, said_poll or wanted)
    ballot = mine.get((paper.poll, paper.round)) if paper else None
    is_filling = paper is not None and (ballot is None or wanted == paper.poll)
    results = [] if is_filling else pushes.phone_results(context, live, room, seat.segment, lang).cards
    found = event.find_poll(said_poll)
    text = say(lang, f"reject_{said_code}", n=found[1].max_selections if found else 1) if said_code else ""
    is_said_here = paper is not None and paper.poll == said_poll
    return {
        "lang": lang,
        "view": view,
        "award": award,
        "paper": paper,
        "own": ballot,
        "ranks": ranks_by_option(ballot.selections) if ballot else {},
        "locked": paper is not None and not is_filling,
        "rev": ballot.rev + 1 if ballot else 1,
        "nonce": nonce,
        "action": f"/j/{event.join_code}/cast",
        "said": text if is_said_here else "",
        "note": {"question": found[1].question.pick(lang), "text": text}
        if text and found and not is_said_here
        else None,
        "answer": _answer(event, mine.get((view.stage_poll, view.stage_round)), lang),
        "places": _places(event, seat, lang),
        "is_filling": is_filling,
        "has_awards": bool(event.awards),
        "can_rank": any(poll.kind is PollKind.PREFERENCE for _, poll in event.polls()),
        "results": [card.html for card in _visible(results, paper)],
        "data": script_json(
            {
                "event": live.id,
                "code": event.join_code,
                "lang": lang,
                "seed": seed,
                "own": own,
                "epoch": live.snapshot.epoch,
                "answers": {
                    f"{poll}:{round}": _answer(event, one, lang) for (poll, round), one in mine.items()
                },
                "words": _script_words(lang),
            }
        ),
    }


@lru_cache(maxsize=64)
def _script_words(lang: str) -> dict[str, str]:
    # Remembered: every phone of a hall asks within the same seconds.
    return {key: text for key, text in phone_words(lang).items() if key.startswith(SCRIPT_WORDS)}


def said_to(request: Request, event_id: str) -> tuple[str, str]:
    """The poll and the code of a refusal that is to be shown once; empty when there is none."""
    poll, _, code = request.cookies.get(said_cookie(event_id), "").partition("~")
    return (poll, code) if code and f"reject_{code}" in phone_words("en") else ("", "")


def _paper_to_show(view: PhoneView, mine: dict[tuple[str, int], Own], wanted: str) -> PaperView | None:
    """One question at a time: the wanted one, else the first without an answer, else the first."""
    for paper in view.papers:
        if paper.poll == wanted:
            return paper
    unanswered = (paper for paper in view.papers if (paper.poll, paper.round) not in mine)
    return next(unanswered, view.papers[0] if view.papers else None)


def in_own_order(event: Event, paper: PaperView, seed: str) -> PaperView:
    """The paper with its options as the phone with `seed` shows them."""
    found = event.find_poll(paper.poll)
    if found is None or not paper.shuffled:
        return paper
    choices = {choice.id: choice for choice in paper.options}
    return replace(paper, options=tuple(choices[option.id] for option in display_order(found[1], seed)))


def _visible(results: Sequence[Card], paper: PaperView | None) -> list[Card]:
    """Results on the waiting page, or under one's own counted answer."""
    return [card for card in results if paper is None or card.poll == paper.poll]


def _answer(event: Event, ballot: Own | None, lang: str) -> str:
    """An own ballot in words: what was chosen and when it was counted."""
    found = event.find_poll(ballot.poll) if ballot else None
    if ballot is None or found is None:
        return ""
    words = answer_words(found[1], ballot.selections, lang)
    counted = say(lang, "phone_counted", time=ballot.at)
    return f"{say(lang, 'phone_your_answer', answer=words)} · {counted}"


def _places(event: Event, seat: Seat, lang: str) -> list[str]:
    """Where this phone sits: its room if the event has rooms, its group if it has groups."""
    places = []
    if event.rooms:
        room = event.room(seat.room)
        places.append(room.text.pick(lang) if room else say(lang, "join_plenary"))
    segment = event.segment(seat.segment)
    if segment:
        places.append(segment.text.pick(lang))
    return places
