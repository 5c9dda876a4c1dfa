"""A page that is kept is the one that would be rendered now for the audience that asks, or it is not sent."""

import dataclasses
import gzip
import itertools
from collections.abc import Mapping
from datetime import date
from typing import Any

import httpx
import pytest

from polls.lifecycle import Action
from polls.model import EventId, OptionOrder, Poll, PollId, PollKind, Text
from polls.paper import display_order
from server.auth import Seat, order_seed
from server.loading import load_event
from server.render import Renderer
from server.routes import phone_page
from server.routes.pages import spoken
from server.stencil import gzip_body, plain_body, takes_gzip
from tests.polls.small_event import options, session
from tests.server.test_join import (
    ELSEWHERE,
    GROUPED,
    LUNCH,
    MANAGERS,
    PLAIN,
    SKILLS,
    House,
    choices,
    hidden,
    house,
    script,
)
from voting.ballot import CastBallot

__all__ = ["house"]

RANKED = Poll(
    id=PollId("ranked"),
    kind=PollKind.PREFERENCE,
    question=Text.plain("In which order?"),
    options=options("Digital", "Green", "Social", "Trade"),
    max_selections=3,
    order=OptionOrder.SHUFFLED,
    abstain=True,
)
ORDERED = dataclasses.replace(
    PLAIN,
    id=EventId("ordered"),
    join_code="M7P4QX",
    last_day=date(2090, 1, 1),
    sessions=(session("opening", LUNCH, RANKED, SKILLS),),
)


def phone(house: House) -> httpx.AsyncClient:
    """Another phone, with no cookie."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(house.app), base_url=house.client.base_url)


async def rendered(house: House, event: EventId, device: str, seat: Seat, lang: str, nonce: str) -> str:
    """The page rendered now, for one device alone."""
    live, context = await house.context.event(event), house.context
    if phone_page.needs_seat(live.state.event, seat):
        return context.render.text(phone_page.SEAT_PAGE, phone_page.seat_values(live.state.event, seat, lang))
    seed = order_seed(device)
    values = phone_page.phone_values(context, live, seat=seat, lang=lang, own=[], seed=seed, nonce=nonce)
    if values["paper"] is not None:
        values["paper"] = phone_page.in_own_order(live.state.event, values["paper"], seed)
    return context.render.text(phone_page.PHONE_PAGE, values)


async def is_as_rendered(
    house: House, client: httpx.AsyncClient, event: EventId, code: str, lang: str
) -> str:
    """Ask for the page packed, then plain: a new phone is no new one by then. Gives the page."""
    texts = []
    for encoding in ("gzip", "identity"):
        answer = await client.get(
            f"/j/{code}", headers={"accept-language": lang, "accept-encoding": encoding}
        )
        assert answer.status_code == 200
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        device = house.context.keyring.read_device(client.cookies["hc_device"])
        assert device is not None
        seat = house.context.keyring.read_seat(event, client.cookies.get(f"hc_seat_{event}"))
        nonce = hidden(answer.text, "nonce") if 'name="nonce"' in answer.text else ""
        assert answer.text == await rendered(house, event, device, seat, lang, nonce)
        texts.append(answer.text)
    return texts[-1]


async def test_kept_page_is_the_one_rendered_now_in_every_state_and_language(house: House) -> None:
    await load_event(house.context.store, ORDERED, "test")
    story = [
        ("lunch", Action.OPEN),
        ("lunch", Action.CLOSE),
        ("lunch", Action.REVEAL),
        ("lunch", Action.REOPEN),
        ("skills", Action.OPEN),
        ("lunch", Action.CLOSE),
        ("skills", Action.CLOSE),
        ("ranked", Action.OPEN),
        ("ranked", Action.CLOSE),
        ("ranked", Action.REVEAL),
    ]
    pages = set()
    async with phone(house) as returning:
        for step in [None, *story]:
            if step is not None:
                await house.act(ORDERED, *step)
            for lang in ("en", "de"):
                async with phone(house) as new:
                    for client in (new, returning):
                        page = await is_as_rendered(house, client, ORDERED.id, ORDERED.join_code, lang)
                        pages.add(page.split('<script type="application/json"')[0])
    assert len(pages) > len(story)


async def test_ballots_that_come_in_are_never_shown_stale(house: House) -> None:
    await house.act(PLAIN, "lunch", Action.OPEN)
    await house.act(PLAIN, "lunch", Action.CLOSE)
    await house.act(PLAIN, "lunch", Action.REVEAL)
    async with phone(house) as new:
        assert (
            "No ballots" in (page := await is_as_rendered(house, new, PLAIN.id, PLAIN.join_code, "en"))
            or page
        )
    await house.act(PLAIN, "lunch", Action.REOPEN)
    live = await house.context.event(PLAIN.id)
    ballot = CastBallot(voter="v" * 16, rev=1, nonce="n" * 16, segment="", canonical="1")
    await house.context.store.cast(PLAIN.id, PollId("lunch"), 2, [ballot])
    await house.act(PLAIN, "lunch", Action.CLOSE)
    await live.refresh()
    async with phone(house) as new:
        after = await is_as_rendered(house, new, PLAIN.id, PLAIN.join_code, "en")
    assert 'class="lead"' in after


async def test_a_closed_question_is_gone_from_the_very_next_page(house: House) -> None:
    await house.act(PLAIN, "skills", Action.OPEN)
    async with phone(house) as new:
        assert choices((await new.get(f"/j/{PLAIN.join_code}")).text)
    await house.act(PLAIN, "skills", Action.CLOSE)
    async with phone(house) as new:
        assert not choices((await new.get(f"/j/{PLAIN.join_code}")).text)


async def test_readings_that_change_nothing_on_a_paper_render_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.act(PLAIN, "lunch", Action.OPEN)
    live, made, text = await house.context.event(PLAIN.id), list[str](), Renderer.text

    def counted(renderer: Renderer, template: str, values: Mapping[str, Any]) -> str:
        made.append(template)
        return text(renderer, template, values)

    monkeypatch.setattr(Renderer, "text", counted)
    for place in range(5):
        ballot = CastBallot(voter=f"{place:016}", rev=1, nonce="n" * 16, segment="", canonical="1")
        await house.context.store.cast(PLAIN.id, PollId("lunch"), 1, [ballot])
        await live.refresh()
        async with phone(house) as new:
            assert choices((await new.get(f"/j/{PLAIN.join_code}")).text)
    assert made.count(phone_page.PHONE_PAGE) == 1


@pytest.mark.parametrize("poll", ["skills", "ranked"])
async def test_each_device_has_its_own_order_seed_nonce_and_cookie(house: House, poll: str) -> None:
    await load_event(house.context.store, ORDERED, "test")
    await house.act(ORDERED, poll, Action.OPEN)
    asked = SKILLS if poll == "skills" else RANKED
    orders, seeds, nonces, cookies = set(), set(), set(), set()
    for _ in range(20):
        async with phone(house) as new:
            page = (await new.get(f"/j/{ORDERED.join_code}", headers={"accept-encoding": "gzip"})).text
            seed = script(page)["seed"]
            ids = [option.id for option in display_order(asked, str(seed))]
            at = [page.index(f'value="{one}"' if poll == "skills" else f'name="rank.{one}"') for one in ids]
            assert at == sorted(at)
            assert poll == "skills" or f'data-order="{" ".join(ids)}"' in page
            orders.add(tuple(ids))
            seeds.add(seed)
            nonces.add(hidden(page, "nonce"))
            cookies.add(new.cookies["hc_device"])
    assert len(orders) > 3
    assert len(seeds) == len(nonces) == len(cookies) == 20


async def test_a_returning_phone_sees_its_own_answer_and_others_do_not(house: House) -> None:
    await house.act(PLAIN, "lunch", Action.OPEN)
    async with phone(house) as voter, phone(house) as other:
        for client in (voter, other):
            page = (await client.get(f"/j/{PLAIN.join_code}")).text
        first = (await voter.get(f"/j/{PLAIN.join_code}")).text
        fields = {name: hidden(first, name) for name in ("poll", "round", "rev", "nonce")}
        await voter.post(f"/j/{PLAIN.join_code}/cast", data={**fields, "selections": "2"})
        mine, theirs = [(await one.get(f"/j/{PLAIN.join_code}")).text for one in (voter, other)]
        assert script(mine)["own"] and "is-counted" in mine
        assert script(theirs)["own"] == [] == script(page)["own"] and "is-counted" not in theirs
        assert fields["nonce"] not in theirs


async def test_no_page_holds_bytes_of_another_audience(house: House) -> None:
    for poll in ("managers", "elsewhere"):
        await house.act(GROUPED, poll, Action.OPEN)
    seen: dict[tuple[str, str], str] = {}
    for segment, room in itertools.product(("manager", "other", ""), ("green", "")):
        for _ in range(2):
            async with phone(house) as client:
                asked = await is_as_rendered(house, client, GROUPED.id, GROUPED.join_code, "en")
                assert "What do you need?" not in asked and "How green" not in asked
                await client.post(f"/j/{GROUPED.join_code}/seat", data={"segment": segment, "room": room})
                page = await is_as_rendered(house, client, GROUPED.id, GROUPED.join_code, "en")
                seen[segment, room] = page
    for (segment, room), page in seen.items():
        may = {MANAGERS.id: segment == "manager", ELSEWHERE.id: room == "green" and bool(segment)}
        shown = {poll.id: f'data-poll="{poll.id}"' in page for poll in (MANAGERS, ELSEWHERE)}
        for poll, is_shown in shown.items():
            assert may[poll] or not is_shown
        assert any(shown.values()) is any(may.values())


async def test_head_is_answered_like_get(house: House) -> None:
    async with phone(house) as one, phone(house) as other:
        head, get = await one.head(f"/j/{PLAIN.join_code}"), await other.get(f"/j/{PLAIN.join_code}")
    differing = {"set-cookie"}
    assert {k: v for k, v in head.headers.items() if k not in differing} == {
        k: v for k, v in get.headers.items() if k not in differing
    }
    short, long = (answer.headers["set-cookie"].partition(";")[2] for answer in (get, head))
    assert short == long


async def test_packed_page_is_one_gzip_member_without_a_mark(house: House) -> None:
    await house.act(PLAIN, "skills", Action.OPEN)
    live = await house.context.event(PLAIN.id)
    pieces = house.app.state.fresh.get(live, Seat(), "en").pieces("device")
    assert gzip.decompress(gzip_body(pieces)) == plain_body(pieces)
    assert len(gzip_body(pieces)) < len(plain_body(pieces)) / 1.8


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip, deflate, br", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0.5", True),
        ("*", True),
        ("br, *;q=0", False),
        ("gzip;q=oops", False),
        ("gzip, " + "x, " * 50_000, False),
    ],
)
def test_gzip_is_sent_only_to_whom_it_is_acceptable(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


@pytest.mark.parametrize(
    ("asked", "accepted", "lang"),
    [
        ("", "", "en"),
        ("de", "en", "de"),
        ("xx", "fr, de-AT;q=0.8, en;q=0.7", "de"),
        ("", "en;q=oops, de", "de"),
        ("", "x, " * 50_000 + "de", "en"),
    ],
)
def test_language_is_the_wished_one_and_nobody_wishes_for_ever(asked: str, accepted: str, lang: str) -> None:
    assert spoken(asked, accepted, ("en", "de")) == lang
