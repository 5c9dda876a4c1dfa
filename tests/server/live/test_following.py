"""A followed round: what it does when a count is dear, and when what it followed turns out to be wrong."""

from __future__ import annotations

import dataclasses

import pytest
import structlog

from polls.model import PollKind
from server.live import following
from server.live.following import FollowedRound
from tests.voting.material import poll
from voting.count import count_poll
from voting.result import Entry

PAPER = poll(PollKind.PREFERENCE, ("1", "2", "3"), max_selections=3, method="irv")


def plain_n(round: FollowedRound, *, is_open: bool = True, epoch: str = "e") -> int | None:
    result = round.result(is_open=is_open, epoch=epoch, offset=1)
    return None if result is None else result.n


async def followed() -> FollowedRound:
    round = FollowedRound(PAPER, 1, 1000, ())
    await round.apply(None, {"1||1>2": 2, "1||2": 1}, "1", 3)
    return round


async def test_a_dear_count_waits_for_its_turn_while_voting_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "DEAR_MS", -1.0)
    monkeypatch.setattr(following, "SHARE", 10**9)
    round = await followed()
    assert (plain_n(round), round.is_behind) == (3, False)
    await round.apply({"1||3": 1}, None, "2", 4)
    assert (plain_n(round), round.is_behind) == (3, True), "the result of a moment ago"
    assert plain_n(round, epoch="another") == 4, "a new epoch is not answered with the old one's"
    await round.apply({"1||3": 1}, None, "3", 5)
    assert plain_n(round, is_open=False, epoch="another") == 5, "what is closed is counted at once"
    assert (plain_n(round, is_open=False, epoch="another"), round.is_behind) == (5, False)


async def test_a_cheap_count_is_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "DEAR_MS", 10_000.0)
    round = await followed()
    assert plain_n(round) == 3
    await round.apply({"1||1>2": -1, "1||3": 1}, None, "2", 3)
    expected = count_poll(PAPER, {Entry("", "1>2"): 1, Entry("", "2"): 1, Entry("", "3"): 1}, round=1)
    found = round.result(is_open=True, epoch="", offset=0)
    assert found is not None
    assert dataclasses.replace(found, epoch="", offset=0) == expected


async def test_the_same_result_is_not_counted_twice() -> None:
    round = await followed()
    assert round.result(is_open=True, epoch="e", offset=1) is round.result(is_open=True, epoch="e", offset=2)


async def test_a_check_that_finds_a_difference_says_so_and_goes_on_with_the_tally() -> None:
    round = await followed()
    with structlog.testing.capture_logs() as said:
        await round.apply({}, {"1||1>2": 2}, "2", 2)
    assert [line["event"] for line in said] == ["live_count_differs"]
    assert plain_n(round) == 2


async def test_a_count_that_is_not_the_size_of_the_box_asks_for_the_whole_tally() -> None:
    round = await followed()
    with structlog.testing.capture_logs() as said:
        await round.apply({"1||3": 1}, None, "2", 7)
    assert [line["event"] for line in said] == ["live_count_differs"]
    assert round.line == ""


@pytest.mark.parametrize("changes", [{"1||9": 1}, {"1||2": -2}, {"nonsense": 1}])
async def test_changes_that_cannot_be_show_nothing_until_the_tally_is_read_again(
    changes: dict[str, int],
) -> None:
    round = await followed()
    with structlog.testing.capture_logs():
        await round.apply(changes, None, "2", 4)
    assert plain_n(round) is None and round.line == ""
    await round.apply(None, {"1||1>2": 2}, "3", 2)
    assert plain_n(round) == 2
