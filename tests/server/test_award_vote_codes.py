"""An award's voting codes without a browser: every answer to one that was typed or scanned."""

import pytest

from server.award.codes import make_codes
from server.award.roll import Person
from tests.server.booth import GUESTS, MEMBERS, Booth, prize
from tests.server.test_join import House, house
from tests.server.voter import EMPTY, ask, ballot, booth, send

__all__ = ["booth", "house"]


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
