"""The ballots of an award without a browser: every answer to one that the page's script sends."""

import re
from typing import Any

import pytest

from polls.award.model import BallotForm, Electorate
from tests.server.booth import Booth, prize
from tests.server.test_join import House, house
from tests.server.voter import EMPTY, ask, ballot, booth, page, send
from voting.errors import StoreUnavailable

__all__ = ["booth", "house"]


async def test_slips_of_the_finger_are_no_misses(house: House, booth: Booth) -> None:
    for _ in range(40):
        assert (await ask(house, booth, "AAAAA-AAAAB"))[1]["code"] == "wrong"
    assert (await ask(house, booth, booth.codes[0].code))[1]["code"] == "ok"


async def test_a_ballot_is_counted_once_and_a_retry_reads_the_same(house: House, booth: Booth) -> None:
    sent = ballot(booth, 0, "ada", code=booth.codes[0].code)
    status, reply = await send(house, booth, sent)
    assert (status, reply["code"], reply["counted"]) == (200, "ok", True)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", reply["at"])
    status, reply = await send(house, booth, sent)
    assert (status, reply["code"], reply["counted"], reply["at"]) == (200, "dup", True, "")
    await booth.close()
    assert (await send(house, booth, sent))[1]["code"] == "dup"  # a late retry, too
    assert await booth.in_the_box() == 1


async def test_a_second_ballot_of_a_code_is_refused_in_words(house: House, booth: Booth) -> None:
    await send(house, booth, ballot(booth, 0, "ada"))
    status, reply = await send(house, booth, ballot(booth, 0, "bram"))
    assert (status, reply["code"], reply["temporary"]) == (409, "used", False)
    assert "used for another ballot" in reply["message"]


async def test_after_the_close_nothing_is_counted(house: House, booth: Booth) -> None:
    await booth.close()
    status, reply = await send(house, booth, ballot(booth, 0, "ada"))
    assert (status, reply["code"], reply["temporary"]) == (409, "closed", False)
    assert "voting was closed before your ballot came" in reply["message"]


async def test_while_voting_is_paused_the_ballot_waits(house: House, booth: Booth) -> None:
    await house.context.awards.box.freeze(booth.at, "fire alarm")
    sent = ballot(booth, 0, "ada")
    status, reply = await send(house, booth, sent)
    assert (status, reply["code"], reply["temporary"]) == (503, "frozen", True)
    assert reply["retry_ms"] > 0 and "paused" in reply["message"]
    await house.context.awards.box.freeze(booth.at, "")
    assert (await send(house, booth, sent))[1]["code"] == "ok"


async def test_a_receipt_that_is_taken_is_told(house: House, booth: Booth) -> None:
    sent = ballot(booth, 0, "ada")
    await send(house, booth, sent)
    status, reply = await send(house, booth, {**ballot(booth, 1, "bram"), "receipt": sent["receipt"]})
    assert (status, reply["code"]) == (409, "receipt_taken")
    assert "a new receipt" in reply["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"choices": [["ada"], ["bram"]]},
        {"choices": [["nobody"]]},
        {"choices": [["stranger"]]},
        {"receipt": "short"},
        {"salt": "Z" * 32},
        {"round": "other"},
    ],
)
async def test_a_paper_that_does_not_belong_here_is_not_counted(
    house: House, booth: Booth, changes: dict[str, Any]
) -> None:
    status, reply = await send(house, booth, {**ballot(booth, 0, "ada"), **changes})
    assert (status, reply["code"]) == (409, "paper")
    assert await booth.in_the_box() == 0


@pytest.mark.parametrize("body", [b"", b"[]", b'{"round": "final"}', b"x" * 10_000])
async def test_what_is_no_ballot_is_refused(house: House, booth: Booth, body: bytes) -> None:
    answer = await house.client.post(f"/vote/{booth.path}/cast", content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


async def test_while_the_store_is_away_the_ballot_waits(
    house: House, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(house.context.awards.box, "find_code", away)
    status, reply = await send(house, booth, ballot(booth, 0, "ada"))
    assert (status, reply["code"], reply["temporary"]) == (503, "busy", True)


async def test_approvals_rankings_and_abstentions_are_taken(house: House) -> None:
    booth = await Booth.set_up(
        house.context, EMPTY, prize(form=BallotForm.RANKING, method="irv", most=0, ties=True)
    )
    for voter, ranks in enumerate([("bram", "ada=chiara"), ("chiara",), ()]):
        assert (await send(house, booth, ballot(booth, voter, *ranks)))[1]["code"] == "ok"
    assert await booth.in_the_box() == 3


async def test_a_device_votes_once_and_its_page_says_what_that_means(house: House) -> None:
    booth = await Booth.set_up(house.context, EMPTY, prize(electorate=Electorate.DEVICES))
    assert (await send(house, booth, ballot(booth, None, "ada")))[1]["code"] == "no_cookie"
    shown = await page(house, booth)  # gives the cookie
    assert "One vote per phone, not per person." in shown and 'name="code"' not in shown
    sent = ballot(booth, None, "ada")
    assert (await send(house, booth, sent))[1]["code"] == "ok"
    assert (await send(house, booth, sent))[1]["code"] == "dup"
    status, reply = await send(house, booth, ballot(booth, None, "bram"))
    assert (status, reply["message"]) == (409, "This phone has cast its ballot already. That ballot counts.")
    assert "1 ballot is in the box." in await page(house, booth)


async def test_a_counted_ballot_is_told_after_which_checkpoint_it_came(house: House, booth: Booth) -> None:
    async def pin() -> int:
        assert await house.context.awards.settling.checkpoint(*booth.at, 1)
        await booth.read()
        return int((await house.client.get(f"/vote/{booth.path}/state")).json()["pinned"])

    sent = ballot(booth, 0, "ada")
    first = (await send(house, booth, sent))[1]
    assert first["pinned"] == 0 < await pin()
    second = (await send(house, booth, ballot(booth, 1, "ada")))[1]
    assert second["pinned"] == 1 < await pin()
    assert (await send(house, booth, sent))[1]["pinned"] == 2, "rather too late than too early"
    assert "pinned" not in (await send(house, booth, ballot(booth, 1, "bram")))[1], "used: not counted"


async def test_a_counted_ballot_stays_counted_when_nobody_knows_the_checkpoints(
    house: House, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> int:
        raise StoreUnavailable("away")

    monkeypatch.setattr(house.context.awards.box, "pinned", away)
    reply = (await send(house, booth, ballot(booth, 0, "ada")))[1]
    assert reply["counted"] and "pinned" not in reply


async def test_in_a_run_off_the_same_codes_vote_again_and_late_retries_find_their_round(
    house: House, booth: Booth
) -> None:
    first = ballot(booth, 0, "ada")
    assert (await send(house, booth, first))[1]["code"] == "ok"
    await booth.cast(1, "bram")
    await booth.close()
    await booth.seal()
    round_id = await house.context.awards.acts.runoff(*booth.at[:2], "organiser")
    # This process has not heard of it, and the ballot names it: it looks again.
    booth.round = round_id
    assert (await send(house, booth, ballot(booth, 2, "ada")))[1]["code"] == "closed"
    await booth.open(round_id)
    shown = await page(house, booth)
    assert "Run-off between those who are tied" in shown
    assert "Ada Lindqvist" in shown and "Chiara Novak" not in shown
    assert (await send(house, booth, ballot(booth, 0, "chiara")))[1]["code"] == "paper"
    assert (await send(house, booth, ballot(booth, 0, "bram")))[1]["code"] == "ok"
    assert (await send(house, booth, first))[1]["code"] == "dup"
    assert await booth.in_the_box() == 1
