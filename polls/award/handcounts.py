"""Counts of hands and paper ballots: one person names the figures, a second one the same, then they count.

Between the two nothing but a mark of the figures is kept, so that no total stands anywhere before the seal.
"""

from dataclasses import replace

from polls.award.life import AwardRun, HandCount, RoundState, round_of
from polls.award.model import Award, ClassId, RoundId, VoteRound
from polls.errors import AwardRefused

CHANNELS = ("hands", "paper")
"""The channels that are counted by people."""

COUNT = "count"
"""What is refused, as AwardRefused names it."""


def find(run: AwardRun, round_id: str, channel: str, voter_class: str) -> HandCount | None:
    """The count of a round, channel and class that waits."""
    key = (round_id, channel, voter_class)
    return next((one for one in run.counts if (one.round, one.channel, one.voter_class) == key), None)


def name_first(
    award: Award,
    run: AwardRun,
    round_id: str,
    channel: str,
    voter_class: str,
    mark: str,
    who: str,
    actor: str,
) -> AwardRun:
    """The award with a count that waits for its second person; it replaces one that nobody has confirmed."""
    state = _demand_open(award, run, round_id, channel, voter_class)
    if not who.strip():
        raise AwardRefused(state, COUNT, "say who has counted: the public record names both people")
    old = find(run, round_id, channel, voter_class)
    if old is not None and len(old.by) > 1:
        raise AwardRefused(state, COUNT, "this count is confirmed already, and stands")
    new = HandCount(
        round=RoundId(round_id),
        channel=channel,
        voter_class=ClassId(voter_class),
        mark=mark,
        actor=actor,
        by=(who.strip(),),
    )
    return replace(run, counts=(*(one for one in run.counts if one is not old), new))


def name_second(
    award: Award,
    run: AwardRun,
    round_id: str,
    channel: str,
    voter_class: str,
    mark: str,
    who: str,
    actor: str,
) -> AwardRun:
    """The award with a count that two different people have named; the same again changes nothing."""
    state = _demand_open(award, run, round_id, channel, voter_class)
    old = find(run, round_id, channel, voter_class)
    if old is None:
        raise AwardRefused(state, COUNT, "nobody has entered this count yet; the first person begins")
    if old.mark != mark:
        raise AwardRefused(
            state, COUNT, "these are not the figures of the first person; count together once more"
        )
    if len(old.by) > 1:
        return run  # named twice already, and what followed was broken off
    if who.strip() in ("", *old.by) or actor == old.actor:
        raise AwardRefused(
            state, COUNT, "two different people must name the figures, each from the own link and by name"
        )
    return _with(run, old, replace(old, by=(*old.by, who.strip())))


def unname(run: AwardRun, round_id: str, channel: str, voter_class: str) -> AwardRun:
    """The award without the second name of a count that the box did not take."""
    old = find(run, round_id, channel, voter_class)
    return run if old is None else _with(run, old, replace(old, by=old.by[:1]))


def done(run: AwardRun, round_id: str, channel: str, voter_class: str) -> AwardRun:
    """The award without a count that is in the box."""
    old = find(run, round_id, channel, voter_class)
    return run if old is None else replace(run, counts=tuple(one for one in run.counts if one is not old))


def _with(run: AwardRun, old: HandCount, new: HandCount) -> AwardRun:
    return replace(run, counts=tuple(new if one is old else one for one in run.counts))


def _demand_open(award: Award, run: AwardRun, round_id: str, channel: str, voter_class: str) -> str:
    rules, state = round_of(award, run, round_id), run.round(round_id).state
    if not isinstance(rules, VoteRound) or channel not in CHANNELS:
        raise AwardRefused("gone", COUNT, "this award has no such vote or channel")
    if voter_class not in {one.id for one in rules.classes}:
        raise AwardRefused(state, COUNT, "the rules have no such class")
    if state is not RoundState.OPEN:
        raise AwardRefused(state, COUNT, "counts are entered while the vote is open")
    return state
