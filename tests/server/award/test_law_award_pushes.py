"""Law 9 for an award: whoever follows it on phone, stage or console sees what a newcomer sees."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from polls.award.acts import Act
from polls.award.handcounts import Place
from polls.award.life import ProposalKind
from polls.award.model import Blend, CandidateId, Decision, Pitches, RoundId
from polls.model import RoomId
from server import moderation
from server.auth import Role
from server.award.handcounts import Figures
from server.config import Config
from tests.conftest import Running
from tests.polls.award_sample import ANA, AWARD, BEN, FINAL, JURY
from tests.server.award.hall import Prize
from tests.server.award.screens import hold_all, prize_on_stage
from tests.server.faces import caller
from tests.server.law_nine import followed, rendered_anew
from tests.server.laws import another_server

Do = Callable[[Prize], Awaitable[object]]
A, B = CandidateId("a"), CandidateId("b")
CHAIR = Decision(blend=Blend.AUDIENCE, ladder=("chair", "shared"))
LOT = Decision(blend=Blend.AUDIENCE, ladder=("lot",), draw="Saturday's lottery")
RUNOFF = RoundId("runoff1")
MAIN = RoomId("")


async def lock(held: Prize, *jurors: str) -> None:
    for juror in jurors:
        assert await held.judge(juror, a=9, b=8, c=2, d=1) == "ok"


async def approve_as_one(held: Prize) -> None:
    root = (await held.run()).round(JURY).box_hash
    await held.awards.acts.approve(held.event, AWARD, JURY, ANA, root)


async def vote(held: Prize, choices: str, round_id: RoundId = FINAL) -> None:
    for voter, choice in enumerate(choices):
        assert await held.vote(voter, choice, round_id) == "ok"


async def count_hands(held: Prize) -> None:
    place, figures = Place(FINAL, "hands", "voters"), Figures(counts={((A,),): 4})
    await held.awards.counts.first(held.event, AWARD, place, figures, "Ida", "organiser")
    await held.awards.counts.second(held.event, AWARD, place, figures, "Jon", "moderator")


async def step(held: Prize) -> None:
    await held.awards.acts.step(held.event, AWARD, "test", seen=(await held.run()).steps)


async def propose(held: Prize) -> None:
    said = (ProposalKind.WITHDRAW, "b", "Has left", ANA, "scrutineer:ana")
    await held.awards.acts.propose(held.event, AWARD, *said)


async def call_runoff(held: Prize) -> None:
    assert await held.awards.acts.runoff(held.event, AWARD, "test") == RUNOFF


def pitched(act: Act) -> Do:
    async def change(held: Prize) -> None:
        seen = (await held.run()).pitches
        await held.awards.acts.pitch(held.event, AWARD, act, "test", seen=seen)

    return change


def opened(round_id: RoundId) -> Do:
    return lambda held: held.awards.acts.open(held.event, AWARD, round_id, "test")


def closed(round_id: RoundId) -> Do:
    return lambda held: held.awards.acts.close(held.event, AWARD, round_id, "test")


def approved(round_id: RoundId) -> Do:
    return lambda held: held.approve(round_id)


CHANGES: dict[str, Do] = {
    "freeze": lambda held: held.awards.acts.freeze(held.event, AWARD, "organiser"),
    "open_jury": opened(JURY),
    "lock": lambda held: lock(held, "j1"),
    "lock_all": lambda held: lock(held, "j1", "j2", "j3"),
    "close_jury": closed(JURY),
    "approve": approve_as_one,
    "seal_jury": approved(JURY),
    "hold_jury": lambda held: held.hold_jury(),
    "pitch": pitched(Act.PITCH),
    "go_back_in_pitches": pitched(Act.PITCH_BACK),
    "end_pitches": pitched(Act.PITCH_END),
    "open_vote": opened(FINAL),
    "vote": lambda held: vote(held, "aaa"),
    "count_hands": count_hands,
    "checkpoint": lambda held: held.awards.settling.checkpoint(held.event, AWARD, FINAL, 1),
    "extend": lambda held: held.awards.acts.extend(held.event, AWARD, FINAL, 60, "test"),
    "close_vote": closed(FINAL),
    "seal_vote": approved(FINAL),
    "hold_all": hold_all,
    "step": step,
    "step_back": lambda held: held.awards.acts.step_back(held.event, AWARD, "test"),
    "publish": lambda held: held.awards.acts.publish(held.event, AWARD, "test"),
    "correct": lambda held: held.awards.acts.correct(held.event, AWARD, "A name was misspelt", "test"),
    "propose": propose,
    "sign": lambda held: held.awards.acts.sign(held.event, AWARD, 1, BEN),
    "drop": lambda held: held.awards.acts.drop(held.event, AWARD, 1, "test"),
    "tie": lambda held: held.hold_vote("a", "b"),
    "show_tie": lambda held: moderation.show_tie(held.store, held.event, "test", MAIN, AWARD, True),
    "chair": lambda held: held.awards.acts.chair(held.event, AWARD, B, "test"),
    "draw": lambda held: held.awards.acts.draw(held.event, AWARD, "7 11 23", "test"),
    "call_runoff": call_runoff,
    "open_runoff": opened(RUNOFF),
    "vote_in_runoff": lambda held: vote(held, "aab", RUNOFF),
    "close_runoff": closed(RUNOFF),
    "seal_runoff": approved(RUNOFF),
    "blank": lambda held: moderation.blank(held.store, held.event, "test", MAIN, True),
    "show_nothing": lambda held: moderation.show(held.store, held.event, "test", MAIN, None),
}
STATES: dict[str, str] = {
    "nothing": "",
    "frozen": "freeze",
    "jury_is_open": "freeze open_jury",
    "jury_is_closed": "freeze open_jury lock_all close_jury",
    "jury_is_sealed": "hold_jury",
    "pitches_are_on": "hold_jury pitch",
    "vote_is_open": "hold_jury open_vote",
    "some_have_voted": "hold_jury open_vote vote",
    "withdrawal_is_proposed": "hold_jury open_vote propose",
    "vote_is_closed": "hold_jury open_vote vote close_vote",
    "all_is_sealed": "hold_all",
    "first_step": "hold_all step",
    "all_steps": "hold_all step step",
    "published": "hold_all step step publish",
    "tie": "hold_jury tie",
    "tie_on_stage": "hold_jury tie show_tie",
    "runoff_is_called": "hold_jury tie show_tie call_runoff",
    "runoff_is_open": "hold_jury tie show_tie call_runoff open_runoff",
    "runoff_is_closed": "hold_jury tie show_tie call_runoff open_runoff vote_in_runoff close_runoff",
}
"""How each state comes about."""
CASES = {
    "nothing": "freeze",
    "frozen": "open_jury",
    "jury_is_open": "lock, close_jury",
    "jury_is_closed": "approve, seal_jury",
    "jury_is_sealed": "pitch, open_vote",
    "pitches_are_on": "pitch, go_back_in_pitches, end_pitches",
    "vote_is_open": "vote, count_hands",
    "some_have_voted": "checkpoint, propose sign, extend, close_vote",
    "withdrawal_is_proposed": "drop",
    "vote_is_closed": "seal_vote",
    "all_is_sealed": "propose sign, step",
    "first_step": "step_back, step, blank",
    "all_steps": "publish, show_nothing",
    "published": "correct",
    "tie": "show_tie",
    "tie_on_stage": "chair, draw, call_runoff",
    "runoff_is_called": "open_runoff",
    "runoff_is_open": "vote_in_runoff, close_runoff",
    "runoff_is_closed": "seal_runoff",
}
"""What is done in each state while the screens look on."""


async def do(held: Prize, changes: str) -> None:
    """Changes by name, one after the other."""
    for change in changes.split():
        await CHANGES[change](held)


@pytest.mark.parametrize(
    ("change", "state"), [(change, state) for state, done in CASES.items() for change in done.split(", ")]
)
async def test_pushes_of_an_award_lead_to_what_a_newcomer_sees(
    running: Running, config: Config, store_url: str, tmp_path: Path, change: str, state: str
) -> None:
    changes = {"decision": LOT if change == "draw" else CHAIR, "pitches": Pitches(seconds=60)}
    async with prize_on_stage(running, tmp_path, **changes) as held:
        await do(held, STATES[state])
        async with another_server(config, store_url, running.base) as fresh_context:
            changed = await followed(running, fresh_context, held.event, lambda: do(held, change))
            stage, papers, results = [
                await rendered_anew(fresh_context, held.event, channel)
                for channel in ("stage", "papers", "results")
            ]
            join_code = fresh_context._events[held.event].state.event.join_code
        async with caller(running, held.event, Role.MODERATOR, accept="text/html") as client:
            stage_page = (await client.get(f"/stage/{held.event}")).text
            phone_page = (await client.get(f"/j/{join_code}", follow_redirects=True)).text
        assert stage["view"]["award_html"] in stage_page
        assert papers["idle"] in phone_page
        assert all(card["html"] in phone_page for card in results["cards"])
    assert "console" in changed
