"""Event files as YAML text: reading with the line of every fault, and writing text that reads the same."""

import re
import zoneinfo
from collections.abc import Mapping
from difflib import get_close_matches

import yaml

from polls.errors import EventFileInvalid, Fault
from polls.eventfile import award_paths, dump_event, parse_event, poll_paths
from polls.model import Event
from server.yamlread import Marks, YamlError, read_yaml

Path = tuple[str | int, ...]

LISTED: Mapping[str, tuple[str, Path]] = {"polls": ("poll", ("agenda",)), "awards": ("award", ("awards",))}
"""What a fault can name by its id, and the list of the file in which it is looked for."""


class EventFileError(Exception):
    """A text that is not a valid event file; nothing of it was taken.

    `lines` holds each fault as `line 12, agenda.0.polls.0.question: expected …`, by line.
    """

    code = "event_file_invalid"
    temporary = False

    def __init__(self, lines: list[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(lines))


def read_event(text: str, default_min_group: int = 5) -> Event:
    """The event of a YAML text; `default_min_group` (ballots) is for files that name none.

    Raises EventFileError with every fault, among them a time zone that does not exist.
    """
    data, marks = _plain(text)
    faults: list[Fault] = []
    event: Event | None = None
    try:
        event = parse_event(data, default_min_group=default_min_group)
    except EventFileInvalid as error:
        faults += error.faults
    if isinstance(data, dict) and not any(fault.path == ("timezone",) for fault in faults):
        faults += _timezone_faults(data.get("timezone"))
    if event is None or faults:
        raise EventFileError(_in_words(faults, marks))
    return event


def change_error(text: str, faults: list[Fault]) -> EventFileError:
    """The error for a text that reads well but may not replace what is loaded.

    `faults` are those of `polls.eventdoc.change_faults`; those of a poll or an award are shown where it
    stands.
    """
    data, marks = _plain(text)
    places: dict[Path, Path] = {("polls", poll): path for poll, path in poll_paths(data).items()}
    places |= {("awards", award): path for award, path in award_paths(data).items()}
    placed = [Fault(_in_file(fault.path, places), _naming(fault)) for fault in faults]
    return EventFileError(_in_words(placed, marks))


def write_event(event: Event) -> str:
    """The event as YAML text in block style, such that `read_event(write_event(event)) == event`.

    One line per text, however long; texts that a reader of YAML 1.1 or 1.2 would take for something
    else (`Yes`, `12:30`, `2020-11-10`, `1e5`) are quoted.
    """
    return yaml.dump(
        dump_event(event),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=1_000_000,
    )


def _plain(text: str) -> tuple[object, Marks]:
    try:
        return read_yaml(text)
    except YamlError as error:
        problem = f"line {error.line}, column {error.column}: {error.problem}"
        raise EventFileError([problem]) from None


def _in_words(faults: list[Fault], marks: Marks) -> list[str]:
    placed = sorted(((marks.line(f.path), f) for f in faults), key=lambda pair: pair[0])
    return [f"line {line}, {'.'.join(map(str, f.path)) or 'file'}: {f.message}" for line, f in placed]


def _in_file(path: Path, places: Mapping[Path, Path]) -> Path:
    """Where a fault about a poll or an award, such as ("polls", id), stands in the file; if it is gone, the
    list that it was in."""
    if len(path) == 2 and path[0] in LISTED:
        return places.get(path, LISTED[str(path[0])][1])
    return path


def _naming(fault: Fault) -> str:
    if len(fault.path) == 2 and fault.path[0] in LISTED:
        return f"the {LISTED[str(fault.path[0])][0]} “{fault.path[1]}” {fault.message}"
    return fault.message


def _timezone_faults(name: object) -> list[Fault]:
    if not isinstance(name, str):
        return []
    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        close = get_close_matches(name, sorted(zoneinfo.available_timezones()), n=1, cutoff=0.6)
        hint = f"did you mean “{close[0]}”?" if close else "expected one such as Europe/Brussels"
        return [Fault(("timezone",), f"there is no time zone “{name}”; {hint}")]
    return []


class _Dumper(yaml.SafeDumper):
    """Lists indented under their key, no anchors, and plain scalars only where 1.1 and 1.2 agree."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True


# SafeDumper quotes what YAML 1.1 would resolve; these are the numbers of the 1.2 core schema besides.
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z"),
    list("-+.0123456789"),
)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"0o[0-7]+\Z"), ["0"])
