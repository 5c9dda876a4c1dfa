"""The scrutineer's page: approving, signing, confirming counts, recounting; and what no page says before."""

import dataclasses
import json

import httpx

from polls.award.life import Phase, RoundState, phase
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
    scrutineer_token,
    scrutiny,
    without_hashes,
)
from tests.server.award.hall import Prize
from tests.server.faces import caller
from voting.canonical import canonical_json
from voting.record.receipt import show_receipt
from voting.record.words import root_words

HTML = {"accept": "text/html"}
HANDS = {"round": FINAL, "channel": "hands", "class": "voters", "n-a": "3", "n-b": "2", "n-": "1"}


async def closed_vote(award: Prize, *choices: str) -> str:
    """The vote closed after ballots; its root."""
    await open_vote(award)
    for voter, choice in enumerate(choices):
        assert await award.vote(voter, choice) == "ok"
    await award.awards.acts.close(award.event, award.award.id, FINAL, "moderator")
    return (await award.run()).round(FINAL).box_hash


async def test_strangers_organisers_and_others_see_nothing(running: Running) -> None:
    award, other = await on_server(running), await on_server(running)
    foreign = {"authorization": f"Bearer {scrutineer_token(running, other, ANA)}"}
    async with (
        httpx.AsyncClient(base_url=running.base) as stranger,
        caller(running, award.event, Role.ORGANISER) as of_event,
        httpx.AsyncClient(base_url=running.base, headers=foreign) as neighbour,
    ):
        for client in (stranger, of_event, neighbour):
            assert (await client.get(scrutiny(award))).status_code == 403
            assert (await client.get(f"{scrutiny(award)}/numbers")).status_code == 403
            for act in ("approve", "propose", "sign", "confirm", "recount"):
                assert (await client.post(f"{scrutiny(award)}/{act}", data={})).status_code == 403
        assert (await stranger.get(f"{scrutiny(award)}?key=nonsense")).status_code == 403


async def test_the_link_sets_a_cookie_and_leads_to_the_clean_address(running: Running) -> None:
    award = await on_server(running)
    async with httpx.AsyncClient(base_url=running.base, follow_redirects=True) as client:
        answer = await client.get(f"{scrutiny(award)}?key={scrutineer_token(running, award, ANA)}")
        assert answer.status_code == 200
        assert "key=" not in str(answer.url)
        assert "You are Ana. 2 of 2 scrutineers must approve each closed box." in answer.text
        assert "What you approve" in answer.text


async def test_a_box_is_approved_after_the_words_were_compared(running: Running) -> None:
    award = await on_server(running)
    root = await closed_vote(award, "a", "b", "a")
    form = {"round": FINAL, "root": root, "compared": "yes"}
    async with scrutineer(running, award, ANA) as ana, scrutineer(running, award, BEN) as ben:
        url = f"{scrutiny(award)}/approve"
        page = (await ana.get(scrutiny(award), headers=HTML)).text
        assert " ".join(root_words(root)) in page
        assert root in page
        assert "Compare the words" in said(await ana.post(url, data={**form, "compared": ""}), 422)
        said(await ana.post(url, data={**form, "root": "0" * 64}), 409)
        said(await ana.post(url, data={**form, "round": "other"}), 422)
        assert (await ana.post(url, data=form)).status_code == 200
        said(await ana.post(url, data=form), 409)
        assert (await award.run()).round(FINAL).state is RoundState.CLOSED
        assert "You have approved this box." in (await ana.get(scrutiny(award), headers=HTML)).text
        assert (await ben.post(url, data=form)).status_code == 200
        said(await ben.post(url, data=form), 409)
        assert (await ana.post(f"{scrutiny(award)}/crown", data={})).status_code == 404
    assert phase(award.award, await award.run()) is Phase.SEALED


async def test_a_recount_says_in_words_what_was_compared(running: Running) -> None:
    award = await on_server(running)
    await closed_vote(award, "a", "b", "a")
    async with scrutineer(running, award, ANA) as ana:
        url = f"{scrutiny(award)}/recount"
        said(await ana.post(url, data={"round": FINAL}), 409)
        await award.approve(FINAL)
        for round_id, n in ((FINAL, 6), (JURY, 4)):
            answer = (await ana.post(url, data={"round": round_id})).json()
            assert answer["sound"] is True
            assert len(answer["checks"]) == n
        page = (await ana.post(url, data={"round": FINAL}, headers=HTML)).text
        assert "3 codes were used, and there are as many ballots by code." in page
        assert "The hash of the box is the one that was approved." in page
        while not (await award.run()).revealed:
            steps = (await award.run()).steps
            await award.awards.acts.step(award.event, award.award.id, "moderator", seen=steps)
        answer = (await ana.post(url, data={"round": FINAL})).json()
        assert "give the result that was revealed" in answer["checks"][-1]["text"]


async def test_a_recount_finds_a_box_that_is_not_the_approved_one(running: Running) -> None:
    award = await on_server(running)
    await closed_vote(award, "a", "b")
    await award.approve(FINAL)
    run = await award.run()
    stands = run.round(FINAL)
    other = dataclasses.replace(stands, box_hash="0" * 64, approvals=())
    forged = dataclasses.replace(run, rounds={**run.rounds, FINAL: other})
    checks = await check_round(award.awards, award.event, award.award, forged, FINAL)
    assert {one.key for one in checks if not one.is_sound} == {"root", "approvals"}


# -- withdrawals and void ballots ----------------------------------------------------------------------------


async def test_a_scrutineer_proposes_with_the_own_signature_and_another_completes_it(
    running: Running,
) -> None:
    award = await on_server(running)
    await open_vote(award)
    paper = award.paper("a")
    await award.awards.casting.by_code(award.event, award.award, await award.run(), award.tokens[0], paper)
    url, shown = f"{scrutiny(award)}/propose", show_receipt(paper.receipt)
    async with scrutineer(running, award, ANA) as ana, scrutineer(running, award, BEN) as ben:
        page = (await ana.get(scrutiny(award), headers=HTML)).text
        assert 'value="withdraw"' in page and 'value="void"' in page
        said(await ana.post(url, data={"kind": "crown", "subject": "a", "reason": "x"}), 422)
        said(await ana.post(url, data={"kind": "void", "subject": shown, "reason": ""}), 409)
        void = {"kind": "void", "subject": shown.upper(), "reason": "Cast with a found badge"}
        assert (await ana.post(url, data=void)).status_code == 200
        (proposal,) = (await award.run()).proposals
        assert (proposal.subject, proposal.by) == (paper.receipt, (ANA,))
        said(await ben.post(url, data=void), 409)  # proposed already
        assert f"receipt {shown} is void" in (await ben.get(scrutiny(award), headers=HTML)).text
        assert (await ben.post(f"{scrutiny(award)}/sign", data={"proposal": proposal.id})).status_code == 200
    assert (await award.run()).voided == (paper.receipt,)
    audit = [(e.actor, e.action) for e in await running.store.audit(award.event)]
    assert (f"scrutineer:{ANA}", "award_propose") in audit


async def test_after_the_reveal_has_begun_nothing_can_be_proposed(running: Running) -> None:
    award = await on_server(running)
    root = await closed_vote(award, "a", "a", "b")
    await award.approve(FINAL)
    assert root
    await award.awards.acts.step(award.event, award.award.id, "moderator", seen=0)
    good = {"kind": "withdraw", "subject": "a", "reason": "Left"}
    async with scrutineer(running, award, ANA) as ana:
        assert 'value="withdraw"' not in (await ana.get(scrutiny(award), headers=HTML)).text
        said(await ana.post(f"{scrutiny(award)}/propose", data=good), 409)


# -- hands and paper ----------------------------------------------------------------------------------------


async def pages_of(running: Running, award: Prize) -> list[str]:
    found = []
    async with (
        organiser(running, award, **HTML) as client,
        scrutineer(running, award, ANA, **HTML) as ana,
    ):
        for asker, path in (
            (client, desk(award)),
            (client, f"{desk(award)}/count"),
            (ana, scrutiny(award)),
            (ana, f"{scrutiny(award)}/numbers"),
        ):
            answer = await asker.get(path)
            assert answer.status_code == 200
            found.append(without_hashes(answer.text.replace(award.event, "EVENT")))
    return found


async def test_the_bytes_of_the_pages_do_not_depend_on_how_people_vote(running: Running) -> None:
    one, other = await on_server(running), await on_server(running)
    figures = ({"n-a": "5", "n-b": "1"}, {"n-a": "2", "n-b": "4"})
    stages: list[list[list[str]]] = []
    for award, choices, typed in ((one, "aaab", figures[0]), (other, "bbba", figures[1])):
        await open_vote(award)
        for voter, choice in enumerate(choices):
            assert await award.vote(voter, choice) == "ok"
        seen = [await pages_of(running, award)]
        form = {"round": FINAL, "channel": "hands", "class": "voters", **typed}
        async with organiser(running, award) as client, scrutineer(running, award, BEN) as ben:
            assert (await client.post(f"{desk(award)}/count", data={**form, "who": "Mo"})).status_code == 200
            seen.append(await pages_of(running, award))
            stored = (await award.run()).counts[0]
            assert canonical_json([["a"]]) not in json.dumps(dataclasses.asdict(stored))
            assert (await ben.post(f"{scrutiny(award)}/confirm", data=form)).status_code == 200
        seen.append(await pages_of(running, award))
        await award.awards.acts.close(award.event, award.award.id, FINAL, "moderator")
        seen.append(await pages_of(running, award))
        await award.approve(FINAL)
        seen.append(await pages_of(running, award))  # sealed: a result exists, and still no page shows it
        stages.append(seen)
    for first, second in zip(*stages, strict=True):
        assert first == second
