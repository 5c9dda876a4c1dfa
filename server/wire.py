"""The wire protocol: every frame between a browser and the server, and the one decoder of ballots.

docs/protocol.md and static/wire.schema.json are generated from this module. Frames are JSON objects
with a "type"; unknown fields from a client are refused, unknown frames from the server are to be
ignored by the browser. Times are Unix milliseconds, durations milliseconds.

Every push is the whole state of its channel. A client drops a push whose offset is not higher than
the one it has, unless the epoch changed (the store was restarted): then it starts over and phones
offer their last ballot again. Of two stage, console or award pushes with the same offset the
one with the later `server_ms` is newer, since who is connected changes no offset.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

VERSION = 1
SUBPROTOCOL = "hemicycle.v1"

RANK_FIELD = "rank."
"""What the fields of a plain form start with that hold the place of one option."""

_PLACE = re.compile(r"[1-9][0-9]?", re.ASCII)

# The patterns stand in the schema; `Cast` itself checks them, because the library's own check of three texts
# costs three times as much as reading the rest of the frame.
ID = r"^[A-Za-z0-9._-]+$"
NONCE = r"^[A-Za-z0-9_-]+$"
RANK = r"^[A-Za-z0-9._-]{1,80}(=[A-Za-z0-9._-]{1,80})*$"

_fits_nonce = re.compile(NONCE.strip("^$")).fullmatch


_fitting: dict[str, set[str]] = {ID: set(), RANK: set()}
"""Texts of which it is known that they fit, by pattern: a hall sends few different ones."""

TEXTS_REMEMBERED = 1_024


def _fits(pattern: str, text: str) -> bool:
    if re.fullmatch(pattern.strip("^$"), text) is None:
        return False
    known = _fitting[pattern]
    if len(known) >= TEXTS_REMEMBERED:
        known.clear()
    known.add(text)
    return True


Id = Annotated[str, msgspec.Meta(min_length=1, max_length=80, extra_json_schema={"pattern": ID})]
Nonce = Annotated[str, msgspec.Meta(min_length=8, max_length=64, extra_json_schema={"pattern": NONCE})]
Whole = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Rank = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=4_000, extra_json_schema={"pattern": RANK}),
]
"""One option, or the options of one rank joined by "="."""

Selections = Annotated[list[Rank], msgspec.Meta(max_length=64)]


class BadFrame(Exception):
    """What a client sent is not a frame of this protocol; the text says what was expected."""


class Hello(msgspec.Struct, tag="hello", forbid_unknown_fields=True, frozen=True):
    """First frame of a client: the protocol version it speaks. Answered by `welcome`."""

    v: Whole = VERSION


class Cast(msgspec.Struct, tag="cast", forbid_unknown_fields=True, frozen=True, gc=False):
    """A ballot. `ref` comes back in the reply; `rev` rises with each change of mind; a retry repeats
    rev and nonce. Selections are option ids; of an order of options they are its ranks from first to last,
    options of one rank joined by "=", such as ["3", "1=4"]. None at all is an abstention. Answered by
    `receipt` or `reject`."""

    poll: Id
    round: Whole
    rev: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    nonce: Nonce
    selections: Selections
    ref: Whole = 0

    def __post_init__(self) -> None:
        if not _fits_nonce(self.nonce):
            raise ValueError(f"Expected a `nonce` matching {NONCE}")
        if self.poll not in _fitting[ID] and not _fits(ID, self.poll):
            raise ValueError(f"Expected a `poll` matching {ID}")
        if not _fitting[RANK].issuperset(self.selections):
            for rank in self.selections:
                if not _fits(RANK, rank):
                    raise ValueError(f"Expected `selections` matching {RANK}")


class Seen(msgspec.Struct, tag="seen", forbid_unknown_fields=True, frozen=True):
    """A stage says what it has painted: channel, epoch and offset."""

    ch: Annotated[str, msgspec.Meta(max_length=16)]
    epoch: Annotated[str, msgspec.Meta(max_length=64)]
    offset: Whole


class Own(msgspec.Struct, frozen=True, gc=False):
    """The client's own ballot as it lies in the box, its selections as in `cast`."""

    poll: str
    round: int
    rev: int
    nonce: str
    selections: tuple[str, ...]
    counted_ms: int
    at: str
    """`counted_ms` as local time of the event, such as "10:42:03"."""


class Welcome(msgspec.Struct, tag="welcome", frozen=True):
    """Answer to `hello`: the store's epoch, the server's time, own ballots of every round still known,
    and the window over which to spread a reconnect."""

    epoch: str
    server_ms: int
    window_ms: int
    own: list[Own]
    v: int = VERSION


class Receipt(msgspec.Struct, tag="receipt", frozen=True, gc=False):
    """The ballot is in the box and on disk. `again` says that this very ballot had been counted before."""

    ref: int
    own: Own
    again: bool = False


class Reject(msgspec.Struct, tag="reject", frozen=True):
    """The ballot was not counted; `code` is stable, `temporary` says that sending it again can help.
    `own` is the ballot that is counted instead, if there is one."""

    ref: int
    code: str
    temporary: bool
    message: str
    poll: str = ""
    round: int = 0
    own: Own | None = None
    retry_ms: int | None = None


class Tick(msgspec.Struct, tag="tick", frozen=True):
    """Sign of life with the server's time, at most 20 s apart."""

    server_ms: int


class Bye(msgspec.Struct, tag="bye", frozen=True):
    """The server is going away: reconnect at a random moment within the window."""

    window_ms: int


class Card(msgspec.Struct, frozen=True):
    """One open question as a phone shows it: `html` is the filled-in fragment, the same for everyone of
    this segment, room and language."""

    poll: str
    round: int
    shuffled: bool
    closes_ms: int | None
    html: str


class Papers(msgspec.Struct, tag="papers", frozen=True):
    """Channel "papers": the open questions for this phone's room and segment, newest first, and what to
    show when there is none (`idle`)."""

    epoch: str
    offset: int
    cards: list[Card]
    idle: str
    ch: str = "papers"


class Results(msgspec.Struct, tag="results", frozen=True):
    """Channel "results": what the room may see of results now, as one fragment per poll."""

    epoch: str
    offset: int
    cards: list[Card]
    ch: str = "results"


class StagePush(msgspec.Struct, tag="stage", frozen=True):
    """Channel "stage": the whole stage view and its chart (a Plotly figure, or none)."""

    epoch: str
    offset: int
    server_ms: int
    view: Any
    figures: Any
    ch: str = "stage"


class ConsolePush(msgspec.Struct, tag="console", frozen=True):
    """Channel "console": the numbers that change by the second; `revision` changes when the page's panel
    is to be fetched again."""

    epoch: str
    offset: int
    server_ms: int
    revision: str
    counts: Any
    ch: str = "console"


class AwardPush(msgspec.Struct, tag="award", frozen=True):
    """Channel "award": how one award stands, for its voters' and its public page. `key` changes when the
    voter's page has to be loaded again, `page` when the public page has to, each at a random moment within
    `spread_ms`. `turnout`, `head` and `withdrawn` are sentences, the last one for papers that are being
    filled in; `pinned` ballots are in the newest checkpoint of the vote, `root` is its Merkle root (hex) and
    `words` stand for it: 0 and empty before the first. No totals are in it, and it is the same for
    everybody."""

    epoch: str
    offset: int
    server_ms: int
    key: str
    page: str
    turnout: str
    head: str
    withdrawn: str
    pinned: int
    root: str
    words: tuple[str, ...]
    closes_ms: int | None
    spread_ms: int = 0
    ch: str = "award"


ClientFrame = Hello | Cast | Seen
ServerFrame = Welcome | Receipt | Reject | Tick | Bye | Papers | Results | StagePush | ConsolePush | AwardPush

_decoder = msgspec.json.Decoder(ClientFrame)
_encoder = msgspec.json.Encoder()


def decode(raw: bytes | str) -> ClientFrame:
    """A client's frame. Raises BadFrame with a sentence that says what was expected."""
    try:
        frame: ClientFrame = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadFrame(f"Not a frame of this protocol: {error}") from None
    return frame


def decode_form(fields: Sequence[tuple[str, str]]) -> Cast:
    """A ballot from a plain form: the same fields as a `cast` frame, `selections` repeated.

    A form that orders options has a field `rank.OPTION` for each instead, with the option's place from "1"
    on, or "" for none. Gaps between places close up; options with the same place share a rank. Raises
    BadFrame like `decode`.
    """
    single = {name: value for name, value in fields if name != "selections"}
    try:
        return msgspec.convert(
            {
                "type": "cast",
                "poll": single.get("poll", ""),
                "round": single.get("round", ""),
                "rev": single.get("rev", ""),
                "nonce": single.get("nonce", ""),
                "selections": form_selections(fields),
            },
            Cast,
            strict=False,
        )
    except msgspec.ValidationError as error:
        raise BadFrame(f"Not a ballot of this protocol: {error}") from None


def form_selections(fields: Sequence[tuple[str, str]]) -> list[str]:
    """What a form's fields choose: `selections`, or ranks from first to last, options of one rank joined by
    "=". Raises BadFrame for both at once and for a place that is none."""
    selections = [value for name, value in fields if name == "selections"]
    ranks = _ranks(fields)
    if ranks and selections:
        raise BadFrame("Not a ballot of this protocol: both selections and ranks")
    return selections or ranks


def _ranks(fields: Sequence[tuple[str, str]]) -> list[str]:
    """The ranks of a form's `rank.OPTION` fields, from first to last."""
    by_place: dict[int, list[str]] = {}
    for name, value in fields:
        if not name.startswith(RANK_FIELD) or not value:
            continue
        if not _PLACE.fullmatch(value):
            raise BadFrame(f"Not a ballot of this protocol: no place is called {value[:20]!r}")
        by_place.setdefault(int(value), []).append(name.removeprefix(RANK_FIELD))
    return ["=".join(options) for _, options in sorted(by_place.items())]


def encode(frame: ServerFrame) -> bytes:
    """One frame as UTF-8 JSON."""
    return _encoder.encode(frame)


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of all frames: {"$defs": …, "client": …, "server": …}."""
    (client, server), defs = msgspec.json.schema_components(
        [ClientFrame, ServerFrame], ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Hemicycle wire protocol, version {VERSION}",
        "$defs": defs,
        "client": client,
        "server": server,
    }


Reply = Receipt | Reject
Channel = Literal["papers", "results", "stage", "console", "award"]
