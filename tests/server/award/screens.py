"""An award on the screens of a running server, and people who bring it on."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from polls.award.model import Blend, Decision
from polls.model import EventId, RoomId
from server import moderation
from server.eventyaml import read_event
from server.loading import load_event
from tests.conftest import EXAMPLE, Running, fresh
from tests.polls import award_sample
from tests.polls.award_sample import FINAL
from tests.server.award.hall import Prize, prize

NAMES = dict(zip("abcd", award_sample.NAMES, strict=True))
VOTES = ("a", "a", "a", "a", "b", "b", "b")


@asynccontextmanager
async def prize_on_stage(running: Running, tmp_path: Path, **changes: object) -> AsyncIterator[Prize]:
    """An event whose award is in front of the main room, its codes loaded."""
    named = tuple(award_sample.candidate(one, name) for one, name in NAMES.items())
    award = prize(**{"candidates": named, "checkpoint_s": 600, "checkpoint_min": 500, **changes})
    if "decision" not in changes:
        award = dataclasses.replace(award, decision=Decision(blend=Blend.AUDIENCE, ladder=("shared",)))
    (jury,) = award.jury
    jurors = tuple(dataclasses.replace(one, chair=one.id == "j1") for one in jury.jurors)
    award = dataclasses.replace(award, jury=(dataclasses.replace(jury, jurors=jurors),))
    example = read_event(EXAMPLE.read_text(encoding="utf-8"))
    event = fresh(dataclasses.replace(example, segments=(), sessions=(), awards=()))
    session = dataclasses.replace(example.sessions[0], polls=())
    event = dataclasses.replace(event, sessions=(session,), awards=(award,))
    await load_event(running.store, event, actor="test")
    held = Prize(running.store, event.id, award, tmp_path)
    held.awards = running.context.awards
    await held.load_codes()
    await moderation.show(running.store, event.id, "test", RoomId(""), None, award.id)
    yield held
    await running.store.delete_event(EventId(event.id))


async def hold_all(held: Prize) -> None:
    """Freeze, judge, vote and seal."""
    await held.hold_jury()
    await held.hold_vote(*VOTES, round_id=FINAL)
