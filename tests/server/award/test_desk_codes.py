"""Voting codes made on the organiser's page: once, from a roll or a number; bad uploads make none."""

import csv
import io

import pytest

from polls.award.model import ClassId, VoterClass, VoteRound
from polls.model import Text
from server.routes.award_codes import MOST_HERE
from tests.conftest import Running
from tests.polls.award_sample import FINAL
from tests.server.award.desk import desk, files_of, freeze, on_server, open_vote, organiser, said
from tests.server.award.hall import prize


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
        said(await client.post(url, data={"count-voters": str(MOST_HERE + 1)}), 422)
        both = await client.post(url, data={"count-voters": "2"}, files={"roll": ("r.csv", b"name\nAda\n")})
        said(both, 422)
        large = await client.post(url, files={"roll": ("r.csv", b"x" * 4_100_000)})
        assert large.status_code == 413
        broken = {"content-type": "multipart/form-data; boundary=x"}
        assert (await client.post(url, content=b"nonsense", headers=broken)).status_code == 400
    assert await award.awards.box.register(award.at(FINAL)) == {}
