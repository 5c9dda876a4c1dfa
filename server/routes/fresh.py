"""The page of a phone that has cast no ballot: rendered and packed once for each audience and state.

When a hall scans the code, ten thousand phones of a few audiences (room, group, language) ask for the
same page within seconds; only the seed of the option order, the nonce of the plain form and the cookie
are a phone's own. What is kept belongs to one reading of the event and to one audience, so nothing is
shown that the ordinary way would not show at this moment.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from polls.model import Event, Poll
from polls.paper import display_order
from polls.ports import Snapshot
from server.auth import Seat, order_seed
from server.clock import now_ms
from server.context import Context
from server.live.event import LiveEvent
from server.routes import phone_page
from server.routes.pages import spoken
from server.staticfiles import FILES, CachedStatic, Header
from server.stencil import Piece, Stencil, gzip_body, mark, own_piece, plain_body, takes_gzip

DAY_MS = 86_400_000
PATH = "/j/"
SHUFFLED = {"option": mark("option"), "end": mark("end"), "order": mark("order")}


@dataclass(slots=True)
class Fresh:
    """One audience's page as of `snapshot`; without a paper it also shows results, which ballots change."""

    snapshot: Snapshot
    stencil: Stencil
    poll: Poll | None
    """The poll whose options stand in each phone's own order."""
    has_paper: bool

    def is_of(self, snapshot: Snapshot) -> bool:
        """Whether this is still the page of the newest reading."""
        kept = self.snapshot
        if kept is snapshot:
            return True
        # While ballots come in there is a new reading many times a second, of which a paper shows nothing.
        if not self.has_paper or kept.epoch != snapshot.epoch or kept.state != snapshot.state:
            return False
        self.snapshot = snapshot
        return True

    def pieces(self, device: str) -> list[Piece]:
        """The page for one device."""
        seed = order_seed(device)
        values = {"seed": [own_piece(seed)], "nonce": [own_piece(phone_page.new_nonce())]}
        if self.poll is not None:
            order = display_order(self.poll, seed)
            places = {option.id: place for place, option in enumerate(self.poll.options)}
            values["option"] = [self.stencil.fragments[places[option.id]] for option in order]
            values["order"] = [own_piece(" ".join(option.id for option in order))]
        return self.stencil.fill(values)


class FreshPages:
    """The pages that are kept: of each event one for each of its audiences, the newest."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._kept: WeakKeyDictionary[LiveEvent, dict[tuple[str, str, str], Fresh]] = WeakKeyDictionary()

    def get(self, live: LiveEvent, seat: Seat, lang: str) -> Fresh:
        """The page of an audience; the choice of group and room when the group is not known."""
        event, snapshot = live.state.event, live.snapshot
        room, segment = event.room(seat.room), event.segment(seat.segment)
        key = (room.id if room else "", segment.id if segment else "", lang)
        kept = self._kept.setdefault(live, {})
        found = kept.get(key)
        if found is None or not found.is_of(snapshot):
            seat = Seat(room=key[0], segment=key[1])
            found = kept[key] = _rendered(self._context, live, seat, lang)
        return found

    def content(self, fresh: Fresh, device: str, accepted: str) -> tuple[list[Header], bytes]:
        """Headers and body for one device; `accepted` is its Accept-Encoding."""
        pieces = fresh.pieces(device)
        if takes_gzip(accepted):
            body, packed = gzip_body(pieces), [(b"content-encoding", b"gzip")]
        else:
            body, packed = plain_body(pieces), []
        return [
            (b"cache-control", b"no-store"),
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"text/html; charset=utf-8"),
            (b"vary", b"Accept-Encoding"),
            *packed,
        ], body

    def response(self, live: LiveEvent, seat: Seat, lang: str, device: str, accepted: str) -> Response:
        """The same as a response of Starlette's."""
        headers, body = self.content(self.get(live, seat, lang), device, accepted)
        response = Response(body)
        response.raw_headers = headers
        return response


def _rendered(context: Context, live: LiveEvent, seat: Seat, lang: str) -> Fresh:
    event = live.state.event
    if phone_page.needs_seat(event, seat):
        text = context.render.text(phone_page.SEAT_PAGE, phone_page.seat_values(event, seat, lang))
        # Of a new reading it shows nothing but the event's words.
        return Fresh(live.snapshot, Stencil(text), None, has_paper=True)
    values = phone_page.phone_values(
        context, live, seat=seat, lang=lang, own=[], seed=mark("seed"), nonce=mark("nonce")
    )
    paper = values["paper"]
    found = event.find_poll(paper.poll) if paper else None
    shuffled = found[1] if found and paper.shuffled else None
    if shuffled is not None:
        values["marks"] = SHUFFLED
    stencil = Stencil(context.render.text(phone_page.PHONE_PAGE, values), "option" if shuffled else "")
    return Fresh(live.snapshot, stencil, shuffled, has_paper=paper is not None)


class DeviceCookies:
    """The Set-Cookie header of a new device: all but the device is the same for a whole day."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._made: tuple[datetime.date, int, bytes, bytes] | None = None

    def header(self, device: str, event: Event) -> Header:
        day = now_ms() // DAY_MS
        made = self._made
        if made is None or made[:2] != (event.last_day, day):
            response = Response()
            place = mark("device")
            phone_page.keep(self._context, response, self._context.device_cookie, place, event)
            (value,) = (value for name, value in response.raw_headers if name == b"set-cookie")
            before, _, behind = value.partition(place.encode())
            made = self._made = (event.last_day, day, before, behind)
        return b"set-cookie", made[2] + self._context.keyring.sign_device(device).encode() + made[3]


class Doorstep:
    """Answers a new phone that asks for the page of an event this process follows.

    New is who brings no cookie and asks for nothing in particular. Everybody else, and everything that
    is not so plain, goes the ordinary way, which gives a new phone the same page.
    """

    def __init__(self, context: Context, pages: FreshPages) -> None:
        self._context, self._pages = context, pages
        self._cookies = DeviceCookies(context)

    def answer(self, path: str, headers: Mapping[str, str]) -> tuple[list[Header], bytes] | None:
        """Headers and body for a GET of `path` with `headers` and no query; None when it is none of these."""
        if not path.startswith(PATH) or "cookie" in headers:
            return None
        live = self._context.event_that_is_read(path[len(PATH) :])
        if live is None:
            return None
        event, device = live.state.event, self._context.keyring.new_device()
        lang = spoken("", headers.get("accept-language", ""), event.languages)
        page = self._pages.get(live, Seat(), lang)
        found, body = self._pages.content(page, device, headers.get("accept-encoding", ""))
        found.append(self._cookies.header(device, event))
        return found, body


class AtTheDoor:
    """ASGI middleware: a page that Doorstep can answer, or a file that is ready, goes no further."""

    def __init__(self, app: ASGIApp, doorstep: Doorstep, static: CachedStatic) -> None:
        self._app, self._doorstep, self._static = app, doorstep, static

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_get = scope["type"] == "http" and scope["method"] == "GET"
        answer = self._answer(scope) if is_get and scope["path"].startswith((PATH, FILES)) else None
        if answer is None:
            await self._app(scope, receive, send)
            return
        headers, body = answer
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, scope: Scope) -> tuple[list[Header], bytes] | None:
        path, query = scope["path"], scope["query_string"].decode("latin-1")
        asked: dict[str, str] = {}
        for name, value in scope["headers"]:
            asked.setdefault(name.decode("latin-1"), value.decode("latin-1"))
        if path.startswith(FILES):
            return self._static.ready(f"{path}?{query}" if query else path, asked)
        return None if query else self._doorstep.answer(path, asked)
