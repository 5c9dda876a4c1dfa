"""Ballots by plain form and by JSON request, and the state for phones without a socket."""

import json
from typing import Any

import pytest

from polls.lifecycle import Action
from polls.model import PollId
from tests.server.test_join import GROUPED, PLAIN, House, hidden, house

__all__ = ["house"]

JSON = {"accept": "application/json"}
CAST = f"/j/{PLAIN.join_code}/cast"


@pytest.fixture
async def voting(house: House) -> House:
    """A phone in front of an open question."""
    await house.act(PLAIN, "lunch", Action.OPEN)
    await house.page(PLAIN)
    return house


def ballot(*selections: str, **changes: object) -> dict[str, Any]:
    fields: dict[str, Any] = {"poll": "lunch", "round": "1", "rev": "1", "nonce": "nonce-0001"}
    return {**fields, "selections": list(selections), **changes}


async def post(house: House, *selections: str, **changes: object) -> tuple[int, dict[str, Any]]:
    answer = await house.client.post(CAST, data=ballot(*selections, **changes), headers=JSON)
    return answer.status_code, json.loads(answer.content)


async def tally(house: House) -> dict[str, int]:
    rounds = [(PollId("lunch"), 1)]
    snapshot = await house.context.store.snapshot(PLAIN.id, rounds)
    assert snapshot is not None
    return {key.split("|")[-1]: count for key, count in snapshot.tallies[rounds[0]].items()}


async def test_the_plain_form_votes_and_the_page_shows_the_counted_answer(voting: House) -> None:
    page = await voting.page(PLAIN)
    fields = {name: hidden(page, name) for name in ("poll", "round", "rev", "nonce")}
    answer = await voting.client.post(CAST, data={**fields, "selections": "2"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/j/K7P4QX")
    assert sum((await tally(voting)).values()) == 1
    page = await voting.page(PLAIN)
    assert "Counted " in page and 'value="2" checked' in page
    assert 'http-equiv="refresh"' in page  # nothing to fill in any more


async def test_sending_the_same_form_again_counts_once(voting: House) -> None:
    page = await voting.page(PLAIN)
    fields = {name: hidden(page, name) for name in ("poll", "round", "rev", "nonce")}
    for _ in range(3):
        await voting.client.post(CAST, data={**fields, "selections": "2"})
    assert sum((await tally(voting)).values()) == 1


async def test_a_counted_answer_can_be_changed_without_a_script(voting: House) -> None:
    await voting.client.post(CAST, data=ballot("1"))
    page = await voting.page(PLAIN, "?change=lunch")
    assert hidden(page, "rev") == "2"
    assert "Send the change" in page
    fields = {name: hidden(page, name) for name in ("poll", "round", "rev", "nonce")}
    await voting.client.post(CAST, data={**fields, "selections": "3"})
    assert 'value="3" checked' in await voting.page(PLAIN)
    assert sum((await tally(voting)).values()) == 1


async def test_a_refusal_is_shown_once_in_words(voting: House) -> None:
    await voting.client.post(CAST, data=ballot("1"))
    await voting.client.post(CAST, data=ballot("2", nonce="nonce-0002"))
    assert "You already answered in another tab." in await voting.page(PLAIN)
    assert "another tab" not in await voting.page(PLAIN)


async def test_a_late_form_reads_that_voting_had_closed(voting: House) -> None:
    await voting.act(PLAIN, "lunch", Action.CLOSE)
    await voting.client.post(CAST, data=ballot("1"))
    page = await voting.page(PLAIN)
    assert "Not counted: voting had closed." in page
    assert await tally(voting) == {}


@pytest.mark.parametrize(
    ("selections", "words"),
    [
        ((), "Choose an answer first."),
        (("1", ""), "choose an answer or abstain"),
        (("9",), "not on the ballot"),
    ],
)
async def test_a_form_without_a_clear_answer_is_refused(
    voting: House, selections: tuple[str, ...], words: str
) -> None:
    await voting.client.post(CAST, data=ballot(*selections))
    assert words in await voting.page(PLAIN)
    assert await tally(voting) == {}


async def test_an_abstention_is_a_choice_of_its_own(voting: House) -> None:
    await voting.client.post(CAST, data=ballot(""))
    assert sum((await tally(voting)).values()) == 1
    assert 'value="" checked' in await voting.page(PLAIN)


async def test_a_receipt_is_json_for_those_who_ask(voting: House) -> None:
    status, frame = await post(voting, "2")
    assert (status, frame["type"], frame["own"]["selections"]) == (200, "receipt", ["2"])
    status, frame = await post(voting, "2")
    assert (status, frame["again"]) == (200, True)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"nonce": "nonce-0002"}, 409, "conflict"),
        ({"round": "7"}, 409, "other_round"),
        ({"poll": "nothing"}, 422, "no_such_poll"),
        ({"selections": ["9"]}, 422, "unknown_option"),
        ({"selections": ["1", "2"]}, 422, "too_many"),
        ({"selections": ["1", "1"]}, 422, "chosen_twice"),
        ({"rev": "0"}, 422, "bad_frame"),
        ({"rev": "many"}, 422, "bad_frame"),
        ({"nonce": "short"}, 422, "bad_frame"),
        ({"poll": "../etc"}, 422, "bad_frame"),
    ],
)
async def test_a_faulty_ballot_gets_a_typed_reject_and_changes_nothing(
    voting: House, changes: dict[str, object], status: int, code: str
) -> None:
    await post(voting, "1")
    before = await tally(voting)
    got, frame = await post(voting, **{"selections": ["2"], **changes})
    assert (got, frame["type"], frame["code"]) == (status, "reject", code)
    assert frame["message"]
    assert await tally(voting) == before


async def test_a_question_for_another_group_takes_no_ballot(house: House) -> None:
    await house.act(GROUPED, "managers", Action.OPEN)
    await house.sit(GROUPED, "other")
    await house.page(GROUPED)
    fields = ballot("1", poll="managers")
    answer = await house.client.post(f"/j/{GROUPED.join_code}/cast", data=fields, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_for_you")


async def test_without_a_cookie_nothing_is_counted_and_the_page_says_why(voting: House) -> None:
    voting.client.cookies.clear()
    status, frame = await post(voting, "1")
    assert (status, frame["code"]) == (403, "no_cookie")
    answer = await voting.client.post(CAST, data=ballot("1"))
    assert answer.status_code == 403
    assert "keeps no cookies" in answer.text
    assert await tally(voting) == {}


async def test_a_form_from_another_site_is_refused(voting: House) -> None:
    answer = await voting.client.post(CAST, data=ballot("1"), headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert await tally(voting) == {}


async def test_an_oversize_form_is_refused(voting: House) -> None:
    answer = await voting.client.post(CAST, data=ballot("1", nonce="n" * 5_000), headers=JSON)
    assert answer.status_code == 413
    assert await tally(voting) == {}


async def test_a_ballot_for_an_unknown_event_is_a_404(voting: House) -> None:
    assert (await voting.client.post("/j/AAAAAA/cast", data=ballot("1"), headers=JSON)).status_code == 404


async def test_the_state_holds_what_a_socket_would_have_sent(voting: House) -> None:
    await post(voting, "2")
    state = (await voting.client.get(f"/j/{PLAIN.join_code}/state")).json()
    assert state["welcome"]["own"][0]["selections"] == ["2"]
    card = state["papers"]["cards"][0]
    assert (card["poll"], card["round"]) == ("lunch", 1)
    assert "How was lunch" in card["html"]
    assert [card["poll"] for card in state["results"]["cards"]] == ["lunch"]


async def test_a_hidden_result_is_not_in_the_state(voting: House) -> None:
    await voting.act(PLAIN, "skills", Action.OPEN)
    await post(voting, "1", poll="skills")
    await voting.act(PLAIN, "skills", Action.CLOSE)
    state = (await voting.client.get(f"/j/{PLAIN.join_code}/state")).json()
    assert "skills" not in [card["poll"] for card in state["results"]["cards"]]
    await voting.act(PLAIN, "skills", Action.REVEAL)
    state = (await voting.client.get(f"/j/{PLAIN.join_code}/state")).json()
    assert "skills" in [card["poll"] for card in state["results"]["cards"]]


async def test_what_was_received_is_counted(voting: House) -> None:
    await post(voting, "1")
    await post(voting, "9")
    assert voting.context.received[PLAIN.id] == 2
