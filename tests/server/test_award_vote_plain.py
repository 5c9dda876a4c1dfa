"""The voter's page of an award by plain forms, and the short address of voting cards."""

import re

import pytest

from polls.award.model import BallotForm, Publish
from tests.server.booth import VOTE, Booth, prize
from tests.server.test_join import House, hidden, house
from tests.server.voter import EMPTY, booth
from voting.record.receipt import make_receipt

__all__ = ["booth", "house"]


async def form(house: House, booth: Booth, step: str, **fields: object) -> tuple[int, str]:
    answer = await house.client.post(
        f"/vote/{booth.path}", data={"round": booth.round, "step": step, **fields}
    )
    return answer.status_code, answer.text


async def test_without_a_script_the_ballot_is_looked_over_then_cast(house: House, booth: Booth) -> None:
    code = booth.codes[0].code
    status, shown = await form(house, booth, "look", code=code, selections="bram")
    assert status == 200 and "This cannot be changed afterwards." in shown and "Bram Okafor" in shown
    assert "The server will make your receipt" in shown
    assert "The server made this receipt" not in shown
    assert await booth.in_the_box() == 0
    fields = {name: hidden(shown, name) for name in ("code", "selections", "r")}
    status, done = await form(house, booth, "cast", **fields)
    made = make_receipt(booth.award.id, VOTE, fields["r"])
    assert status == 200 and re.search(r"Counted \d\d:\d\d:\d\d", done)
    assert "The server made this receipt" in done
    assert "-".join(re.findall("....", made.receipt)) in done
    status, again = await form(house, booth, "cast", **fields)  # the page was loaded again
    assert status == 200 and "in the box already" in again
    assert "-".join(re.findall("....", made.receipt)) in again
    assert await booth.in_the_box() == 1


async def test_where_only_figures_are_published_the_receipt_promises_no_ballot_in_the_record(
    house: House,
) -> None:
    booth = await Booth.set_up(house.context, EMPTY, prize(publish=Publish.TOTALS))
    _, shown = await form(house, booth, "look", code=booth.codes[0].code, selections="bram")
    fields = {name: hidden(shown, name) for name in ("code", "selections", "r")}
    _, done = await form(house, booth, "cast", **fields)
    assert "only the figures are published" in done
    assert "find your ballot" not in done and "it shows how you voted" not in done


async def test_back_to_the_paper_keeps_what_was_chosen(house: House, booth: Booth) -> None:
    status, shown = await form(house, booth, "edit", code="ABCDE", selections="bram", r="0" * 32)
    assert status == 200 and 'value="bram" checked' in shown and 'value="ABCDE"' in shown


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({}, 422, "Choose first."),
        ({"selections": ["ada", "bram"]}, 422, "Choose at most 1."),
        ({"selections": ["ada", ""]}, 422, "Choose or abstain, not both."),
        ({"selections": "ada", "code": "AAAAA-AAAAB"}, 422, "one letter or digit is wrong"),
        ({"selections": "ada", "code": ""}, 422, "Type your voting code first."),
        ({"selections": "ada", "round": "other"}, 409, "this paper is not the one"),
    ],
)
async def test_a_plain_form_with_a_fault_comes_back_with_words(
    house: House, booth: Booth, fields: dict[str, object], status: int, said: str
) -> None:
    found, shown = await form(house, booth, "look", **{"code": booth.codes[0].code, **fields})
    assert (found, said in shown) == (status, True)
    assert "Lindqvist" in shown  # the paper is still there


async def test_a_plain_form_after_the_close_and_in_a_pause(house: House, booth: Booth) -> None:
    code = booth.codes[0].code
    shown = (await form(house, booth, "look", code=code, selections="ada"))[1]
    fields = {name: hidden(shown, name) for name in ("code", "selections", "r")}
    await house.context.awards.box.freeze(booth.at, "pause")
    status, paused = await form(house, booth, "cast", **fields)
    assert status == 503 and "Send it again in a moment." in paused and hidden(paused, "r") == fields["r"]
    await house.context.awards.box.freeze(booth.at, "")
    await booth.close()
    status, late = await form(house, booth, "cast", **fields)
    assert status == 409 and "voting was closed before your ballot came" in late
    assert (await form(house, booth, "look", code=code, selections="ada"))[0] == 409
    assert await booth.in_the_box() == 0


async def test_a_plain_form_ranks_by_places(house: House) -> None:
    booth = await Booth.set_up(house.context, EMPTY, prize(form=BallotForm.RANKING, method="borda", most=0))
    places = {"rank.ada": "2", "rank.bram": "1", "rank.chiara": ""}
    status, shown = await form(house, booth, "look", code=booth.codes[0].code, **places)
    assert status == 200 and "1 Bram Okafor, 2 Ada Lindqvist" in shown
    fields = {"code": booth.codes[0].code, "selections": ["bram", "ada"], "r": hidden(shown, "r")}
    assert (await form(house, booth, "cast", **fields))[0] == 200
    assert await booth.in_the_box() == 1


# -- the short address --------------------------------------------------------------------------------


async def test_the_short_address_leads_a_code_to_its_award(house: House, booth: Booth) -> None:
    one = booth.codes[0]
    assert one.link("http://x").endswith(f"/v#{one.token}")
    assert 'action="/v"' in (await house.client.get("/v")).text
    for typed in (one.token, one.code):
        answer = await house.client.post("/v", data={"code": typed}, headers={"accept": "application/json"})
        assert answer.json() == {"url": f"/vote/{booth.path}"}
    plain = await house.client.post("/v", data={"code": one.code})
    assert plain.status_code == 200 and f'value="{one.code}"' in plain.text and "Lindqvist" in plain.text
    wrong = await house.client.post("/v", data={"code": "A" * 22})
    assert wrong.status_code == 422 and "not on the list" in wrong.text
