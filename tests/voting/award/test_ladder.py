"""The tie ladder: each rung on a case of its own, its end, run-offs, and the tie desk."""

import hashlib
from typing import Any

import pytest

from polls.award.life import RoundRun, RoundState
from polls.award.model import POINTS_TABLE, Blend, JuryRule
from tests.voting.award.material import (
    HALL,
    award,
    ballots,
    counted,
    criteria,
    handed_in,
    ids,
    jury,
    sheet,
    vote,
)
from voting.award.counted import AwardKind, AwardResult
from voting.award.tiedesk import Need, tie_desk
from voting.jury.sheet import Sheet


def rome_1991(*ladder: str) -> AwardResult:
    """Eurovision Song Contest, Rome 1991: Sweden and France had 146 points each and four twelves each;
    Sweden had five tens, France two; 17 juries gave points to Sweden, 18 to France
    (https://www.esccovers.com/almost-reaching-the-top-at-eurovision-1991/). The lower points that make up
    the sums, and what the other entries got, are filled in."""
    sweden = [12] * 4 + [10] * 5 + [6] * 8 + [0] * 5
    france = [10] * 2 + [8] * 2 + [12] * 4 + [8] + [7] * 6 + [4] * 3 + [0] * 4
    assert sum(sweden) == sum(france) == 146
    sheets: list[Sheet] = []
    for juror, (se, fr) in enumerate(zip(sweden, france, strict=True)):
        left = [points for points in POINTS_TABLE if points not in (se, fr)]
        others = {f"o{(juror + i) % 10}": points for i, points in enumerate(left)}
        marks: dict[str, Any] = dict.fromkeys([f"o{i}" for i in range(10)], 0) | others | {"se": se, "fr": fr}
        sheets.append(sheet(juror + 1, **marks))
    names = ["se", "fr", *(f"o{i}" for i in range(10))]
    return counted(award(names, jury_rounds=[jury(22, JuryRule.POINTS)], ladder=ladder), sheets)


def test_the_countback_of_1991_parts_sweden_from_france() -> None:
    found = rome_1991("countback", "shared")
    assert found.combined["se"] == found.combined["fr"] == 146  # type: ignore[index]
    assert found.winners == ids(["se"])
    assert found.ranking[1] == ids(["fr"])
    assert found.ties[0].as_dict() == {
        "candidates": ["fr", "se"],
        "rung": "countback",
        "tried": ["countback"],
        "parted": [["se"], ["fr"]],
    }


def test_by_the_number_of_givers_france_would_have_won_in_1991() -> None:
    assert rome_1991("groups", "countback", "shared").winners == ids(["fr"])


def tied_hall(*ladder: str, **more: object) -> AwardResult:
    return counted(award("abc", hall=vote(), ladder=ladder), (), ballots({"a": 2, "b": 2, "c": 1}), **more)  # type: ignore[arg-type]


def test_the_audience_parts_a_tied_blend() -> None:
    one = award("ab", jury_rounds=[jury(1)], hall=vote(), blend=Blend.POINTS, ladder=("audience", "shared"))
    found = counted(one, [sheet(1, a=9, b=8)], ballots({"b": 3, "a": 1}))
    assert (found.kind, found.winners) == (AwardKind.WINNER, ids("b"))
    assert found.ties[0].rung == "audience"


def test_head_to_head_asks_whom_more_jurors_put_first() -> None:
    one = award("abc", jury_rounds=[jury(3)], ladder=("head-to-head", "shared"))
    found = counted(one, [sheet(1, a=9, b=3, c=1), sheet(2, a=1, b=4, c=1), sheet(3, a=1, b=4, c=1)])
    assert found.winners == ids("b")


def test_a_criterion_parts_those_with_equal_means() -> None:
    one = award("ab", jury_rounds=[jury(1, criteria=criteria(1, 1))], ladder=("criterion:k2", "shared"))
    assert counted(one, [sheet(1, a=(9, 3), b=(3, 9))]).winners == ids("b")
    assert counted(one, [sheet(1, a=(9, 3), b=(9, 3))]).kind is AwardKind.SHARED


def test_rungs_that_do_not_apply_are_tried_and_pass() -> None:
    found = tied_hall("criterion:k1", "groups", "audience", "head-to-head", "shared")
    assert found.kind is AwardKind.SHARED
    assert found.ties[0].tried == ("criterion:k1", "groups", "audience", "head-to-head", "shared")
    assert found.ranking == (ids("ab"), ids("c"))


def test_a_ladder_without_an_end_ends_shared() -> None:
    assert tied_hall().kind is AwardKind.SHARED
    assert tied_hall("countback").ties[0].tried == ("countback", "shared")


def test_the_chair_is_waited_for_and_then_decides() -> None:
    waiting = tied_hall("chair", "shared")
    assert (waiting.kind, waiting.winners, waiting.pending) == (AwardKind.UNDECIDED, (), "chair")
    assert waiting.ranking[0] == ids("ab")
    assert tied_hall("chair", "shared", choices={"chair": "c"}).kind is AwardKind.UNDECIDED
    chosen = tied_hall("chair", "shared", choices={"chair": "b"})
    assert (chosen.kind, chosen.winners, chosen.ranking) == (
        AwardKind.WINNER,
        ids("b"),
        (ids("b"), ids("a"), ids("c")),
    )


def test_the_lot_is_drawn_from_root_and_public_draw() -> None:
    rounds = {HALL: RoundRun(state=RoundState.SEALED, box_hash="ab" * 32)}
    assert tied_hall("lot", rounds=rounds).pending == "lot"
    found = tied_hall("lot", rounds=rounds, choices={"lot": "3 17 22 40 41 49"})
    lots = {c: hashlib.sha256(f"{'ab' * 32}|{c}|3 17 22 40 41 49".encode()).hexdigest() for c in "ab"}
    assert found.winners == (min(lots, key=lots.__getitem__),)


def test_a_rung_refines_only_those_who_are_still_first() -> None:
    one = award(
        "abc", jury_rounds=[jury(2, JuryRule.POINTS)], hall=vote(), blend=Blend.JURY,
        ladder=("audience", "criterion:k1", "chair"),
    )  # fmt: skip
    sheets = [sheet(1, a=9, b=9, c=9), sheet(2, a=9, b=9, c=9)]
    found = counted(one, sheets, ballots({"a": 2, "b": 2, "c": 1}))
    assert found.ties[0].parted == (ids("ab"), ids("c"))
    assert found.ties[0].tried == ("audience", "criterion:k1", "chair")
    assert found.pending == "chair"


def test_a_runoff_between_the_tied_decides_before_the_chair() -> None:
    runoffs = {"runoff1": ("ab", ballots({"a": 1, "b": 4}))}
    one = award("abc", hall=vote(), ladder=("audience", "chair", "shared"))
    found = counted(one, (), ballots({"a": 2, "b": 2, "c": 1}), runoffs)
    assert found.winners == ids("b")
    assert found.ties[0].tried == ("audience", "runoff1")
    assert found.rounds["runoff1"].as_dict()["figures"] == {"a": "1", "b": "4"}  # type: ignore[index]


@pytest.mark.parametrize("names", ["abc", "ac"])
def test_a_runoff_between_others_decides_nothing(names: str) -> None:
    runoffs = {"runoff1": (names, ballots({"a": 4}))}
    found = counted(award("abc", hall=vote(), ladder=("shared",)), (), ballots({"a": 2, "b": 2}), runoffs)
    assert found.kind is AwardKind.SHARED
    assert found.ties[0].tried == ("shared",)


def test_a_tied_runoff_leaves_the_next_rung_to_decide() -> None:
    runoffs = {"runoff1": ("ab", ballots({"a": 2, "b": 2})), "runoff2": ("ab", ballots({"a": 2, "b": 1}))}
    one = award("ab", hall=vote(), ladder=("shared",))
    votes = ballots({"a": 2, "b": 2})
    assert counted(one, (), votes, runoffs).ties[0].tried == ("runoff1", "runoff2")
    del runoffs["runoff2"]
    assert counted(one, (), votes, runoffs).ties[0].tried == ("runoff1", "shared")


def test_places_below_the_first_are_shared_without_a_ladder() -> None:
    found = counted(award("abc", hall=vote()), (), ballots({"a": 3, "b": 1, "c": 1}))
    assert found.ties == ()
    assert found.ranking == (ids("a"), ids("bc"))


def test_the_desk_shows_every_rung_and_what_is_needed() -> None:
    one = award("abc", hall=vote(), ladder=("criterion:k1", "countback", "chair", "shared"))
    papers, run = handed_in(one, (), ballots({"a": 2, "b": 2, "c": 1}))
    desk = tie_desk(one, run, papers)
    assert desk is not None
    assert [(r.rung, r.applies, r.walked, r.decided) for r in desk.rungs] == [
        ("criterion:k1", False, True, False),
        ("countback", True, True, False),
        ("chair", False, True, False),
        ("shared", True, False, False),
    ]
    assert (desk.left, desk.need, desk.runoff) == (ids("ab"), Need.CHAIR, True)


def test_the_desk_is_empty_without_a_tie_for_first() -> None:
    one = award("ab", jury_rounds=[jury(1)])
    papers, run = handed_in(one, [sheet(1, a=3, b=2)])
    assert tie_desk(one, run, papers) is None
