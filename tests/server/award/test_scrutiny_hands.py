"""Counts of hands and paper: two people, the same figures, and what is refused."""

import pytest

from polls.award.model import BallotForm, VoteRound
from server.auth import Role
from server.award.checking import check_round
from tests.conftest import Running
from tests.polls.award_sample import ANA, BEN, FINAL, JURY
from tests.server.award.desk import (
    desk,
    on_server,
    open_vote,
    organiser,
    said,
    scrutineer,
    scrutiny,
)
from tests.server.award.hall import prize
from tests.server.faces import caller
from voting.record.log import EntryType

HTML = {"accept": "text/html"}
HANDS = {"round": FINAL, "channel": "hands", "class": "voters", "n-a": "3", "n-b": "2", "n-": "1"}


async def test_hands_count_once_two_people_have_typed_the_same(running: Running) -> None:
    award = await on_server(running)
    await open_vote(award)
    assert await award.vote(0, "b") == "ok"
    async with (
        caller(running, award.event, Role.MODERATOR) as moderator,
        scrutineer(running, award, ANA) as ana,
    ):
        count, confirm = f"{desk(award)}/count", f"{scrutiny(award)}/confirm"
        said(await ana.post(confirm, data=HANDS), 409)  # nobody has begun
        said(await moderator.post(count, data=HANDS), 422)  # no name
        assert (await moderator.post(count, data={**HANDS, "who": "Mo Reed"})).status_code == 200
        said(await moderator.post(f"{desk(award)}/confirm", data={**HANDS, "who": "Ana"}), 409)
        assert "not the figures" in said(await ana.post(confirm, data={**HANDS, "n-a": "4"}), 409)
        assert "hands" not in (await award.awards.box.turnout(award.at(FINAL)))["voters"].cast
        assert (await ana.post(confirm, data=HANDS)).status_code == 200
        said(await ana.post(confirm, data=HANDS), 409)
        said(await moderator.post(count, data={**HANDS, "who": "Mo Reed"}), 409)
        page = (await ana.get(scrutiny(award), headers=HTML)).text
        assert "Voters: 6 by show of hands" in page
    turnout = (await award.awards.box.turnout(award.at(FINAL)))["voters"].cast
    assert turnout == {"code": 1, "hands": 6}
    assert await award.awards.box.has_receipt(award.at(FINAL), "hands-0006")
    log = await award.awards.log(award.event, award.award.id)
    assert [e.body for e in log if e.type is EntryType.CHANNEL] == [
        {
            "round": FINAL,
            "channel": "hands",
            "class": "voters",
            "counts": {"[]": 1, '[["a"]]': 3, '[["b"]]': 2},
            "by": ["Mo Reed", "Ana"],
        }
    ]
    assert (await award.run()).counts == ()
    await award.awards.acts.close(award.event, award.award.id, FINAL, "moderator")
    await award.approve(FINAL)
    result = await award.awards.settling.result(award.event, award.award.id)
    assert result.rounds[FINAL].figures == {"a": 3, "b": 3}
    checks = await check_round(award.awards, award.event, award.award, await award.run(), FINAL)
    assert all(one.is_sound for one in checks)


async def test_figures_that_were_refused_stand_in_the_form_again(running: Running) -> None:
    award = await on_server(running)
    await open_vote(award)
    typed = {**HANDS, "n-a": "31", "channel": "paper", "page": "count"}
    async with (
        caller(running, award.event, Role.MODERATOR, accept="text/html") as moderator,
        scrutineer(running, award, ANA, accept="text/html") as ana,
    ):
        answer = await moderator.post(f"{desk(award)}/count", data=typed)  # without a name
        assert answer.status_code == 422
        assert (
            'name="n-a" type="text" inputmode="numeric" autocomplete="off" maxlength="6" value="31"'
            in answer.text
        )
        assert 'value="paper" checked' in answer.text and 'value="hands" checked' not in answer.text
        first = {**typed, "n-a": "3", "who": "Mo Reed"}
        assert (await moderator.post(f"{desk(award)}/count", data=first)).status_code == 303
        after = (await moderator.get(f"{desk(award)}/count")).text
        assert 'maxlength="6" value="3"' not in after  # nobody reads the first one's figures
        answer = await ana.post(f"{scrutiny(award)}/confirm", data={**HANDS, "channel": "paper", "n-a": "32"})
        assert answer.status_code == 409 and 'maxlength="6" value="32"' in answer.text


async def test_one_person_cannot_be_both(running: Running) -> None:
    award = await on_server(running)
    await open_vote(award)
    async with organiser(running, award) as client, scrutineer(running, award, ANA) as ana:
        assert (await client.post(f"{desk(award)}/count", data={**HANDS, "who": "Ana"})).status_code == 200
        assert (
            "two different people"
            in said(await ana.post(f"{scrutiny(award)}/confirm", data=HANDS), 409).lower()
        )


async def test_without_scrutineers_another_role_confirms(running: Running) -> None:
    award = await on_server(running, prize(scrutineers=(), approvals=1, jury=()))
    await award.load_codes()
    acts, here = award.awards.acts, (award.event, award.award.id)
    await acts.freeze(*here, "organiser")
    await acts.open(*here, FINAL, "organiser")
    async with (
        organiser(running, award) as client,
        caller(running, award.event, Role.MODERATOR) as moderator,
    ):
        form = {**HANDS, "channel": "paper", "page": "count"}
        first = await moderator.post(f"{desk(award)}/count", data={**form, "who": "Mo"})
        assert first.status_code == 200
        page = await moderator.get(f"{desk(award)}/count", headers=HTML)
        assert "entered by Mo, waits for a second person" in page.text
        confirm = f"{desk(award)}/confirm"
        said(await moderator.post(confirm, data={**form, "who": "Somebody else"}), 409)
        assert (await client.post(confirm, data={**form, "who": "Ollie"})).status_code == 200
    assert await award.awards.box.has_receipt(award.at(FINAL), "paper-0001")


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"n-a": "-1"}, 422, "whole number"),
        ({"n-a": "many"}, 422, "whole number"),
        ({"n-a": "", "n-b": "", "n-": ""}, 422, "no entry"),
        ({"n-c": "2"}, 422, "not on the paper"),
        ({"channel": "code"}, 409, "no such vote or channel"),
        ({"class": "kings"}, 422, "no class"),
        ({"round": JURY}, 422, "no such vote"),
    ],
)
async def test_bad_figures_are_refused(
    running: Running, changes: dict[str, str], status: int, words: str
) -> None:
    award = await on_server(running)
    await open_vote(award)
    async with organiser(running, award) as client:
        answer = await client.post(f"{desk(award)}/count", data={**HANDS, "who": "Mo", **changes})
    assert words in said(answer, status)
    assert (await award.run()).counts == ()


async def test_rankings_are_typed_as_lines(running: Running) -> None:
    vote = VoteRound(id=FINAL, form=BallotForm.RANKING, method="borda", least=1, most=2)
    award = await on_server(running, prize(vote=vote))
    await open_vote(award)
    form = {"round": FINAL, "channel": "paper", "class": "voters"}
    async with organiser(running, award) as client, scrutineer(running, award, BEN) as ben:
        count = f"{desk(award)}/count"
        for bad in ("a > b", "a > b: x", "a > c: 2", "a=b: 2", "a: 1\na: 2"):
            said(await client.post(count, data={**form, "who": "Mo", "lines": bad}), 422)
        lines = "a > b: 2\nb: 1\n-: 1\n"
        assert (await client.post(count, data={**form, "who": "Mo", "lines": lines})).status_code == 200
        same = "- : 1\n\nb : 1\na>b: 2"
        answer = await ben.post(f"{scrutiny(award)}/confirm", data={**form, "lines": same})
        assert answer.status_code == 200
    assert (await award.awards.box.turnout(award.at(FINAL)))["voters"].cast == {"paper": 4}


# -- no totals before the seal ------------------------------------------------------------------------------
