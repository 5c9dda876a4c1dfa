"""A small event file as plain data, to change and to read."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from polls.errors import EventFileInvalid
from polls.eventfile import parse_event

Data = dict[str, Any]

SMALL: Data = {
    "hemicycle": 1,
    "id": "demo",
    "title": "Demo day",
    "days": {"first": "2024-05-06", "last": "2024-05-07"},
    "timezone": "Europe/Berlin",
    "languages": ["en", "de"],
    "segments": [{"id": "press", "name": "Press"}, {"id": "public", "name": {"de": "Publikum"}}],
    "rooms": [{"id": "red", "name": "Red"}, {"id": "blue", "name": "Blue"}],
    "agenda": [
        {
            "title": "Opening",
            "day": 1,
            "time": "09:30-10:00",
            "polls": [
                {"id": "tea", "kind": "single", "question": "Tea?", "options": ["Yes", "No"]},
                {"id": "stars", "kind": "rating", "question": "Stars?", "scale": {"from": 0, "to": 10}},
            ],
        },
        {"title": "Talks", "day": "2024-05-07", "time": "10:00-11:00", "parallel": ["red", {"room": "blue"}]},
    ],
}
P = "agenda.0.polls.0"
"""Where its first poll stands."""


def small() -> Data:
    return copy.deepcopy(SMALL)


def poll_of(data: Data) -> Data:
    found: Data = data["agenda"][0]["polls"][0]
    return found


def ranked(**keys: object) -> Data:
    data = small()
    data["agenda"][0]["polls"][0] |= {"kind": "preference", "options": ["Tea", "Coffee", "Milk"], **keys}
    return data


def faults_of(data: object) -> dict[str, str]:
    with pytest.raises(EventFileInvalid) as caught:
        parse_event(data)
    return {".".join(map(str, fault.path)): fault.message for fault in caught.value.faults}


def change(path: str, value: object) -> Callable[[Data], None]:
    def apply(data: Data) -> None:
        *parents, last = (int(p) if p.isdecimal() else p for p in path.split("."))
        place: Any = data
        for parent in parents:
            place = place[parent]
        place[last] = value

    return apply
