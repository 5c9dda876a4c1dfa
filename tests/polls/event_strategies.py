"""Events as an event file can describe them, for the laws of reading and writing."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st

from polls.eventfile.fields import printable
from polls.joincode import ALPHABET, derive
from polls.model import (
    EACH,
    PLENARY,
    PREFERENCE_METHODS,
    UNRANKED_RULES,
    Event,
    EventId,
    Option,
    OptionId,
    OptionOrder,
    Poll,
    PollId,
    PollKind,
    Published,
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
from tests.polls.award_strategies import award

SPELLINGS = [
    "Yes",
    "no",
    "on",
    "12:30",
    "2020-11-10",
    "1e5",
    "0o17",
    "~",
    "null",
    "0x1F",
    ".5",
    "# a",
    "a: b",
]
AWKWARD = [
    *SPELLINGS,
    "- x",
    "'",
    '"',
    "[a]",
    "{a}",
    "!t",
    "&a",
    "*a",
    "%",
    "@",
    "`",
    "=",
    "<<",
    "1_000",
    "?",
]

slugs = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
lines = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters().filter(printable), min_size=1, max_size=40).map(str.strip).filter(bool),
)


@st.composite
def texts(draw: st.DrawFn, languages: tuple[str, ...]) -> Text:
    if draw(st.booleans()):
        return Text.plain(draw(lines))
    tags = draw(st.lists(st.sampled_from(languages), min_size=1, unique=True))
    return Text(tuple((tag, draw(lines)) for tag in tags))


@st.composite
def published(draw: st.DrawFn, options: tuple[Option, ...]) -> Published:
    ids = [option.id for option in options]
    order = draw(st.lists(st.sampled_from(ids), unique=True))
    rest = [i for i in ids if i not in order]
    unused = draw(st.lists(st.sampled_from(rest), unique=True)) if rest else []
    shared = [i for i in draw(st.permutations(ids)) if i not in unused]
    shared = ids if draw(st.booleans()) and not unused else shared
    percent = tuple((i, draw(st.integers(0, 100))) for i in shared) if draw(st.booleans()) else ()
    return Published(percent=percent, order=tuple(order), not_selected=tuple(unused))


@st.composite
def polls(draw: st.DrawFn, poll_id: str, languages: tuple[str, ...], segments: list[str]) -> Poll:
    kind = draw(st.sampled_from(PollKind))
    scale = None
    if kind is PollKind.RATING:
        low = draw(st.integers(0, 90))
        labels = [draw(st.none() | texts(languages)) for _ in range(2)]
        scale = Scale(low=low, high=low + draw(st.integers(1, 10)), low_label=labels[0], high_label=labels[1])
        options = tuple(Option(id=OptionId(str(n)), text=Text.plain(str(n))) for n in scale.points())
    else:
        said = draw(
            st.lists(
                texts(languages), min_size=2, max_size=6, unique_by=tuple(_pick(tag) for tag in languages)
            )
        )
        named = draw(st.lists(slugs.map("x".__add__), min_size=len(said), max_size=len(said), unique=True))
        options = tuple(
            Option(
                id=OptionId(draw(st.sampled_from([str(n), name]))),
                text=text,
                detail=draw(st.none() | texts(languages)),
            )
            for n, (text, name) in enumerate(zip(said, named, strict=True), 1)
        )
    several = kind not in (PollKind.SINGLE, PollKind.RATING)
    is_ranking = kind is PollKind.PREFERENCE
    method = draw(st.sampled_from(PREFERENCE_METHODS)) if is_ranking else "borda"
    has_unranked = is_ranking and method == "borda"
    answering = draw(st.lists(st.sampled_from(segments), unique=True)) if segments else []
    order = OptionOrder.FIXED if scale else draw(st.sampled_from(OptionOrder))
    return Poll(
        id=PollId(poll_id),
        kind=kind,
        question=draw(texts(languages)),
        options=options,
        note=draw(st.none() | texts(languages)),
        max_selections=draw(st.integers(1, len(options))) if several else 1,
        segments=tuple(SegmentId(s) for s in answering),
        beside=tuple(SegmentId(s) for s in draw(beside(answering, answering or segments))),
        order=order,
        abstain=draw(st.booleans()),
        results=draw(st.sampled_from(ResultsMode)),
        people=draw(st.booleans()),
        countdown_s=draw(st.none() | st.integers(5, 3600)),
        scale=scale,
        min_group=draw(st.integers(1, 9)),
        published=draw(st.none() | published(options)),
        method=method,
        ties=draw(st.booleans()) if is_ranking else False,
        unranked=draw(st.sampled_from(UNRANKED_RULES)) if has_unranked else "zero",
    )


@st.composite
def beside(draw: st.DrawFn, answering: list[str], able: list[str]) -> list[str]:
    """No groups, each segment by itself, or some of those that are `able` to answer, never one alone."""
    named = draw(st.lists(st.sampled_from(able), unique=True)) if able else []
    if named == answering and len(named) == 1:
        return []
    return draw(st.sampled_from([[], named, *([[str(EACH)]] if len(able) > 1 else [])]))


def _pick(tag: str) -> Callable[[Text], str]:
    return lambda text: text.pick(tag)


@st.composite
def events(draw: st.DrawFn) -> Event:
    languages = tuple(
        draw(
            st.lists(
                st.sampled_from(["en", "de", "fr", "pt-BR", "id", "no"]), min_size=1, max_size=3, unique=True
            )
        )
    )
    event_id = draw(slugs)
    first = draw(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
    length = draw(st.integers(0, 3))
    segments = draw(st.lists(slugs, max_size=4, unique=True))
    rooms = draw(st.lists(slugs, max_size=3, unique=True))
    names = draw(st.lists(slugs, max_size=4, unique=True))
    poll_ids = iter(draw(st.permutations([f"q{n}" for n in range(8)])))
    sessions = []
    for name in names:
        start = draw(st.integers(0, 24 * 60 - 2))
        end = draw(st.integers(start + 1, 24 * 60 - 1))
        day = first + timedelta(days=draw(st.integers(0, length)))
        sessions.append(
            Session(
                id=SessionId(name),
                title=draw(texts(languages)),
                starts=datetime.combine(day, time(start // 60, start % 60)),
                ends=datetime.combine(day, time(end // 60, end % 60)),
                room=RoomId(draw(st.sampled_from([PLENARY, *rooms]))),
                polls=tuple(
                    draw(polls(next(poll_ids), languages, segments)) for _ in range(draw(st.integers(0, 2)))
                ),
            )
        )
    awards = draw(st.lists(slugs, max_size=1))
    codes = st.text(ALPHABET, min_size=6, max_size=6)
    return Event(
        id=EventId(event_id),
        title=draw(texts(languages)),
        first_day=first,
        last_day=first + timedelta(days=length),
        timezone=draw(st.sampled_from(["Europe/Brussels", "UTC", "America/Argentina/Ushuaia", "Etc/GMT+5"])),
        join_code=draw(st.one_of(st.just(derive(event_id)), codes)),
        languages=languages,
        places=tuple(draw(st.lists(lines, max_size=2))),
        organiser=draw(st.none() | texts(languages)),
        segments=tuple(Segment(id=SegmentId(s), text=draw(texts(languages))) for s in segments),
        rooms=tuple(Room(id=RoomId(r), text=draw(texts(languages))) for r in rooms),
        sessions=tuple(sessions),
        awards=tuple(draw(award(award_id, languages, names, texts, lines)) for award_id in awards),
    )
