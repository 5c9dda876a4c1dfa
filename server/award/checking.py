"""A scrutineer's recount of a sealed round: the box as it lies in the store against what was approved.

It says what is whole and what is not, never how anybody stands.
"""

import json
from collections import Counter
from dataclasses import dataclass

from polls.award.life import AwardRun, RoundState, round_ids, round_of
from polls.award.model import Award, JuryRound, RoundId
from polls.errors import AwardRefused
from polls.model import EventId
from server.award.awards import Awards
from voting.award.boxhash import leaf_of, root_of
from voting.award.ports import CODE, At
from voting.canonical import sha256_hex
from voting.record.log import EntryType


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: `key` names it, `n` and `of` are the numbers that were compared."""

    key: str
    is_sound: bool
    n: int = 0
    of: int = 0


async def check_round(
    awards: Awards, event: EventId, award: Award, run: AwardRun, round_id: RoundId
) -> tuple[Check, ...]:
    """Read a sealed round's box again and compare everything that can be compared.

    Raises AwardRefused before the seal.
    """
    stands, rules = run.round(round_id), round_of(award, run, round_id)
    if rules is None or stands.state is not RoundState.SEALED:
        raise AwardRefused(stands.state, "recount", "a box is recounted once it is sealed")
    at = At(event, award.id, round_id)
    box = await awards.box.read_box(at)
    texts = {**box.ballots, **box.sheets}
    whole = sum(leaf_of(text) == leaf for leaf, text in texts.items())
    found = [
        Check(
            key="leaves",
            is_sound=whole == len(texts) and sorted(box.leaves) == sorted(texts),
            n=whole,
            of=len(box.leaves),
        ),
        Check(key="root", is_sound=root_of(box.leaves) == stands.box_hash == box.box_hash),
        Check(
            key="approvals",
            is_sound=len(stands.approved_by) >= (award.approvals if award.scrutineers else 1),
            n=len(stands.approved_by),
        ),
    ]
    closed = next(
        entry.body["count"]
        for entry in reversed(await awards.log(event, award.id))
        if entry.type is EntryType.CLOSE and entry.body["round"] == round_id
    )
    assert isinstance(closed, int)
    if isinstance(rules, JuryRound):
        found.append(Check(key="sheets", is_sound=len(texts) == closed, n=len(texts), of=closed))
        return tuple(found)
    found.append(Check(key="count", is_sound=len(texts) == closed, n=len(texts), of=closed))
    lines = [json.loads(text) for text in box.ballots.values()]
    by_code = sum(line["channel"] == CODE for line in lines)
    turnout = await awards.box.turnout(at)
    told = Counter({(name, by): n for name, of_class in turnout.items() for by, n in of_class.cast.items()})
    held = Counter((line["class"], line["channel"]) for line in lines)
    found.append(Check(key="turnout", is_sound=+told == held, n=held.total(), of=told.total()))
    register = await awards.box.register(at)
    if register:
        is_sound = len(box.spent) == by_code and set(box.spent) <= register.keys()
        found.append(Check(key="spent", is_sound=is_sound, n=len(box.spent), of=by_code))
    return tuple(found)


async def check_result(awards: Awards, event: EventId, award: Award, run: AwardRun) -> Check | None:
    """Count all boxes anew and compare with the result that was logged at the last step of the reveal.

    None before that.
    """
    if not run.revealed:
        return None
    log = await awards.log(event, award.id)
    logged = next(entry.body["result_hash"] for entry in reversed(log) if entry.type is EntryType.RESULT)
    _, result = await awards.settling.count(event, award, run)
    return Check(key="result", is_sound=sha256_hex(result.as_dict()) == logged, n=len(round_ids(award, run)))
