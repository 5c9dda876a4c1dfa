"""The organiser's page of an award: every act over HTTP, and what is refused."""

import csv
import io
import zipfile

import httpx
import pytest

from polls.award.life import Phase, RoundState, phase
from polls.award.model import (
    Blend,
    CandidateId,
    ClassId,
    Decision,
    Juror,
    JurorId,
    JuryRound,
    RoundId,
    VoterClass,
    VoteRound,
)
from polls.model import Text
from server.auth import Role
from tests.conftest import Running
from tests.server.award.desk import desk, on_server, open_vote, organiser, scrutineer, scrutiny
from tests.server.award.hall import ANA, FINAL, JURY, Prize, prize
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


def said(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text[:300]
    return str(answer.json()["message"])


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


# -- codes --------------------------------------------------------------------------------------------------


async def freeze(award: Prize) -> None:
    await award.awards.acts.freeze(award.event, award.award.id, "organiser")


def files_of(answer: httpx.Response) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text[:300]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as held:
        return {name: held.read(name) for name in held.namelist()}


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


async def test_codes_of_a_roll_come_once_and_are_stored_as_hashes(running: Running) -> None:
    classes = (
        VoterClass(id=ClassId("member"), name=Text.plain("Members"), weight=2),
        VoterClass(id=ClassId("guest"), name=Text.plain("Guests")),
    )
    award = await on_server(running, prize(vote=VoteRound(id=FINAL, classes=classes)))
    roll = b"name,class\nAda Lind,member\nBo Tan,guest\nCy Ray,member\n"
    async with organiser(running, award) as client:
        url = f"{desk(award)}/codes"
        early = await client.post(url, files={"roll": ("roll.csv", roll)})
        assert "freeze the rules first" in said(early, 409).lower()
        await freeze(award)
        made = await client.post(url, files={"roll": ("roll.csv", roll)})
        files = files_of(made)
        assert files["codes.pdf"].startswith(b"%PDF")
        rows = rows_of(files["codes.csv"])
        assert [(row["name"], row["class"]) for row in rows] == [
            ("Ada Lind", "member"),
            ("Bo Tan", "guest"),
            ("Cy Ray", "member"),
        ]
        register = await award.awards.box.register(award.at(FINAL))
        token = rows[0]["link"].partition("#")[2]
        assert register[award.awards.casting.hash_of(award.award.id, token)] == "member"
        page = (await client.get(desk(award), headers={"accept": "text/html"})).text
        assert "Members: 2 codes are made" in page
        assert "Guests: 1 code is made" in page
        for row in rows:
            assert row["code"] not in page and row["link"] not in page and row["name"] not in page

        again = await client.post(url, data={"count-guest": "2"})
        assert "REPLACE" in said(again, 422)
        assert await award.awards.box.register(award.at(FINAL)) == register
        files_of(await client.post(url, data={"count-guest": "2", "typed": "REPLACE"}))
        assert set((await award.awards.box.register(award.at(FINAL))).values()) == {"guest"}


async def test_codes_stand_once_the_vote_is_open(running: Running) -> None:
    award = await on_server(running)
    await open_vote(award)
    async with organiser(running, award) as client:
        form = {"count-voters": "3", "typed": "REPLACE"}
        assert "codes stand" in said(await client.post(f"{desk(award)}/codes", data=form), 409)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("roll.csv", b"name,class\nAda,king\n", "line 2"),
        ("roll.csv", b"name\n", "nobody is in it"),
        ("roll.csv", b"shoe,hat\n1,2\n", "names none of the columns"),
        ("roll.csv", b"name\n\xff\xfe\n", "UTF-8"),
        ("roll.csv", b"name,weight\nAda,7\n", "weight"),
        ("roll.xlsx", b"PK but no workbook", "cannot be read as a workbook"),
        ("roll.csv", b"email\na@x.example\nA@x.example\n", "one person gets one code"),
    ],
)
async def test_bad_rolls_make_no_codes(running: Running, name: str, content: bytes, words: str) -> None:
    award = await on_server(running)
    await freeze(award)
    async with organiser(running, award) as client:
        answer = await client.post(f"{desk(award)}/codes", files={"roll": (name, content)})
    assert words in said(answer, 422)
    assert await award.awards.box.register(award.at(FINAL)) == {}


async def test_other_bad_uploads_are_refused(running: Running) -> None:
    award = await on_server(running)
    await freeze(award)
    async with organiser(running, award) as client:
        url = f"{desk(award)}/codes"
        said(await client.post(url, data={}), 422)
        said(await client.post(url, data={"count-voters": "many"}), 422)
        said(await client.post(url, data={"count-voters": "20001"}), 422)
        both = await client.post(url, data={"count-voters": "2"}, files={"roll": ("r.csv", b"name\nAda\n")})
        said(both, 422)
        large = await client.post(url, files={"roll": ("r.csv", b"x" * 4_100_000)})
        assert large.status_code == 413
        broken = {"content-type": "multipart/form-data; boundary=x"}
        assert (await client.post(url, content=b"nonsense", headers=broken)).status_code == 400
    assert await award.awards.box.register(award.at(FINAL)) == {}


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
