"""A whole event file: its head, its declarations, its agenda."""

from collections.abc import Iterator, Mapping, Sequence

from polls.errors import EventFileInvalid, Fault, JoinCodeInvalid
from polls.eventfile import fields
from polls.eventfile.agenda import AgendaReader, Days, read_days
from polls.eventfile.award import award_items, read_awards
from polls.eventfile.parts import Part, Path
from polls.eventfile.poll import MIN_GROUP_MAX, MIN_GROUP_MIN, Declared
from polls.joincode import ALPHABET, canonical, derive
from polls.model import Event, EventId, Room, RoomId, Segment, SegmentId, Text

FORMAT_VERSION = 1
"""The value of `hemicycle:` in the files this module reads and writes."""

TITLE_MAX, NAME_MAX, PLACE_MAX = 200, 80, 80
LANGUAGES_MAX, PLACES_MAX, SEGMENTS_MAX, ROOMS_MAX = 30, 20, 20, 50

REQUIRED = ("hemicycle", "id", "title", "days", "timezone")
OPTIONAL = (
    "languages",
    "places",
    "organiser",
    "join_code",
    "min_group",
    "segments",
    "rooms",
    "agenda",
    "awards",
)


def parse_event(data: object, *, default_min_group: int = 5) -> Event:
    """The event that plain data (dict, list, str, int, bool, None) describes.

    `default_min_group` is the number of ballots below which a segment's own result stays hidden
    when the file does not say. Whether the time zone exists is not checked here: that takes a file.
    Raises EventFileInvalid with every fault in the order found; nothing is half taken.
    """
    faults: list[Fault] = []
    root = Part(data, (), faults)
    if not isinstance(data, dict):
        root.expected("an event file, which begins with hemicycle: 1")
        raise EventFileInvalid(faults)
    version = data.get("hemicycle", FORMAT_VERSION)
    if version != FORMAT_VERSION or type(version) is not int:
        # What another version means by its other keys is not known, so nothing else is checked.
        Part(version, ("hemicycle",), faults).expected(f"{FORMAT_VERSION}, the version this program reads")
        raise EventFileInvalid(faults)
    parts = root.keys(REQUIRED, OPTIONAL)
    languages = _languages(parts["languages"]) if "languages" in parts else ("en",)
    event_id = fields.identifier(parts["id"]) if "id" in parts else None
    title = fields.text(parts["title"], TITLE_MAX, languages) if "title" in parts else None
    days = read_days(parts["days"]) if "days" in parts else None
    timezone = fields.timezone(parts["timezone"]) if "timezone" in parts else None
    organiser = fields.text(parts["organiser"], TITLE_MAX, languages) if "organiser" in parts else None
    join_code = _join_code(parts["join_code"]) if "join_code" in parts else derive(event_id or "")
    places = _places(parts["places"]) if "places" in parts else ()
    min_group = default_min_group
    if "min_group" in parts:
        given = fields.whole(parts["min_group"], MIN_GROUP_MIN, MIN_GROUP_MAX)
        min_group = given or default_min_group
    segments = _named(parts["segments"], "segment", SEGMENTS_MAX, languages) if "segments" in parts else {}
    rooms = _named(parts["rooms"], "room", ROOMS_MAX, languages) if "rooms" in parts else {}
    declared = Declared(languages, segments, min_group)
    agenda = AgendaReader(days, rooms, declared)
    sessions = agenda.read(parts["agenda"]) if "agenda" in parts else ()
    awards = read_awards(parts["awards"], agenda.taken, languages) if "awards" in parts else ()
    if faults or not (event_id and title and days and timezone and join_code):
        raise EventFileInvalid(faults)
    return Event(
        id=EventId(event_id),
        title=title,
        first_day=days.first,
        last_day=days.last,
        timezone=timezone,
        join_code=join_code,
        languages=languages,
        places=places,
        organiser=organiser,
        segments=tuple(Segment(id=SegmentId(key), text=name) for key, name in segments.items()),
        rooms=tuple(Room(id=RoomId(key), text=name) for key, name in rooms.items()),
        sessions=sessions,
        awards=awards,
    )


def poll_paths(data: object) -> Mapping[str, Path]:
    """Where each poll stands in plain data that parses: poll id -> path."""
    return {str(poll["id"]): path for path, poll in _polls(data) if "id" in poll}


def award_paths(data: object) -> Mapping[str, Path]:
    """Where each award stands in plain data that parses: award id -> path."""
    return {award: ("awards", place) for award, place in award_items(data)}


def _polls(data: object) -> Iterator[tuple[Path, Mapping[object, object]]]:
    for path, session in _mappings(data, "agenda", ()):
        yield from _mappings(session, "polls", path)
        for inner, room in _mappings(session, "parallel", path):
            yield from _mappings(room, "polls", inner)


def _mappings(holder: object, key: str, path: Path) -> Iterator[tuple[Path, Mapping[object, object]]]:
    items = holder.get(key) if isinstance(holder, Mapping) else None
    for place, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (*path, key, place), item


def days_of(event: Event) -> Days:
    """The event's days, for working out ids of sessions that name none."""
    return Days(event.first_day, event.last_day)


def _languages(part: Part) -> tuple[str, ...]:
    found: list[str] = []
    for item in part.items("languages", 1, LANGUAGES_MAX):
        tag = fields.language(item)
        if tag is not None and tag in found:
            item.fault(f"“{tag}” is named twice")
        elif tag is not None:
            found.append(tag)
    return tuple(found) or ("en",)


def _places(part: Part) -> tuple[str, ...]:
    found = [fields.line(item, PLACE_MAX) for item in part.items("places", 1, PLACES_MAX)]
    return tuple(place for place in found if place is not None)


def _join_code(part: Part) -> str | None:
    """A code as people would read it; one that holds look-alikes would be shown otherwise than written."""
    if isinstance(part.value, str):
        try:
            code = canonical(part.value)
        except JoinCodeInvalid:
            code = ""
        if code and code == "".join(c for c in part.value.upper() if c.isalnum()):
            return code
    part.expected(f'six of the symbols {ALPHABET}, such as "K7P 4QX", in quotes')
    return None


def _named(part: Part, what: str, most: int, languages: Sequence[str]) -> dict[str, Text]:
    """A list of `{id, name}`. An id whose name has a fault still counts as declared."""
    found: dict[str, Text] = {}
    for item in part.items(f"{what}s", 1, most):
        parts = item.keys(("id", "name"))
        named = fields.new_id(parts["id"], found, what) if "id" in parts else None
        text = fields.text(parts["name"], NAME_MAX, languages) if "name" in parts else None
        if named is not None:
            found[named] = text or Text.plain(named)
    return found
