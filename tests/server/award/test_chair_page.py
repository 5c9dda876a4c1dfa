"""The chair's requests against a real server and store: progress, the logged look, the casting vote."""

import re

import pytest

from polls.model import Event
from tests.conftest import Running
from tests.polls.award_sample import JURY
from tests.server.award.jury_hall import JuryHall, jury_award, jury_round


@pytest.fixture
async def hall(running: Running, example: Event) -> JuryHall:
    made = await JuryHall.set_up(running, example, jury_award(jury_round()))
    await made.open()
    return made


async def chair(hall: JuryHall, juror: str = "ada", **fields: str) -> tuple[int, str]:
    """The chair's page, or what it answers to a form."""
    async with hall.juror(juror, accept="text/html") as client:
        path = f"{hall.path}/chair"
        answer = await (client.post(path, data=fields) if fields else client.get(path))
        return answer.status_code, answer.text


def table(page: str) -> list[list[str]]:
    """The rows of the table of jurors, without markup."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page)
    return [re.findall(r">([^<>]+)<", row) for row in rows][1:]


async def test_the_page_is_for_the_chair(hall: JuryHall) -> None:
    assert (await chair(hall, "bram"))[0] == 403
    assert (await chair(hall, "bram", do="look", round=JURY))[0] == 403
    assert "/chair" in await hall.page("ada") and "/chair" not in await hall.page("bram")


async def test_the_chair_sees_how_far_each_is_and_whom_to_remind(hall: JuryHall) -> None:
    await hall.judge("bram", heat=(9, 5), seed=(7, 3))
    await hall.post("chiara", 0, mark__seed__impact="7", do="recuse:heat", reason__heat="family")
    status, page = await chair(hall)
    assert status == 200
    assert table(page) == [
        ["Ada Lindqvist", "0 of 4", "0", "not begun"],
        ["Bram Okafor", "2 of 4", "0", "locked"],
        ["Chiara Novak", "0 of 3", "1", "draft"],
    ]
    assert "1 of 3 jurors have locked their sheets" in page
    assert "these sheets are not locked yet: Ada Lindqvist, Chiara Novak." in page
    assert "family" not in page.lower()


async def test_other_marks_make_no_other_page(hall: JuryHall, running: Running, example: Event) -> None:
    """Whatever the marks are: before the seal the chair's page is the same, byte for byte."""
    await hall.judge("bram", heat=(9, 5), seed=(7, 3))
    await hall.judge("chiara", heat=(8, 4), seed=(6, 2))
    _, one = await chair(hall)
    await hall.post("bram", 2, do="unlock")
    marks = {"mark__heat__impact": "1", "mark__heat__novelty": "1"}
    await hall.post("bram", 3, **marks, mark__seed__impact="2", mark__seed__novelty="2")
    await hall.post("bram", 4, do="lock")
    _, other = await chair(hall)
    assert one == other


async def test_a_look_is_for_closed_rounds_and_each_is_logged(hall: JuryHall) -> None:
    for juror, marks in (("ada", (9, 2)), ("bram", (8, 3)), ("chiara", (2, 9))):
        await hall.judge(juror, heat=(marks[0], 3), seed=(marks[1], 3))
    assert (await chair(hall, do="look", round=JURY))[0] == 409
    assert "award_look" not in await actions(hall)
    await hall.close()
    status, page = await chair(hall)
    assert (status, "would change" in page) == (200, False)
    for _ in range(2):
        status, page = await chair(hall, do="look", round=JURY)
        assert status == 200
    assert "Leaving out any one juror would change who is first: " in page
    assert "Ada Lindqvist: 60\u00a0% of the scale" in page
    for name in ("Warm Harbour", "Seed Library", "heat", "seed", "Mark:"):
        assert name not in page
    assert (await actions(hall)).count("award_look") == 2
    await hall.seal()
    assert (await chair(hall, do="look", round=JURY))[0] == 409


async def actions(hall: JuryHall) -> list[str]:
    return [entry.action for entry in await hall.running.store.audit(hall.event.id)]


async def test_the_casting_vote_is_asked_for_only_in_a_tie_after_the_seal(hall: JuryHall) -> None:
    for juror in ("ada", "bram", "chiara"):
        await hall.judge(juror, heat=(9, 5), seed=(9, 5), loom=(1, 1), tide=(2, 2))
    vote = {"do": "decide", "candidate": "seed", "name": "Seed Library"}
    assert (await chair(hall, **vote))[0] == 422
    await hall.close()
    status, page = await chair(hall)
    assert "Seed Library" not in page and (await chair(hall, **vote))[0] == 422
    await hall.seal()

    status, page = await chair(hall)
    assert re.findall(r'name="candidate" value="(\w+)"', page) == ["heat", "seed"]
    assert "Second Loom" not in page
    assert (await chair(hall, **{**vote, "candidate": "tide", "name": "Tide Watch"}))[0] == 422
    status, page = await chair(hall, **{**vote, "name": "Warm Harbour"})
    assert (status, "is not the one that you chose" in page) == (422, True)

    assert (await chair(hall, **{**vote, "name": " seed  library "}))[0] == 303
    status, page = await chair(hall)
    assert "on the record: Seed Library" in page and 'name="candidate"' not in page
    assert (await chair(hall, **vote))[0] == 422
    result = await hall.running.context.awards.settling.result(*hall.here)
    assert result.winners == ("seed",)
    log = await hall.running.context.awards.log(*hall.here)
    assert [e.body for e in log if e.type == "CHAIR"] == [{"candidate": "seed", "name": "Ada Lindqvist"}]


async def test_without_a_tie_the_chair_learns_nothing_of_the_result(hall: JuryHall) -> None:
    for juror in ("ada", "bram", "chiara"):
        await hall.judge(juror, heat=(9, 5), seed=(8, 5))
    await hall.close()
    await hall.seal()
    _, page = await chair(hall)
    assert "If a tie for first place comes to the chair, you are asked here." in page
    assert "Warm Harbour" not in page
