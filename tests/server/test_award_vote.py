"""The voter's page of an award without a browser: every answer to a code and a ballot, by script and form."""

import dataclasses
import json
import re
import secrets
from typing import Any

import pytest

from polls.award.life import ProposalKind
from polls.award.model import BallotForm, Electorate
from server.award.codes import make_codes
from server.award.roll import Person
from tests.server.booth import GUESTS, MEMBERS, NAMES, SCRUTINEERS, VOTE, Booth, prize
from tests.server.test_join import PLAIN, House, house, script
from voting.errors import StoreUnavailable
from voting.record.receipt import make_receipt

__all__ = ["house"]

EMPTY = dataclasses.replace(PLAIN, id="awards", join_code="K7P4QY")  # type: ignore[arg-type]


@pytest.fixture
async def booth(house: House) -> Booth:
    return await Booth.set_up(house.context, EMPTY, prize())


async def page(house: House, booth: Booth, **params: str) -> str:
    answer = await house.client.get(f"/vote/{booth.path}", params=params)
    assert answer.status_code == 200
    return answer.text


def ballot(booth: Booth, voter: int | None, *ranks: str, **changes: object) -> dict[str, Any]:
    made = make_receipt(booth.award.id, booth.round, secrets.token_hex(16))
    return {
        "round": booth.round,
        "choices": [rank.split("=") for rank in ranks],
        "receipt": made.receipt,
        "salt": made.salt,
        "code": "" if voter is None else booth.codes[voter].token,
        **changes,
    }


async def send(house: House, booth: Booth, sent: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = await house.client.post(f"/vote/{booth.path}/cast", json=sent)
    return answer.status_code, json.loads(answer.content)


async def ask(house: House, booth: Booth, code: str) -> tuple[int, dict[str, Any]]:
    answer = await house.client.post(f"/vote/{booth.path}/code", json={"code": code, "round": booth.round})
    return answer.status_code, json.loads(answer.content)


# -- the page -----------------------------------------------------------------------------------------


async def test_the_page_has_paper_rules_of_the_game_and_no_totals(house: House, booth: Booth) -> None:
    await booth.cast(0, "ada")
    await booth.read()
    shown = await page(house, booth)
    assert all(name in shown for name in NAMES.values())
    assert "Person &lt;of&gt; the year" in shown and "<of>" not in shown
    assert "1 of 8 codes have been used." in shown
    assert "This is not a legally binding election." in shown
    assert "a receipt shows how one voted" in shown
    data = script(shown)
    assert data["round"] == VOTE and "receipt" not in data
    assert len(shown.encode()) < 14_000


async def test_the_page_speaks_german(house: House, booth: Booth) -> None:
    shown = await page(house, booth, lang="de")
    assert "Mensch des Jahres" in shown and "Ihr Stimmcode" in shown
    assert "Voting is" not in shown


async def test_before_and_after_the_vote_the_page_says_how_it_stands(house: House) -> None:
    booth = await Booth.set_up(house.context, EMPTY, prize(), open=False)
    assert "The vote has not begun." in await page(house, booth)
    await booth.open()
    assert 'name="code"' in await page(house, booth)
    await booth.close()
    assert "Voting is closed. The scrutineers look" in await page(house, booth)
    await booth.seal()
    assert "the box is sealed" in await page(house, booth)
    await booth.publish()
    shown = await page(house, booth)
    assert f'class="button" href="/award/{booth.path}">See the result</a>' in shown


async def test_a_withdrawal_is_told_on_the_paper(house: House, booth: Booth) -> None:
    assert "Withdrawn" not in await page(house, booth)
    here = booth.event.id, booth.award.id
    acts = house.context.awards.acts
    await acts.propose(*here, ProposalKind.WITHDRAW, "chiara", "She asked.", SCRUTINEERS[0], "scrutineer:ana")
    await acts.sign(*here, 1, SCRUTINEERS[1])
    await booth.read()
    said = "Withdrawn: Chiara Novak. A vote for them counts for nobody."
    assert said in await page(house, booth)
    assert "Zurückgezogen: Chiara Novak." in await page(house, booth, lang="de")


async def test_there_is_no_page_of_an_award_that_is_not_there(house: House, booth: Booth) -> None:
    for address in (f"/vote/{EMPTY.id}/other", "/vote/nowhere/prize", f"/award/{EMPTY.id}/other"):
        assert (await house.client.get(address)).status_code == 404


# -- codes --------------------------------------------------------------------------------------------


async def test_a_code_is_known_as_token_and_however_it_is_typed(house: House, booth: Booth) -> None:
    one = booth.codes[0]
    for typed in (one.token, one.code, f" {one.code[:5].lower()}-{one.code[5:]} "):
        assert await ask(house, booth, typed) == (200, (await ask(house, booth, one.token))[1])
    assert (await ask(house, booth, one.token))[1]["code"] == "ok"


async def test_a_code_of_a_class_says_what_it_weighs(house: House) -> None:
    booth = await Booth.set_up(house.context, EMPTY, prize(classes=(MEMBERS, GUESTS)))
    assert (
        "“Members”. Your ballot counts 2 times."
        in (await ask(house, booth, booth.codes[0].code))[1]["message"]
    )
    assert (
        "“Guests”. Your ballot counts once." in (await ask(house, booth, booth.codes[1].code))[1]["message"]
    )


@pytest.mark.parametrize(
    ("typed", "status", "code"),
    [
        ("", 422, "missing"),
        ("ABC", 422, "length"),
        ("AAAAA-AAAAB", 422, "wrong"),
        ("A" * 22, 422, "unknown"),
    ],
)
async def test_a_code_that_leads_nowhere_is_explained(
    house: House, booth: Booth, typed: str, status: int, code: str
) -> None:
    found, reply = await ask(house, booth, typed)
    assert (found, reply["code"], reply["counted"], reply["of_code"]) == (status, code, False, True)
    assert reply["message"]
    if code != "missing":
        cast = await send(house, booth, ballot(booth, 0, "ada", code=typed))
        assert (cast[0], cast[1]["code"]) == (status, code)
    assert await booth.in_the_box() == 0


async def test_a_used_code_is_told_before_the_paper_is_filled_in(house: House, booth: Booth) -> None:
    await booth.cast(0, "ada")
    status, reply = await ask(house, booth, booth.codes[0].code)
    assert (status, reply["code"]) == (409, "used")
    assert "A code counts once." in reply["message"]


async def test_too_many_wrong_codes_have_to_wait_but_qr_codes_never(house: House, booth: Booth) -> None:
    strangers = make_codes([Person(voter_class=GUESTS.id)] * 25)
    replies = [await ask(house, booth, stranger.code) for stranger in strangers]
    assert [reply["code"] for _, reply in replies[:20]] == ["unknown"] * 20
    assert {(status, reply["code"]) for status, reply in replies[20:]} == {(429, "limited")}
    assert "scan the QR code" in replies[-1][1]["message"]
    assert (await ask(house, booth, booth.codes[0].code))[1]["code"] == "limited"
    assert (await ask(house, booth, booth.codes[0].token))[1]["code"] == "ok"
    assert (await send(house, booth, ballot(booth, 0, "ada")))[1]["code"] == "ok"
    typed = await send(house, booth, ballot(booth, 1, "ada", code=booth.codes[1].code))
    assert (typed[0], typed[1]["code"]) == (429, "limited")


async def test_slips_of_the_finger_are_no_misses(house: House, booth: Booth) -> None:
    for _ in range(40):
        assert (await ask(house, booth, "AAAAA-AAAAB"))[1]["code"] == "wrong"
    assert (await ask(house, booth, booth.codes[0].code))[1]["code"] == "ok"


# -- ballots of the script ----------------------------------------------------------------------------


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


async def test_an_open_page_hears_of_turnout_checkpoint_and_close(house: House, booth: Booth) -> None:
    answer = await house.client.get(f"/vote/{booth.path}/state")
    before = answer.json()
    assert before["head"] == "No checkpoint yet." and "no-store" in answer.headers["cache-control"]
    await booth.cast(0, "ada")
    await house.context.awards.settling.checkpoint(*booth.at, 1)
    await booth.read()
    after = (await house.client.get(f"/vote/{booth.path}/state")).json()
    assert re.fullmatch(r"Newest checkpoint: 1 ballot, in words( \w+){8}\.", after["head"])
    assert after["key"] == before["key"]
    await booth.close()
    assert (await house.client.get(f"/vote/{booth.path}/state")).json()["key"] != before["key"]


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


async def test_a_page_that_asks_while_the_store_is_away_hears_nothing_untrue(
    house: House, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> int:
        raise StoreUnavailable("away")

    monkeypatch.setattr(house.context.awards.box, "turnout", away)
    answer = await house.client.get(f"/vote/{booth.path}/state")
    assert (answer.status_code, answer.json()) == (503, {})
    assert "codes have been used" not in await page(house, booth)


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
