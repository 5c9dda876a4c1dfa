"""Counts of hands and paper ballots: one person names the figures, a second one the same, then they count.

Between the two nothing but a mark of the figures is kept, so that no total stands anywhere before the seal.
"""

from dataclasses import replace
from typing import NamedTuple

from polls.award.life import AwardRun, HandCount, RoundState, round_of
from polls.award.model import Award, ClassId, RoundId, VoteRound
from polls.errors import AwardRefused

CHANNELS = ("hands", "paper")
"""The channels that are counted by people."""

COUNT = "count"
"""What is refused, as AwardRefused names it."""


class Place(NamedTuple):
    """Which count: round, channel (hands, paper) and class."""

    round: str
    channel: str
    voter_class: str


def place_of(count: HandCount) -> Place:
    return Place(count.round, count.channel, count.voter_class)


def named(place: Place, mark: str, who: str, actor: str) -> HandCount:
    """What one person says of a count: the mark of the figures, the own name, the part they act in."""
    return HandCount(
        round=RoundId(place.round),
        channel=place.channel,
        voter_class=ClassId(place.voter_class),
        mark=mark,
        actor=actor,
        by=(who.strip(),),
    )


def find(run: AwardRun, place: Place) -> HandCount | None:
    """The count of a round, channel and class that waits."""
    return next((one for one in run.counts if place_of(one) == place), None)


def name_first(award: Award, run: AwardRun, new: HandCount) -> AwardRun:
    """The award with a count that waits for its second person; it replaces one that nobody has confirmed."""
    state = _demand_open(award, run, place_of(new))
    if new.by == ("",):
        raise AwardRefused(state, COUNT, "say who has counted: the public record names both people")
    old = find(run, place_of(new))
    if old is not None and len(old.by) > 1:
        raise AwardRefused(state, COUNT, "this count is confirmed already, and stands")
    return replace(run, counts=(*(one for one in run.counts if one is not old), new))


def name_second(award: Award, run: AwardRun, new: HandCount) -> AwardRun:
    """The award with a count that two different people have named; the same again changes nothing."""
    state = _demand_open(award, run, place_of(new))
    old = find(run, place_of(new))
    if old is None:
        raise AwardRefused(state, COUNT, "nobody has entered this count yet; the first person begins")
    if old.mark != new.mark:
        raise AwardRefused(
            state, COUNT, "these are not the figures of the first person; count together once more"
        )
    if len(old.by) > 1:
        return run  # named twice already, and what followed was broken off
    (who,) = new.by
    if who in ("", *old.by) or new.actor == old.actor:
        raise AwardRefused(
            state, COUNT, "two different people must name the figures, each from the own link and by name"
        )
    return _with(run, old, replace(old, by=(*old.by, who)))


def unname(run: AwardRun, place: Place) -> AwardRun:
    """The award without the second name of a count that the box did not take."""
    old = find(run, place)
    return run if old is None else _with(run, old, replace(old, by=old.by[:1]))


def done(run: AwardRun, place: Place) -> AwardRun:
    """The award without a count that is in the box."""
    old = find(run, place)
    return run if old is None else replace(run, counts=tuple(one for one in run.counts if one is not old))


def _with(run: AwardRun, old: HandCount, new: HandCount) -> AwardRun:
    return replace(run, counts=tuple(new if one is old else one for one in run.counts))


def _demand_open(award: Award, run: AwardRun, place: Place) -> str:
    rules, state = round_of(award, run, place.round), run.round(place.round).state
    if not isinstance(rules, VoteRound) or place.channel not in CHANNELS:
        raise AwardRefused("gone", COUNT, "this award has no such vote or channel")
    if place.voter_class not in {one.id for one in rules.classes}:
        raise AwardRefused(state, COUNT, "the rules have no such class")
    if state is not RoundState.OPEN:
        raise AwardRefused(state, COUNT, "counts are entered while the vote is open")
    return state
