"""Orders of options by plain form and by JSON request: how they are read, refused and shown again."""

import dataclasses
import json
import re
from typing import Any

import pytest

from polls.lifecycle import Action
from polls.model import Event, EventId, OptionOrder, Poll, PollId, PollKind, Text
from polls.paper import display_order
from server import wire
from server.loading import load_event
from tests.polls.small_event import options, session
from tests.server.test_join import PLAIN, House, hidden, house, script

__all__ = ["house"]

NEEDS = Poll(
    id=PollId("needs"),
    kind=PollKind.PREFERENCE,
    question=Text.plain("What is needed?"),
    options=options("Staff", "Tape", "Partners", "Money"),
    max_selections=3,
    abstain=True,
)
TIED = dataclasses.replace(NEEDS, id=PollId("tied"), ties=True, max_selections=4, order=OptionOrder.SHUFFLED)
RANKED = dataclasses.replace(
    PLAIN, id=EventId("ranked"), join_code="M7P4QX", sessions=(session("opening", NEEDS, TIED),)
)
CAST = f"/j/{RANKED.join_code}/cast"


@pytest.fixture
async def voting(house: House) -> House:
    """A phone in front of an open question that asks for an order."""
    await load_event(house.context.store, RANKED, "test")
    await house.act(RANKED, "needs", Action.OPEN)
    await house.page(RANKED)
    return house


def form(**fields: str) -> list[tuple[str, str]]:
    head = {"poll": "needs", "round": "1", "rev": "1", "nonce": "nonce-0001"}
    return [*head.items(), *fields.items()]


def ranks(**places: str) -> dict[str, str]:
    """The fields of a form with lists of places: rank_3="1" is `rank.3` at place 1."""
    return {name.replace("_", ".", 1): place for name, place in places.items()}


async def in_the_box(house: House, event: Event = RANKED, poll: str = "needs") -> dict[str, int]:
    rounds = [(PollId(poll), 1)]
    snapshot = await house.context.store.snapshot(event.id, rounds)
    assert snapshot is not None
    return {key.split("|")[-1]: count for key, count in snapshot.tallies[rounds[0]].items()}


async def send(house: House, page: str, **places: str) -> str:
    """Fill in the form of a page and read what comes back."""
    fields = {name: hidden(page, name) for name in ("poll", "round", "rev", "nonce")}
    await house.client.post(CAST, data={**fields, **ranks(**places)})
    return await house.page(RANKED)


def lists(page: str) -> dict[str, str]:
    """The lists of places on a page, with what is picked in each."""
    found = re.findall(r'<select name="rank\.([^"]+)">(.*?)</select>', page, re.S)
    picked = {name: re.search(r"<option selected>(\d+)", body) for name, body in found}
    return {name: one[1] if one else "" for name, one in picked.items()}


@pytest.mark.parametrize(
    ("fields", "selections"),
    [
        (ranks(rank_1="2", rank_2="", rank_3="1", rank_4="3"), ["3", "1", "4"]),
        (ranks(rank_1="7", rank_3="3"), ["3", "1"]),
        (ranks(rank_1="2", rank_2="1", rank_3="2"), ["2", "1=3"]),
        (ranks(rank_1="10", rank_2="9"), ["2", "1"]),
        (ranks(rank_1="", rank_2=""), []),
        ({}, []),
    ],
)
def test_places_become_ranks_and_gaps_close_up(fields: dict[str, str], selections: list[str]) -> None:
    assert wire.decode_form(form(**fields)).selections == selections


@pytest.mark.parametrize("place", ["0", "-1", "1.5", "first", "100", " 1", "٣", "1=2"])
def test_what_is_no_place_is_refused(place: str) -> None:
    with pytest.raises(wire.BadFrame, match="no place"):
        wire.decode_form(form(**{"rank.1": place}))


@pytest.mark.parametrize("name", ["rank.", "rank.a b", "rank.1=2=", "rank." + "x" * 81])
def test_what_is_no_option_is_refused(name: str) -> None:
    with pytest.raises(wire.BadFrame):
        wire.decode_form(form(**{name: "1"}))


def test_a_form_holds_choices_or_places_and_not_both() -> None:
    with pytest.raises(wire.BadFrame, match="both"):
        wire.decode_form([*form(**{"rank.1": "1"}), ("selections", "2")])


@pytest.mark.parametrize("rank", ["", "=", "1=", "=1", "1==2", "1>2", "-=" * 2_001])
def test_a_rank_is_options_joined_by_an_equals_sign(rank: str) -> None:
    cast = {"type": "cast", "poll": "needs", "round": 1, "rev": 1, "nonce": "nonce-0001"}
    decoded = wire.decode(json.dumps({**cast, "selections": ["3", "1=4"]}))
    assert isinstance(decoded, wire.Cast)
    assert decoded.selections == ["3", "1=4"]
    with pytest.raises(wire.BadFrame):
        wire.decode(json.dumps({**cast, "selections": [rank]}))


async def test_the_plain_form_ranks_and_the_page_shows_the_order(voting: House) -> None:
    page = await voting.page(RANKED)
    assert lists(page) == {"1": "", "2": "", "3": "", "4": ""}
    assert "<option>3</option>" in page and "<option>4</option>" not in page  # three places at most
    page = await send(voting, page, rank_1="3", rank_2="", rank_3="1", rank_4="")
    assert await in_the_box(voting) == {"3>1": 1}
    shown = re.findall(r'data-option="(\d)"><b class="place">(\d?)</b>', page)
    assert shown == [("3", "1"), ("1", "2"), ("2", ""), ("4", "")]
    page = await voting.page(RANKED, "?change=needs")
    assert lists(page) == {"1": "2", "2": "", "3": "1", "4": ""}
    page = await send(voting, page, rank_2="1", rank_3="2")
    assert await in_the_box(voting) == {"2>3": 1}


@pytest.mark.parametrize(
    ("places", "words"),
    [
        (ranks(rank_1="", rank_2=""), "Choose an answer first."),
        (ranks(rank_1="1", rank_2="1"), "give each answer a place of its own"),
        (ranks(rank_1="1", rank_2="2", rank_3="3", rank_4="4"), "choose at most 3"),
        (ranks(rank_9="1"), "not on the ballot"),
        (ranks(rank_1="first"), "could not be read"),
        ({**ranks(rank_1="1"), "selections": ""}, "choose an answer or abstain"),
    ],
)
async def test_a_form_that_makes_no_order_is_refused_in_words(
    voting: House, places: dict[str, str], words: str
) -> None:
    await voting.client.post(CAST, data=dict(form(**places)))
    assert words in await voting.page(RANKED)
    assert await in_the_box(voting) == {}


async def test_a_form_can_abstain_from_an_order(voting: House) -> None:
    await voting.client.post(CAST, data=dict(form(**ranks(rank_1="", rank_2=""), selections="")))
    assert await in_the_box(voting) == {"-": 1}
    assert 'value="" checked' in await voting.page(RANKED)


async def test_equal_places_come_back_as_they_were_sent(voting: House) -> None:
    await voting.act(RANKED, "tied", Action.OPEN)
    fields: dict[str, Any] = {**dict(form()), "poll": "tied", "selections": ["4", "3=1"]}
    answer = await voting.client.post(CAST, data=fields, headers={"accept": "application/json"})
    assert answer.json()["own"]["selections"] == ["4", "1=3"]
    page = await voting.page(RANKED, "?change=tied")
    assert lists(page) == {"4": "1", "1": "2", "3": "2", "2": ""}
    owns = script(page)["own"]
    assert isinstance(owns, list)
    assert [own["selections"] for own in owns] == [["4", "1=3"]]


async def test_the_script_gets_the_phones_own_order_and_its_sentences(voting: House) -> None:
    await voting.act(RANKED, "tied", Action.OPEN)
    page = await voting.page(RANKED, "?change=tied")
    found = re.search(r"data-ranking='([^']*)' data-order=\"([^\"]*)\" data-ties", page)
    assert found is not None
    words = json.loads(found[1])
    assert words["paper_rank_count"] == "Placed {placed} of {n}"
    own = [option.id for option in display_order(TIED, str(script(page)["seed"]))]
    assert found[2].split() == own == list(lists(page))


async def test_the_waiting_page_says_the_order(voting: House) -> None:
    await send(voting, await voting.page(RANKED), rank_4="1", rank_2="2")
    await voting.act(RANKED, "needs", Action.CLOSE)
    assert "Your answer: 1 Money, 2 Tape · Counted " in await voting.page(RANKED)


async def test_only_an_event_that_asks_for_an_order_loads_its_styles(voting: House) -> None:
    await voting.act(PLAIN, "lunch", Action.OPEN)
    assert "phone_rank.css" in await voting.page(RANKED)
    page = await voting.page(PLAIN)
    assert "phone_rank.css" not in page and "paper_rank" not in page
