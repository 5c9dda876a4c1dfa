"""The organiser's page of an award: every act over HTTP, and what is refused."""

import httpx
import pytest

from polls.award.life import Phase, RoundState, phase
from polls.award.model import (
    Blend,
    CandidateId,
    Decision,
    Juror,
    JurorId,
    JuryRound,
    RoundId,
    VoteRound,
)
from server.auth import Role
from tests.conftest import Running
from tests.polls.award_sample import ANA, FINAL, JURY
from tests.server.award.desk import (
    desk,
    files_of,
    freeze,
    on_server,
    open_vote,
    organiser,
    said,
    scrutineer,
    scrutiny,
)
from tests.server.award.hall import Prize, prize
from tests.server.faces import caller
from voting.award.rules import rules_hash
from voting.record.log import EntryType

ACTS = (
    *("freeze", "open", "close", "extend", "approve", "propose", "drop", "chair", "draw", "runoff"),
    *("publish", "correct", "count", "confirm", "renew", "tie", "codes"),
)
CHAIR = Decision(blend=Blend.AUDIENCE, ladder=("chair", "shared"))


async def mark_of(award: Prize) -> str:
    snapshot = await award.store.snapshot(award.event)
    assert snapshot is not None
    return rules_hash(award.award, snapshot.state.event)


@pytest.mark.parametrize("role", [None, Role.PRESENTER, Role.MODERATOR])
async def test_the_page_and_its_acts_are_for_the_organiser(running: Running, role: Role | None) -> None:
    award = await on_server(running)
    async with caller(running, award.event, role) as client:
        for path in ("", "/record.zip"):
            assert (await client.get(desk(award) + path)).status_code == 403
        for act in ACTS:
            if role is Role.MODERATOR and act in ("count", "confirm"):
                continue  # these are the moderator's, too
            answer = await client.post(f"{desk(award)}/{act}", data={"typed": "FREEZE"})
            assert answer.status_code == 403, act
    assert (await award.run()).rules_hash == ""


async def test_a_post_from_another_site_is_refused(running: Running) -> None:
    award = await on_server(running)
    async with organiser(running, award, origin="https://elsewhere.example") as client:
        form = {"typed": "FREEZE", "mark": await mark_of(award)}
        assert (await client.post(f"{desk(award)}/freeze", data=form)).status_code == 403
    assert (await award.run()).rules_hash == ""


async def test_no_such_award_or_act_is_not_found(running: Running) -> None:
    award = await on_server(running)
    async with organiser(running, award) as client:
        assert (await client.get(f"/organise/{award.event}/award/none")).status_code == 404
        assert (await client.post(f"{desk(award)}/crown")).status_code == 404


async def test_rules_are_frozen_by_the_word_and_the_rules_that_were_read(running: Running) -> None:
    award = await on_server(running)
    mark = await mark_of(award)
    async with organiser(running, award) as client:
        freeze = f"{desk(award)}/freeze"
        assert "Type FREEZE" in said(await client.post(freeze, data={"typed": "yes", "mark": mark}), 422)
        assert "read the rules" in said(await client.post(freeze, data={"typed": "FREEZE"}), 422)
        other = {"typed": "FREEZE", "mark": "0" * 64}
        assert "changed since" in said(await client.post(freeze, data=other), 409)
        assert (await award.run()).rules_hash == ""
        assert (await client.post(freeze, data={"typed": " freeze", "mark": mark})).status_code == 200
        said(await client.post(freeze, data={"typed": "FREEZE", "mark": mark}), 409)
    assert (await award.run()).rules_hash == mark


async def test_the_page_says_what_is_next_and_what_never_changes(running: Running) -> None:
    award = await on_server(running)
    async with organiser(running, award, accept="text/html") as client:
        page = (await client.get(desk(award))).text
        assert "Read the rules and freeze them." in page
        assert "After this nobody can change, not even you" in page
        assert await mark_of(award) in page
        overview = (await client.get(f"/organise/{award.event}")).text
        assert f'href="{desk(award)}"' in overview
        refused = await client.post(f"{desk(award)}/freeze", data={"typed": "no"})
        assert refused.status_code == 422
        assert 'role="alert"' in refused.text


async def test_nothing_is_said_to_be_under_way_before_the_first_round_opens(running: Running) -> None:
    award = await on_server(running)
    await freeze(award)
    async with organiser(running, award, accept="text/html") as client:
        pages = (desk(award), f"/organise/{award.event}")
        for page in pages:
            shown = (await client.get(page)).text
            assert "Rules frozen, nothing opened yet" in shown and "Under way" not in shown
        await award.awards.acts.open(award.event, award.award.id, JURY, "moderator")
        for page in pages:
            shown = (await client.get(page)).text
            assert "Under way" in shown and "nothing opened yet" not in shown


async def test_rounds_open_close_and_extend_once_each(running: Running) -> None:
    vote = VoteRound(id=FINAL, countdown_s=600)
    award = await on_server(running, prize(vote=vote))
    async with organiser(running, award) as client:
        base = desk(award)
        said(await client.post(f"{base}/open", data={"round": JURY}), 409)  # not frozen
        await award.load_codes()
        await award.hold_jury()
        said(await client.post(f"{base}/open", data={"round": "other"}), 422)
        said(await client.post(f"{base}/close", data={"round": FINAL}), 409)
        assert (await client.post(f"{base}/open", data={"round": FINAL})).status_code == 200
        assert "somebody else" in said(await client.post(f"{base}/open", data={"round": FINAL}), 409).lower()
        before = (await award.run()).round(FINAL).closes_ms
        for bad in ("", "0", "-5", "99999", "ten"):
            said(await client.post(f"{base}/extend", data={"round": FINAL, "seconds": bad}), 422)
        assert (
            await client.post(f"{base}/extend", data={"round": FINAL, "seconds": "90"})
        ).status_code == 200
        after = (await award.run()).round(FINAL).closes_ms
        assert before is not None and after == before + 90_000
        assert (await client.post(f"{base}/close", data={"round": FINAL})).status_code == 200
        said(await client.post(f"{base}/close", data={"round": FINAL}), 409)
        said(await client.post(f"{base}/extend", data={"round": FINAL, "seconds": "9"}), 409)
    assert (await award.run()).round(FINAL).state is RoundState.CLOSED


async def test_links_are_renewed_one_person_at_a_time(running: Running) -> None:
    award = await on_server(running)
    async with organiser(running, award) as client, scrutineer(running, award, ANA) as ana:
        page = (await client.get(desk(award), headers={"accept": "text/html"})).text
        assert f"{running.base}{scrutiny(award)}?key=" in page
        assert f"{running.base}/jury/{award.event}/{award.award.id}?key=" in page
        assert (await ana.get(scrutiny(award))).status_code == 200
        role = f"scrutineer:{award.award.id}:{ANA}"
        made = (await client.post(f"{desk(award)}/renew", data={"role": role})).json()
        assert (await ana.get(scrutiny(award))).status_code == 403
        async with httpx.AsyncClient() as person:
            assert (await person.get(made["url"])).status_code == 303
        said(await client.post(f"{desk(award)}/renew", data={"role": "organiser"}), 422)


# -- withdrawals, ties, record ------------------------------------------------------------------------------


async def test_a_withdrawal_takes_the_signatures_of_scrutineers(running: Running) -> None:
    award = await on_server(running)
    await open_vote(award)
    async with organiser(running, award) as client, scrutineer(running, award, ANA) as ana:
        url = f"{desk(award)}/propose"
        said(await client.post(url, data={"kind": "crown", "subject": "a", "reason": "x"}), 422)
        said(await client.post(url, data={"kind": "withdraw", "subject": "", "reason": "x"}), 422)
        said(await client.post(url, data={"kind": "withdraw", "subject": "a", "reason": " "}), 409)
        no_ballot = {"kind": "void", "subject": "zzzzzzzzzzzz", "reason": "Lost badge"}
        assert "receipt" in said(await client.post(url, data=no_ballot), 409)
        good = {"kind": "withdraw", "subject": "a", "reason": "Left the network"}
        assert (await client.post(url, data=good)).status_code == 200
        assert (await client.post(f"{desk(award)}/drop", data={"proposal": "1"})).status_code == 200
        said(await client.post(f"{desk(award)}/drop", data={"proposal": "1"}), 409)
        said(await client.post(f"{desk(award)}/drop", data={"proposal": "one"}), 422)
        assert (await client.post(url, data=good)).status_code == 200
        assert (await award.run()).proposals[0].by == ()
        page = (await ana.get(scrutiny(award), headers={"accept": "text/html"})).text
        assert "Left the network" in page
        number = (await award.run()).proposals[0].id
        assert (await ana.post(f"{scrutiny(award)}/sign", data={"proposal": number})).status_code == 200
        said(await ana.post(f"{scrutiny(award)}/sign", data={"proposal": number}), 409)
    assert (await award.run()).withdrawn == ()
    async with scrutineer(running, award, "ben") as ben:
        assert (await ben.post(f"{scrutiny(award)}/sign", data={"proposal": number})).status_code == 200
    assert (await award.run()).withdrawn == ("a",)


def with_chair() -> JuryRound:
    """The jury of the prize, the first of it its chair."""
    jury = prize().jury[0]
    jurors = (Juror(id=JurorId("j1"), name="Ada Chair", chair=True), *jury.jurors[1:])
    return JuryRound(id=JURY, jurors=jurors, criteria=jury.criteria, shortlist=2)


async def test_the_tie_desk_opens_only_for_a_sealed_tie_and_takes_the_chairs_vote(running: Running) -> None:
    award = await on_server(running, prize(decision=CHAIR, jury=(with_chair(),)))
    await open_vote(award)
    async with organiser(running, award) as client:
        base = desk(award)
        said(await client.post(f"{base}/tie"), 409)
        said(await client.post(f"{base}/chair", data={"candidate": "a", "sure": "yes"}), 409)
        said(await client.post(f"{base}/runoff"), 409)
        for voter, choice in enumerate("ab"):
            assert await award.vote(voter, choice) == "ok"
        await award.awards.acts.close(award.event, award.award.id, FINAL, "moderator")
        said(await client.post(f"{base}/tie"), 409)
        await award.approve(FINAL)

        page = (await client.get(base, headers={"accept": "text/html"})).text
        assert "Open the tie desk" in page
        assert "Tied for first place" not in page
        opened = await client.post(f"{base}/tie", headers={"accept": "text/html"})
        assert "Tied for first place: A and B" in opened.text
        assert "Casting vote of Ada Chair" in opened.text
        assert "Add a run-off" in opened.text
        assert "award_tie" in [entry.action for entry in await running.store.audit(award.event)]
        said(await client.post(f"{base}/chair", data={"candidate": "b"}), 422)
        said(await client.post(f"{base}/chair", data={"candidate": "c", "sure": "yes"}), 409)
        said(await client.post(f"{base}/draw", data={"text": "7", "sure": "yes"}), 409)
        assert (await client.post(f"{base}/chair", data={"candidate": "b", "sure": "yes"})).status_code == 200
        said(await client.post(f"{base}/chair", data={"candidate": "a", "sure": "yes"}), 409)
        said(await client.post(f"{base}/tie"), 409)
    log = await award.awards.log(award.event, award.award.id)
    assert [e.body for e in log if e.type is EntryType.CHAIR] == [{"candidate": "b", "name": "Ada Chair"}]


async def test_a_run_off_and_a_draw_start_at_the_tie_desk(running: Running) -> None:
    ladder = Decision(blend=Blend.AUDIENCE, ladder=("lot",), draw="Lotto of Saturday")
    award = await on_server(running, prize(decision=ladder))
    await award.load_codes()
    await award.hold_jury()
    await award.hold_vote("a", "b")
    async with organiser(running, award) as client:
        base = desk(award)
        opened = await client.post(f"{base}/tie", headers={"accept": "text/html"})
        assert "Lotto of Saturday" in opened.text
        assert (await client.post(f"{base}/runoff")).status_code == 200
        assert phase(award.award, await award.run()) is Phase.RUNOFF
        said(await client.post(f"{base}/runoff"), 409)
        assert (await client.post(f"{base}/open", data={"round": "runoff1"})).status_code == 200
        page = (await client.get(base, headers={"accept": "text/html"})).text
        assert "Run-off 1" in page
        assert (await client.post(f"{base}/close", data={"round": "runoff1"})).status_code == 200
        await award.approve(RoundId("runoff1"))
        said(await client.post(f"{base}/draw", data={"text": "7 9 12"}), 422)
        assert (await client.post(f"{base}/draw", data={"text": "7 9 12", "sure": "yes"})).status_code == 200


async def test_the_record_comes_after_the_reveal_and_takes_corrections_once_published(
    running: Running,
) -> None:
    award = await on_server(running)
    await award.load_codes()
    await award.hold_jury()
    await award.hold_vote("a", "b", "a")
    async with organiser(running, award) as client:
        base = desk(award)
        assert "no record before" in said(await client.get(f"{base}/record.zip"), 409)
        said(await client.post(f"{base}/publish"), 409)
        while not (await award.run()).revealed:
            steps = (await award.run()).steps
            await award.awards.acts.step(award.event, award.award.id, "moderator", seen=steps)
        got = await client.get(f"{base}/record.zip")
        assert {"rules.json", "log.jsonl", "recount.py"} <= files_of(got).keys()
        said(await client.post(f"{base}/correct", data={"text": "A typing mistake"}), 409)
        assert (await client.post(f"{base}/publish")).status_code == 200
        said(await client.post(f"{base}/publish"), 409)
        said(await client.post(f"{base}/correct", data={"text": " "}), 409)
        assert (await client.post(f"{base}/correct", data={"text": "A typing mistake"})).status_code == 200
        page = (await client.get(base, headers={"accept": "text/html"})).text
        assert "A typing mistake" in page
    assert CandidateId("a") in (await award.awards.settling.result(award.event, award.award.id)).winners


async def test_without_scrutineers_the_organiser_approves(running: Running) -> None:
    award = await on_server(running, prize(scrutineers=(), approvals=1))
    await freeze(award)
    await award.awards.acts.open(award.event, award.award.id, JURY, "moderator")
    await award.awards.acts.close(award.event, award.award.id, JURY, "moderator")
    root = (await award.run()).round(JURY).box_hash
    async with organiser(running, award) as client:
        url, form = f"{desk(award)}/approve", {"round": JURY, "root": root}
        said(await client.post(url, data=form), 422)
        said(await client.post(url, data={**form, "root": "0" * 64, "compared": "yes"}), 409)
        assert (await client.post(url, data={**form, "compared": "yes"})).status_code == 200
    assert (await award.run()).round(JURY).state is RoundState.SEALED
