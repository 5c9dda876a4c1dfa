"""A juror's requests against a real server and store: each act, each refusal, what its bytes hold."""

import dataclasses
import json

import httpx
import pytest

from polls.award.model import JuryRule, RoundId
from polls.model import Event
from server import moderation
from server.routes.award_common import juror_role
from tests.conftest import Running
from tests.polls.award_sample import JURY
from tests.server.award.jury_hall import JuryHall, jury_award, jury_round, only
from voting.jury.sheet import RecusalReason


@pytest.fixture
async def hall(running: Running, example: Event) -> JuryHall:
    made = await JuryHall.set_up(running, example, jury_award(jury_round()))
    await made.open()
    return made


async def test_a_draft_is_stored_with_its_salt_and_says_how_far_it_is(hall: JuryHall) -> None:
    first = await hall.post(
        "bram", 0, mark__heat__impact="9", mark__heat__novelty="5", mark__seed__impact="1"
    )
    assert first.status_code == 200
    said = first.json()
    assert (said["code"], said["rev"], said["progress"]) == ("ok", 1, "1 of 4 entries complete")
    assert said["complete"] == ["heat"]
    before = await hall.running.store.awards.sheet(hall.at(), "bram")

    assert (await hall.post("bram", 1, mark__heat__impact="8")).json()["rev"] == 2
    after = await hall.running.store.awards.sheet(hall.at(), "bram")

    assert before is not None and after is not None
    assert json.loads(before.text)["salt"] == json.loads(after.text)["salt"] != ""
    assert (await hall.sheet("bram")).marks == {"heat": {"impact": 8}}


async def test_an_answer_that_got_lost_is_given_again_and_another_draft_is_stale(hall: JuryHall) -> None:
    await hall.post("bram", 0, mark__heat__impact="9")
    again = await hall.post("bram", 0, mark__heat__impact="9")
    assert (again.status_code, again.json()["code"], again.json()["rev"]) == (200, "dup", 1)

    other = await hall.post("bram", 0, mark__heat__impact="2")
    assert (other.status_code, other.json()["code"]) == (409, "stale")
    assert (await hall.sheet("bram")).marks == {"heat": {"impact": 9}}


async def test_without_a_script_a_stale_draft_shows_the_newer_one(hall: JuryHall) -> None:
    await hall.post("bram", 0, mark__heat__impact="9")
    async with hall.juror("bram", accept="text/html") as client:
        saved = await client.post(hall.path, data={"round": JURY, "rev": "1", "mark.heat.impact": "7"})
        assert (saved.status_code, "said=saved" in saved.headers["location"]) == (303, True)
        stale = await client.post(hall.path, data={"round": JURY, "rev": "0", "mark.heat.impact": "2"})
    assert stale.status_code == 409
    assert "A newer draft of yours was stored" in stale.text
    assert 'name="mark.heat.impact" value="7" checked' in stale.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"mark__heat__impact": "11"}, "Impact for Warm Harbour: give a whole mark from 1 to 10."),
        ({"mark__heat__novelty": "0"}, "Novelty for Warm Harbour: give a whole mark from 1 to 5."),
        ({"mark__heat__impact": "7.5"}, "does not fit the round"),
        ({"mark__heat__beauty": "7"}, "does not fit the round"),
        ({"mark__ghost__impact": "7"}, "does not fit the round"),
        ({"pick__heat": "1"}, "does not fit the round"),
        ({"recused__heat": "bored"}, "Choose a reason"),
        ({"do": "recuse:heat"}, "Choose a reason"),
        ({"do": "shred"}, "does not fit the round"),
    ],
)
async def test_what_makes_no_sheet_is_refused_and_nothing_is_stored(
    hall: JuryHall, fields: dict[str, str], words: str
) -> None:
    answer = await hall.post("bram", 0, **fields)
    assert answer.status_code == 422
    assert words in answer.json()["message"]
    assert await hall.running.store.awards.sheet(hall.at(), "bram") is None


async def test_recusal_takes_the_entry_and_its_marks_off_the_sheet_until_undone(hall: JuryHall) -> None:
    mine = {"mark__heat__impact": "9", "mark__heat__novelty": "5", "mark__seed__impact": "4"}
    await hall.post("bram", 0, **mine, do="recuse:heat", reason__heat="employer")
    sheet = await hall.sheet("bram")
    assert sheet.recused == {"heat": RecusalReason.EMPLOYER}
    assert sheet.marks == {"seed": {"impact": 4}}
    page = await hall.page("bram")
    assert "Warm Harbour: My employer is behind it" in page
    assert "mark.heat.impact" not in page and "What Warm Harbour does" not in page
    assert "0 of 3 entries complete" in page

    await hall.post("bram", 1, mark__seed__impact="4", recused__heat="employer", do="judge:heat")
    assert (await hall.sheet("bram")).recused == {}
    assert "mark.heat.impact" in await hall.page("bram")


async def test_locking_lists_what_is_missing_and_can_be_undone_until_the_close(hall: JuryHall) -> None:
    async with hall.juror("bram", accept="text/html") as client:
        fields = {"round": JURY, "rev": "0", "do": "review", "mark.heat.impact": "9"}
        review = await client.post(hall.path, data=fields)
    page = await hall.page("bram", "?" + review.headers["location"].partition("?")[2])
    assert "<li>Warm Harbour: Novelty</li>" in page
    assert "<li>Seed Library: Impact, Novelty</li>" in page
    assert "absent is never zero" in page

    assert (await hall.post("bram", 1, do="lock")).json()["rev"] == 2
    assert (await hall.post("bram", 1, do="lock")).json()["code"] == "dup"
    assert "Your sheet is locked" in await hall.page("bram")
    refused = await hall.post("bram", 2, mark__heat__impact="1")
    assert (refused.status_code, refused.json()["code"]) == (409, "locked")

    assert (await hall.post("bram", 2, do="unlock")).json()["code"] == "ok"
    assert (await hall.sheet("bram")).locked is False
    assert (await hall.post("bram", 3, do="lock")).json()["code"] == "ok"


async def test_a_sheet_that_changed_since_the_list_of_missing_marks_is_not_locked(hall: JuryHall) -> None:
    assert (await hall.post("bram", 0, do="lock")).json()["code"] == "empty"
    await hall.post("bram", 0, mark__heat__impact="9")
    await hall.post("bram", 1, mark__heat__impact="3")
    answer = await hall.post("bram", 1, do="lock")
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    assert (await hall.sheet("bram")).locked is False


async def test_after_the_close_everything_is_read_only(hall: JuryHall) -> None:
    await hall.judge("bram", heat=(9, 5))
    await hall.post("chiara", 0, mark__heat__impact="3")
    await hall.close()

    for fields in ({"mark__heat__impact": "1"}, {"do": "lock"}, {"do": "unlock"}):
        answer = await hall.post("bram", 2, **fields)
        assert (answer.status_code, answer.json()["code"]) == (409, "closed")
    page = await hall.page("bram")
    assert "Your locked sheet is in and counts" in page
    assert "Mark: 9" in page and "<form" not in page
    assert "was not locked when the round closed" in await hall.page("chiara")

    await hall.seal()
    assert "Mark: 9" in await hall.page("bram")
    assert "You had no locked sheet" in await hall.page("chiara")


async def test_only_the_own_link_opens_the_page(hall: JuryHall) -> None:
    keyring = hall.running.context.keyring
    foreign = keyring.token(hall.event.id, juror_role("other", "bram"), 1)
    async with httpx.AsyncClient(base_url=hall.running.base) as stranger:
        assert (await stranger.get(hall.path)).status_code == 403
        assert (await stranger.get(f"{hall.path}?key={foreign}")).status_code == 403
        assert (await stranger.post(hall.path, data={"round": JURY, "rev": "0"})).status_code == 403
        wrong = await stranger.get(hall.path.replace("/prize", "/none"))
        assert wrong.status_code == 404
    async with httpx.AsyncClient(base_url=hall.running.base, follow_redirects=True) as client:
        page = await client.get(f"{hall.path}?key={hall.token('bram')}")
        assert "Bram Okafor, juror" in page.text and "key=" not in str(page.url)
        # The same tablet, handed on: the next link shows the next juror's sheet alone.
        page = await client.get(f"{hall.path}?key={hall.token('ada')}")
        assert "Ada Lindqvist, chair" in page.text
        await moderation.revoke(hall.running.store, hall.event.id, "test", juror_role("prize", "ada"))
        assert (await client.get(hall.path)).status_code == 403


async def test_a_jurors_page_holds_nothing_of_another_jurors_sheet(hall: JuryHall) -> None:
    untouched = await hall.page("ada")
    await hall.judge("bram", heat=(9, 5), seed=(2, 1))
    await hall.post("chiara", 0, mark__loom__impact="6", do="recuse:tide", reason__tide="family")
    assert await hall.page("ada") == untouched
    await hall.close()
    page = await hall.page("ada")
    assert "There is no sheet of yours" in page and "Mark:" not in page


async def test_a_round_that_has_not_opened_says_so_and_takes_nothing(
    running: Running, example: Event
) -> None:
    later = jury_round(id=RoundId("final-jury"))
    first = jury_round(shortlist=2)
    hall = await JuryHall.set_up(running, example, jury_award(first, later))
    page = await hall.page("bram")
    assert "This round has not opened yet" in page and "What Warm Harbour does" in page
    assert (await hall.post("bram", 0, mark__heat__impact="9")).json()["code"] == "closed"

    page = await hall.page("bram", "?round=final-jury")
    assert "Jury round 2 of 2" in page and "Warm Harbour" not in page
    await hall.open()
    for juror in ("ada", "bram", "chiara"):
        await hall.judge(juror, heat=(9, 5), seed=(8, 4), loom=(2, 1), tide=(1, 1))
    await hall.close()
    await hall.seal()
    assert "On the shortlist: Warm Harbour and Seed Library." in await hall.page("bram")
    await hall.open(RoundId("final-jury"))
    page = await hall.page("bram")
    assert "Second Loom" not in page and "mark.heat.impact" in page


async def test_picks_and_places_are_stored_as_the_rule_reads_them(running: Running, example: Event) -> None:
    hall = await JuryHall.set_up(running, example, only(JuryRule.APPROVAL, picks=2))
    await hall.open()
    three = await hall.post("bram", 0, pick__heat="1", pick__seed="1", pick__loom="1")
    assert (three.status_code, "at most 2" in three.json()["message"]) == (422, True)
    said = await hall.post("bram", 0, pick__seed="1", pick__heat="1")
    assert said.json()["progress"] == "2 picked, at most 2"
    assert (await hall.sheet("bram")).picks == ("heat", "seed")
    # Progress says that the entries were judged, and not how many were picked.
    assert (await hall.running.store.awards.progress(hall.at()))["bram"].marked == 4


async def test_places_close_up_and_equal_ones_are_shared(running: Running, example: Event) -> None:
    hall = await JuryHall.set_up(running, example, only(JuryRule.BORDA))
    await hall.open()
    said = await hall.post("bram", 0, rank__tide="1", rank__heat="3", rank__seed="3", rank__loom="")
    assert said.json()["progress"] == "3 of 4 entries placed"
    assert (await hall.sheet("bram")).ranking == (("tide",), ("heat", "seed"))
    assert "Without a place: Second Loom" in await hall.page("bram", "?lock=1")
    await hall.post("bram", 1, rank__tide="1", rank__heat="2", do="recuse", entry="tide", reason="business")
    assert (await hall.sheet("bram")).ranking == (("heat",),)


async def test_the_page_speaks_german(running: Running, example: Event) -> None:
    event = dataclasses.replace(example, languages=("en", "de"))
    hall = await JuryHall.set_up(running, event, jury_award(jury_round()))
    await hall.open()
    page = await hall.page("bram", "?lang=de")
    assert '<html lang="de">' in page and "Diesen Beitrag sollte ich nicht beurteilen" in page
