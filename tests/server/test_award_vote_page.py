"""The voter's page of an award without a browser: what it shows, and what it hears while it is open."""

import re

import pytest

from polls.award.life import ProposalKind
from tests.server.booth import NAMES, SCRUTINEERS, VOTE, Booth, prize
from tests.server.test_join import House, house, script
from tests.server.voter import EMPTY, booth, page
from voting.errors import StoreUnavailable

__all__ = ["booth", "house"]


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


async def test_a_page_that_asks_while_the_store_is_away_hears_nothing_untrue(
    house: House, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> int:
        raise StoreUnavailable("away")

    monkeypatch.setattr(house.context.awards.box, "turnout", away)
    answer = await house.client.get(f"/vote/{booth.path}/state")
    assert (answer.status_code, answer.json()) == (503, {})
    assert "codes have been used" not in await page(house, booth)
