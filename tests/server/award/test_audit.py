"""Law 10 for awards: every act of a person is in the audit log once, with its actor, and nothing of votes."""

import json
from pathlib import Path

from polls.award.life import ProposalKind
from polls.award.model import CandidateId
from server.store.memory import MemoryStore
from tests.polls.award_sample import ANA, BEN, FINAL, JURY
from tests.server.award.hall import Prize, prize
from voting.audit import verify


async def test_every_act_of_a_person_is_logged_once_with_its_actor(tmp_path: Path) -> None:
    award = await Prize.set_up(MemoryStore(), tmp_path, prize())
    acts, here = award.awards.acts, (award.event, award.award.id)
    await award.load_codes()
    await award.hold_jury()
    await acts.open(*here, FINAL, "moderator")
    for voter, choice in enumerate("aab"):
        await award.vote(voter, choice)
    await acts.propose(*here, ProposalKind.WITHDRAW, CandidateId("c"), "Withdrew", ANA, f"scrutineer:{ANA}")
    await acts.sign(*here, 1, BEN)
    await acts.close(*here, FINAL, "moderator")
    await award.approve(FINAL)
    await acts.step(*here, "presenter", seen=0)
    await acts.step_back(*here, "presenter")
    await acts.step(*here, "presenter", seen=0)
    await acts.step(*here, "presenter", seen=1)
    await acts.publish(*here, "organiser")
    await acts.correct(*here, "A name was misspelt.", "organiser")

    log = await award.store.audit(award.event)
    snapshot = await award.store.snapshot(award.event)
    assert snapshot is not None and verify(log, snapshot.head) == []
    done = [(entry.actor, entry.action) for entry in log if entry.subject == f"award:{award.award.id}"]
    approvals = [(f"scrutineer:{ANA}", "award_approve"), (f"scrutineer:{BEN}", "award_approve")]
    assert done == [
        ("organiser", "award_freeze"),
        ("moderator", "award_open"),
        ("moderator", "award_close"),
        *approvals,
        ("server", "award_seal"),
        ("moderator", "award_open"),
        (f"scrutineer:{ANA}", "award_propose"),
        (f"scrutineer:{BEN}", "award_sign"),
        ("moderator", "award_close"),
        *approvals,
        ("server", "award_seal"),
        ("presenter", "award_step"),
        ("presenter", "award_back"),
        ("presenter", "award_step"),
        ("presenter", "award_step"),
        ("organiser", "award_publish"),
        ("organiser", "award_correct"),
    ]
    said = json.dumps([dict(entry.body) for entry in log])
    assert not any(token in said for token in award.tokens)
    assert JURY in said
