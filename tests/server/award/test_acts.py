"""Acts on awards: from the freeze to the record, on a store."""

import asyncio
from pathlib import Path

import pytest

from polls.award.life import ProposalKind, RoundState, phase
from polls.award.model import Blend, CandidateId, Decision, RoundId
from polls.errors import AwardRefused
from server.award.awards import Awards
from server.award.chores import AwardChores
from server.store.memory import MemoryStore
from tests.polls.award_sample import ANA, BEN, FINAL, JURY
from tests.server.award.hall import CODE_KEY, Prize, prize
from voting.award.codes import token_hash
from voting.award.counted import AwardKind, AwardResult
from voting.award.ports import RegisterLine
from voting.award.reveal import reveal_steps
from voting.errors import StoreUnavailable
from voting.record.log import EntryType, chain_faults


@pytest.fixture
async def award(tmp_path: Path) -> Prize:
    return await Prize.set_up(MemoryStore(), tmp_path, prize())


async def _result(held: Prize) -> AwardResult:
    return (await held.awards.papers_and_result(held.event, held.award, await held.run()))[1]


async def _reveal(held: Prize) -> None:
    steps = reveal_steps(held.award, await _result(held))
    for number in range(len(steps)):
        await held.awards.acts.step(held.event, held.award.id, "moderator", seen=number)


async def test_jury_shortlists_the_hall_decides_and_the_log_tells_it(award: Prize) -> None:
    await award.load_codes()
    await award.hold_jury()
    assert (await award.run()).round(JURY).admitted == ("a", "b")

    await award.hold_vote("a", "b", "a")
    result = await _result(award)
    assert (result.kind, result.winners) == (AwardKind.WINNER, ("a",))

    await _reveal(award)
    await award.awards.acts.publish(award.event, award.award.id, "organiser")
    log = await award.awards.log(award.event, award.award.id)
    assert not chain_faults(log)
    assert [entry.type.value for entry in log] == [
        *("RULES", "OPEN", "CLOSE", "APPROVE", "APPROVE", "SEAL"),
        *("REGISTER", "OPEN", "CLOSE", "APPROVE", "APPROVE", "SEAL"),
        *("RESULT", "REVEAL"),
    ]
    assert all(bool(e.sig) == (e.type in (EntryType.CLOSE, EntryType.SEAL, EntryType.RESULT)) for e in log)
    assert phase(award.award, await award.run()) == "published"


async def test_a_used_code_votes_once_and_the_same_paper_again_is_told_so(award: Prize) -> None:
    await award.load_codes()
    await award.hold_jury()
    await award.awards.acts.open(award.event, award.award.id, FINAL, "moderator")
    run, paper = await award.run(), award.paper("a")
    cast = award.awards.casting.by_code

    assert await cast(award.event, award.award, run, award.tokens[0], paper) == "ok"
    assert await cast(award.event, award.award, run, award.tokens[0], paper) == "dup"
    assert await cast(award.event, award.award, run, award.tokens[0], award.paper("b")) == "used"
    assert await cast(award.event, award.award, run, "A" * 22, award.paper("b")) == "unknown"


async def test_nobody_waits_for_ever_for_a_ballot_that_could_not_be_decided(
    award: Prize, monkeypatch: pytest.MonkeyPatch
) -> None:
    await award.load_codes()
    await award.hold_jury()
    await award.awards.acts.open(award.event, award.award.id, FINAL, "moderator")

    async def fail(*what: object) -> list[str]:
        raise ValueError("one answer too few")

    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
    with monkeypatch.context() as during:
        during.setattr(award.awards.box, "cast", fail)
        with pytest.raises(StoreUnavailable):
            await asyncio.wait_for(award.vote(0, "a"), 5)

    assert await award.vote(0, "a") == "ok"


async def test_a_vote_by_codes_does_not_open_without_codes(award: Prize) -> None:
    await award.hold_jury()

    with pytest.raises(AwardRefused, match="make the voting codes first"):
        await award.awards.acts.open(award.event, award.award.id, FINAL, "moderator")


async def test_a_vote_does_not_open_with_codes_of_a_class_that_the_rules_lack(award: Prize) -> None:
    """Codes could be made before the freeze and a class renamed after it: their ballots were "Counted", and
    then the box could never be sealed."""
    lines = [RegisterLine(token_hash(award.award.id, award.tokens[0]), "strangers", "")]
    await award.awards.box.load_register(award.at(FINAL), lines)
    await award.hold_jury()

    with pytest.raises(AwardRefused, match="a class that the rules do not have"):
        await award.awards.acts.open(award.event, award.award.id, FINAL, "moderator")


async def test_nothing_is_counted_before_both_scrutineers_approved(award: Prize) -> None:
    await award.load_codes()
    await award.hold_jury()
    await award.awards.acts.open(award.event, award.award.id, FINAL, "moderator")
    await award.vote(0, "a")
    await award.awards.acts.close(award.event, award.award.id, FINAL, "moderator")
    root = (await award.run()).round(FINAL).box_hash

    await award.awards.acts.approve(award.event, award.award.id, FINAL, ANA, root)
    with pytest.raises(AwardRefused, match="nothing is counted"):
        await award.awards.settling.result(award.event, award.award.id)
    with pytest.raises(AwardRefused, match="has approved"):
        await award.awards.acts.approve(award.event, award.award.id, FINAL, ANA, root)
    await award.awards.acts.approve(award.event, award.award.id, FINAL, BEN, root)

    assert (await award.run()).round(FINAL).state is RoundState.SEALED
    assert (await _result(award)).winners == ("a",)


async def test_a_voided_ballot_counts_nothing_once_two_have_signed(award: Prize) -> None:
    await award.load_codes()
    await award.hold_jury()
    await award.awards.acts.open(award.event, award.award.id, FINAL, "moderator")
    run, paper = await award.run(), award.paper("b")
    await award.awards.casting.by_code(award.event, award.award, run, award.tokens[0], paper)
    await award.vote(1, "a")
    acts, here = award.awards.acts, (award.event, award.award.id)

    with pytest.raises(AwardRefused, match="no ballot has this receipt"):
        await acts.propose(*here, ProposalKind.VOID, "zzzzzzzzzzzz", "Lost badge", ANA, "scrutineer:ana")
    await acts.propose(*here, ProposalKind.VOID, paper.receipt, "Lost badge", ANA, "scrutineer:ana")
    assert (await award.run()).voided == ()
    await acts.sign(*here, (await award.run()).proposals[0].id, BEN)
    await acts.close(*here, FINAL, "moderator")
    await award.approve(FINAL)

    result = await _result(award)
    assert (result.winners, result.rounds[FINAL].ballots) == (("a",), 1)
    entry = next(e for e in await award.awards.log(*here) if e.type is EntryType.VOIDED)
    assert entry.body == {"receipt": paper.receipt, "reason": "Lost badge", "by": ["ana", "ben"]}


async def test_a_tie_goes_to_a_run_off_of_the_same_electorate(tmp_path: Path) -> None:
    ladder = ("chair", "shared")
    award = await Prize.set_up(
        MemoryStore(), tmp_path, prize(decision=Decision(blend=Blend.AUDIENCE, ladder=ladder))
    )
    await award.load_codes()
    await award.hold_jury()
    await award.hold_vote("a", "b")
    acts, here = award.awards.acts, (award.event, award.award.id)
    assert (await _result(award)).kind is AwardKind.UNDECIDED

    with pytest.raises(AwardRefused, match="not decided yet"):
        await acts.step(*here, "moderator", seen=0)
    runoff = await acts.runoff(*here, "moderator")
    await award.hold_vote("b", "b", "a", round_id=runoff)

    assert (await _result(award)).winners == ("b",)
    await _reveal(award)


async def _stop_inside_a_runoff(held: Prize, monkeypatch: pytest.MonkeyPatch) -> RoundId:
    """A tie, and a server that stops once its run-off is committed and before anybody has a code for it."""
    await held.load_codes()
    await held.hold_jury()
    await held.hold_vote("a", "b")

    async def stops(*args: object, **words: object) -> None:
        raise StoreUnavailable("stopped")

    with monkeypatch.context() as patched, pytest.raises(StoreUnavailable):
        patched.setattr(held.awards.box, "load_register", stops)
        await held.awards.acts.runoff(held.event, held.award.id, "moderator")
    (runoff,) = (await held.run()).runoffs
    assert not await held.awards.box.register(held.at(runoff))
    return runoff


@pytest.fixture
async def tied(tmp_path: Path) -> Prize:
    decision = Decision(blend=Blend.AUDIENCE, ladder=("chair", "shared"))
    return await Prize.set_up(MemoryStore(), tmp_path, prize(decision=decision))


async def test_a_runoff_broken_off_before_its_codes_gets_them_by_the_chores(
    tied: Prize, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runoff = await _stop_inside_a_runoff(tied, monkeypatch)
    again = Awards(tied.store, tmp_path, CODE_KEY)

    await AwardChores(again).look(tied.event, tied.award, await tied.run())

    vote = await again.box.register_lines(tied.at(FINAL))
    assert vote and await again.box.register_lines(tied.at(runoff)) == vote


async def test_a_runoff_broken_off_before_its_codes_can_be_opened_at_once(
    tied: Prize, monkeypatch: pytest.MonkeyPatch
) -> None:
    runoff = await _stop_inside_a_runoff(tied, monkeypatch)

    await tied.hold_vote("b", "b", "a", round_id=runoff)

    assert (await _result(tied)).winners == ("b",)


async def test_the_chair_decides_only_between_those_who_are_tied(tmp_path: Path) -> None:
    decision = Decision(blend=Blend.AUDIENCE, ladder=("chair", "shared"))
    award = await Prize.set_up(MemoryStore(), tmp_path, prize(decision=decision))
    await award.load_codes()
    await award.hold_jury()
    await award.hold_vote("a", "b")
    acts, here = award.awards.acts, (award.event, award.award.id)

    with pytest.raises(AwardRefused, match="only between those"):
        await acts.chair(*here, CandidateId("c"), "moderator")
    await acts.chair(*here, CandidateId("b"), "moderator")

    assert (await _result(award)).winners == ("b",)


async def test_a_checkpoint_pins_down_new_ballots_once(award: Prize) -> None:
    await award.load_codes()
    await award.hold_jury()
    await award.awards.acts.open(award.event, award.award.id, FINAL, "moderator")
    await award.vote(0, "a")
    await award.vote(1, "b")
    settling, here = award.awards.settling, (award.event, award.award.id, FINAL)

    assert not await settling.checkpoint(*here, 3)
    assert await settling.checkpoint(*here, 2)
    assert not await settling.checkpoint(*here, 1)

    head = await award.awards.head(award.event, award.award.id)
    assert head is not None and (head.count, len(head.words)) == (2, 8)
