"""The page on the keyspace, and the search for strays that rests on the same table."""

from __future__ import annotations

from server import keys
from server.keydocs import render, spec_of


def test_every_key_that_can_be_named_is_of_a_listed_kind() -> None:
    names = [keys.EVENTS, keys.code("K7P4QX")]
    for name in (
        "doc",
        "epoch",
        "pos",
        "runs",
        "desks",
        "awards",
        "award-log",
        "links",
        "audit",
        "head",
        "workers",
        "painted",
        "unwritten",
        "award-rounds",
        "wake",
    ):
        names.append(keys.of_event("ecc2020", name))
    for name in ("key", "box", "tally", "log"):
        names.append(keys.of_round("ecc2020", name, "p-1", 2))
    names += [keys.of_award("ecc2020", name, "prize", "final") for name in keys.AWARD_THINGS]

    specs = [spec_of(name) for name in names]

    assert set(specs) == set(keys.KEYS) and len(specs) == len(keys.KEYS)


def test_a_stray_key_is_of_no_kind() -> None:
    for stray in ("hc:1:{e}:box:p", "hc:1:{e}:box:p:1:more", "hc:1:e:doc", "hc:2:events", "hc:1:eventsx", ""):
        assert spec_of(stray) is None


def test_the_page_has_a_row_for_every_key() -> None:
    rows = [line for line in render().splitlines() if line.startswith("| `")]

    assert len(rows) == len(keys.KEYS)
    assert all(row.replace("\\|", "").count("|") == 5 for row in rows)
