"""Law 9 for an award: whoever follows it on phone, stage or console sees what a newcomer sees."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from polls.award.acts import Act
from polls.award.life import ProposalKind
from polls.award.model import Blend, CandidateId, Decision, Pitches, RoundId
from polls.model import RoomId
from server import moderation
from server.auth import Role
from server.award.handcounts import Figures, Place
from server.config import Config
from tests.conftest import Running
from tests.polls.award_sample import ANA, AWARD, BEN, FINAL, JURY
from tests.server.award.hall import Prize
from tests.server.award.screens import hold_all, prize_on_stage
from tests.server.faces import caller
from tests.server.law_nine import followed, rendered_anew
from tests.server.laws import another_server

Do = Callable[[Running, Prize], Awaitable[object]]
A, B = CandidateId("a"), CandidateId("b")
CHAIR = Decision(blend=Blend.AUDIENCE, ladder=("chair", "shared"))
LOT = Decision(blend=Blend.AUDIENCE, ladder=("lot",), draw="Saturday's lottery")
RUNOFF = RoundId("runoff1")


async def nothing(running: Running, held: Prize) -> None:
    pass


async def freeze(running: Running, held: Prize) -> None:
    await held.awards.acts.freeze(held.event, AWARD, "organiser")


async def open_jury(running: Running, held: Prize) -> None:
    await held.awards.acts.open(held.event, AWARD, JURY, "test")


async def jury_is_open(running: Running, held: Prize) -> None:
    await freeze(running, held)
    await open_jury(running, held)


async def lock(running: Running, held: Prize) -> None:
    assert await held.judge("j1", a=9, b=8, c=2, d=1) == "ok"


async def close_jury(running: Running, held: Prize) -> None:
    await held.awards.acts.close(held.event, AWARD, JURY, "test")


async def jury_is_closed(running: Running, held: Prize) -> None:
    await jury_is_open(running, held)
    for juror in ("j1", "j2", "j3"):
        assert await held.judge(juror, a=9, b=8, c=2, d=1) == "ok"
    await close_jury(running, held)


async def approve(running: Running, held: Prize) -> None:
    root = (await held.run()).round(JURY).box_hash
    await held.awards.acts.approve(held.event, AWARD, JURY, ANA, root)


async def seal_jury(running: Running, held: Prize) -> None:
    await held.approve(JURY)


async def jury_is_sealed(running: Running, held: Prize) -> None:
    await held.hold_jury()


async def pitch(running: Running, held: Prize) -> None:
    seen = (await held.run()).pitches
    await held.awards.acts.pitch(held.event, AWARD, Act.PITCH, "test", seen=seen)


async def pitches_are_on(running: Running, held: Prize) -> None:
    await jury_is_sealed(running, held)
    await pitch(running, held)


async def go_back_in_pitches(running: Running, held: Prize) -> None:
    seen = (await held.run()).pitches
    await held.awards.acts.pitch(held.event, AWARD, Act.PITCH_BACK, "test", seen=seen)


async def end_pitches(running: Running, held: Prize) -> None:
    seen = (await held.run()).pitches
    await held.awards.acts.pitch(held.event, AWARD, Act.PITCH_END, "test", seen=seen)


async def open_vote(running: Running, held: Prize) -> None:
    await held.awards.acts.open(held.event, AWARD, FINAL, "test")


async def vote_is_open(running: Running, held: Prize) -> None:
    await jury_is_sealed(running, held)
    await open_vote(running, held)


async def vote(running: Running, held: Prize) -> None:
    for voter in range(3):
        assert await held.vote(voter, "a") == "ok"


async def some_have_voted(running: Running, held: Prize) -> None:
    await vote_is_open(running, held)
    await vote(running, held)


async def checkpoint(running: Running, held: Prize) -> None:
    await held.awards.settling.checkpoint(held.event, AWARD, FINAL, 1)


async def count_hands(running: Running, held: Prize) -> None:
    place, figures = Place(FINAL, "hands", "voters"), Figures(counts={((A,),): 4})
    await held.awards.counts.first(held.event, AWARD, place, figures, "Ida", "organiser")
    await held.awards.counts.second(held.event, AWARD, place, figures, "Jon", "moderator")


async def extend(running: Running, held: Prize) -> None:
    await held.awards.acts.extend(held.event, AWARD, FINAL, 60, "test")


async def close_vote(running: Running, held: Prize) -> None:
    await held.awards.acts.close(held.event, AWARD, FINAL, "test")


async def vote_is_closed(running: Running, held: Prize) -> None:
    await some_have_voted(running, held)
    await close_vote(running, held)


async def seal_vote(running: Running, held: Prize) -> None:
    await held.approve(FINAL)


async def all_is_sealed(running: Running, held: Prize) -> None:
    await hold_all(held)


async def step(running: Running, held: Prize) -> None:
    await held.awards.acts.step(held.event, AWARD, "test", seen=(await held.run()).steps)


async def first_step(running: Running, held: Prize) -> None:
    await hold_all(held)
    await step(running, held)


async def step_back(running: Running, held: Prize) -> None:
    await held.awards.acts.step_back(held.event, AWARD, "test")


async def all_steps(running: Running, held: Prize) -> None:
    await first_step(running, held)
    await step(running, held)


async def publish(running: Running, held: Prize) -> None:
    await held.awards.acts.publish(held.event, AWARD, "test")


async def published(running: Running, held: Prize) -> None:
    await all_steps(running, held)
    await publish(running, held)


async def correct(running: Running, held: Prize) -> None:
    await held.awards.acts.correct(held.event, AWARD, "A name was misspelt", "test")


async def propose(running: Running, held: Prize) -> None:
    said = (ProposalKind.WITHDRAW, "b", "Has left", ANA, "scrutineer:ana")
    await held.awards.acts.propose(held.event, AWARD, *said)


async def withdraw(running: Running, held: Prize) -> None:
    await propose(running, held)
    await held.awards.acts.sign(held.event, AWARD, 1, BEN)


async def withdrawal_is_proposed(running: Running, held: Prize) -> None:
    await vote_is_open(running, held)
    await propose(running, held)


async def drop(running: Running, held: Prize) -> None:
    await held.awards.acts.drop(held.event, AWARD, 1, "test")


async def tie(running: Running, held: Prize) -> None:
    await held.hold_jury()
    await held.hold_vote("a", "b")


async def show_tie(running: Running, held: Prize) -> None:
    await moderation.show_tie(running.store, held.event, "test", RoomId(""), AWARD, True)


async def tie_on_stage(running: Running, held: Prize) -> None:
    await tie(running, held)
    await show_tie(running, held)


async def chair(running: Running, held: Prize) -> None:
    await held.awards.acts.chair(held.event, AWARD, B, "test")


async def draw(running: Running, held: Prize) -> None:
    await held.awards.acts.draw(held.event, AWARD, "7 11 23", "test")


async def call_runoff(running: Running, held: Prize) -> None:
    assert await held.awards.acts.runoff(held.event, AWARD, "test") == RUNOFF


async def runoff_is_called(running: Running, held: Prize) -> None:
    await tie_on_stage(running, held)
    await call_runoff(running, held)


async def open_runoff(running: Running, held: Prize) -> None:
    await held.awards.acts.open(held.event, AWARD, RUNOFF, "test")


async def runoff_is_open(running: Running, held: Prize) -> None:
    await runoff_is_called(running, held)
    await open_runoff(running, held)


async def vote_in_runoff(running: Running, held: Prize) -> None:
    for voter, choice in enumerate("aab"):
        assert await held.vote(voter, choice, RUNOFF) == "ok"


async def close_runoff(running: Running, held: Prize) -> None:
    await held.awards.acts.close(held.event, AWARD, RUNOFF, "test")


async def runoff_is_closed(running: Running, held: Prize) -> None:
    await runoff_is_open(running, held)
    await vote_in_runoff(running, held)
    await close_runoff(running, held)


async def seal_runoff(running: Running, held: Prize) -> None:
    await held.approve(RUNOFF)


async def blank(running: Running, held: Prize) -> None:
    await moderation.blank(running.store, held.event, "test", RoomId(""), True)


async def show_nothing(running: Running, held: Prize) -> None:
    await moderation.show(running.store, held.event, "test", RoomId(""), None)


CASES: list[tuple[Do, Do]] = [
    (nothing, freeze),
    (freeze, open_jury),
    (jury_is_open, lock),
    (jury_is_open, close_jury),
    (jury_is_closed, approve),
    (jury_is_closed, seal_jury),
    (jury_is_sealed, pitch),
    (pitches_are_on, pitch),
    (pitches_are_on, go_back_in_pitches),
    (pitches_are_on, end_pitches),
    (jury_is_sealed, open_vote),
    (vote_is_open, vote),
    (vote_is_open, count_hands),
    (some_have_voted, checkpoint),
    (some_have_voted, withdraw),
    (withdrawal_is_proposed, drop),
    (some_have_voted, extend),
    (some_have_voted, close_vote),
    (vote_is_closed, seal_vote),
    (all_is_sealed, withdraw),
    (all_is_sealed, step),
    (first_step, step_back),
    (first_step, step),
    (first_step, blank),
    (all_steps, publish),
    (all_steps, show_nothing),
    (published, correct),
    (tie, show_tie),
    (tie_on_stage, chair),
    (tie_on_stage, draw),
    (tie_on_stage, call_runoff),
    (runoff_is_called, open_runoff),
    (runoff_is_open, vote_in_runoff),
    (runoff_is_open, close_runoff),
    (runoff_is_closed, seal_runoff),
]


@pytest.mark.parametrize(
    ("before", "change"), CASES, ids=[f"{two.__name__}-when-{one.__name__}" for one, two in CASES]
)
async def test_pushes_of_an_award_lead_to_what_a_newcomer_sees(
    running: Running, config: Config, store_url: str, tmp_path: Path, before: Do, change: Do
) -> None:
    changes = {"decision": LOT if change is draw else CHAIR, "pitches": Pitches(seconds=60)}
    async with prize_on_stage(running, tmp_path, **changes) as held:
        await before(running, held)
        async with another_server(config, store_url, running.base) as fresh_context:
            changed = await followed(running, fresh_context, held.event, lambda: change(running, held))
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
