"""Acts that meet another one halfway: what is decided is decided by the result as it then stands."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from polls.award.life import ProposalKind, phase
from polls.award.model import Blend, Decision
from polls.errors import AwardRefused
from polls.model import EventId
from server.award.settling import Settling, register_body
from server.store.memory import MemoryStore
from tests.polls.award_sample import ANA, BEN, FINAL
from tests.server.award.hall import Prize, prize
from voting.award.codes import token_from, token_hash
from voting.award.counted import AwardResult
from voting.award.ports import At, RegisterLine
from voting.canonical import sha256_hex
from voting.errors import RoundRefused
from voting.record.log import EntryType

LADDER = ("chair", "shared")


async def _sealed(data: Path, *choices: str) -> Prize:
    rules = prize(decision=Decision(blend=Blend.AUDIENCE, ladder=LADDER))
    held = await Prize.set_up(MemoryStore(), data, rules)
    await held.load_codes()
    await held.hold_jury()
    await held.hold_vote(*choices)
    return held


def _meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[object]]) -> None:
    """After the next count of the result, and before what is decided by it is recorded, `act` happens."""
    count = Settling.count

    async def slow(self: Settling, event: EventId, *rest: object) -> tuple[object, AwardResult]:
        counted = await count(self, event, *rest)  # type: ignore[arg-type]
        monkeypatch.setattr(Settling, "count", count)
        await act()
        return counted

    monkeypatch.setattr(Settling, "count", slow)


async def _withdraw(held: Prize, who: str) -> None:
    acts, here = held.awards.acts, (held.event, held.award.id)
    await acts.propose(*here, ProposalKind.WITHDRAW, who, "Left", ANA, "scrutineer:ana")
    await acts.sign(*here, (await held.run()).proposals[0].id, BEN)


async def test_a_reveal_in_one_step_is_of_the_result_that_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await _sealed(tmp_path, "a", "a", "b")
    await _withdraw(held, "b")  # then only one place is left, and its step is the last
    acts, here = held.awards.acts, (held.event, held.award.id)
    _meanwhile(monkeypatch, lambda: _withdraw(held, "a"))

    with pytest.raises(AwardRefused, match="press again"):
        await acts.step(*here, "moderator", seen=0)

    assert phase(held.award, await held.run()) == "sealed"
    await acts.step(*here, "moderator", seen=0)
    _, result = await held.awards.papers_and_result(held.event, held.award, await held.run())
    (logged,) = (e for e in await held.awards.log(*here) if e.type is EntryType.RESULT)
    assert result.kind == "no-valid-votes"
    assert logged.body["result_hash"] == sha256_hex(result.as_dict())


async def test_the_chair_decides_no_tie_that_has_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await _sealed(tmp_path, "a", "b")
    acts, here = held.awards.acts, (held.event, held.award.id)
    _meanwhile(monkeypatch, lambda: _withdraw(held, "b"))

    with pytest.raises(AwardRefused):
        await acts.chair(*here, held.award.candidates[0].id, "juror:j1")

    assert (await held.run()).choices == {}


async def test_a_run_off_is_between_those_who_are_tied_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await _sealed(tmp_path, "a", "b")
    acts, here = held.awards.acts, (held.event, held.award.id)

    async def decide() -> None:
        await acts.chair(*here, held.award.candidates[0].id, "juror:j1")

    _meanwhile(monkeypatch, decide)

    with pytest.raises(AwardRefused):
        await acts.runoff(*here, "moderator")

    assert (await held.run()).runoffs == {}


async def test_what_changes_no_result_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await _sealed(tmp_path, "a", "a", "b")
    acts, here = held.awards.acts, (held.event, held.award.id)

    async def propose() -> None:
        await acts.propose(*here, ProposalKind.WITHDRAW, "d", "Perhaps", ANA, "scrutineer:ana")

    _meanwhile(monkeypatch, propose)
    await acts.step(*here, "moderator", seen=0)

    assert (await held.run()).steps == 1


async def _remake_codes(held: Prize) -> None:
    held.tokens = [token_from(bytes([n]) * 16) for n in range(8)]
    lines = [RegisterLine(token_hash(held.award.id, token), "voters", "") for token in held.tokens]
    await held.awards.box.load_register(held.at(FINAL), lines, replace=True)


async def test_codes_made_anew_while_the_vote_opens_are_those_that_the_log_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The register was read for the log, replaced, and then opened: the record fitted its log no more."""
    held = await Prize.set_up(MemoryStore(), tmp_path, prize())
    await held.load_codes()
    await held.hold_jury()
    box, here = held.awards.box, (held.event, held.award.id)
    register = box.register

    async def slow(at: At) -> object:
        found = await register(at)
        monkeypatch.setattr(box, "register", register)
        await _remake_codes(held)
        return found

    monkeypatch.setattr(box, "register", slow)
    await held.awards.acts.open(*here, FINAL, "moderator")

    (logged,) = (e for e in await held.awards.log(*here) if e.type is EntryType.REGISTER)
    assert logged.body == register_body(FINAL, await box.register(held.at(FINAL)))
    assert await held.vote(0, "a") == "ok"


async def test_codes_are_not_made_anew_once_the_log_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the commit that opens a vote and the opening of its box."""
    held = await Prize.set_up(MemoryStore(), tmp_path, prize())
    await held.load_codes()
    await held.hold_jury()
    settle, refused = Settling.settle, []

    async def slow(self: Settling, *here: object) -> None:
        with pytest.raises(RoundRefused) as error:
            await _remake_codes(held)
        refused.append(error.value.code)
        await settle(self, *here)  # type: ignore[arg-type]

    monkeypatch.setattr(Settling, "settle", slow)
    await held.awards.acts.open(held.event, held.award.id, FINAL, "moderator")

    assert refused == ["opened"]
