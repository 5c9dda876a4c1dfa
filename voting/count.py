"""From a poll and its tally to the Result that every face draws."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from polls.model import EVERYONE_ELSE, Poll, SegmentId
from voting.pollrules import METHOD_OF_KIND, rules_of
from voting.result import GroupResult, Method, Result, Tally
from voting.rulebook import fingerprint
from voting.tally import METHODS, Parts


def method_of(poll: Poll) -> Method:
    """The method by which a poll of this kind is counted."""
    return METHOD_OF_KIND[poll.kind]


def count_poll(
    poll: Poll,
    tally: Tally,
    *,
    round: int,
    segments: Sequence[SegmentId] = (),
    epoch: str = "",
    offset: int = 0,
) -> Result:
    """The Result of a tally: everyone's, and each group's beside it when the poll has groups.

    `segments` are the event's, in its order; see Poll.groups.
    `epoch` and `offset` say which state of the store the tally is of. The order of the tally's
    entries never matters. Groups that are too small are hidden, see `hidden_groups`.

    Raises ValueError when the tally holds ballots that cannot be of this poll.
    """
    everyone: dict[str, int] = {}
    for entry, count in tally.items():
        everyone[entry.canonical] = everyone.get(entry.canonical, 0) + count
    by_group: dict[SegmentId, dict[str, int]] = {name: {} for name in poll.groups(segments)}
    for entry, count in tally.items():
        name = group_of(entry.segment, by_group)
        if name is not None:
            ballots = by_group[name]
            ballots[entry.canonical] = ballots.get(entry.canonical, 0) + count
    counter = METHODS[method_of(poll)]
    casts = {name: sum(ballots.values()) for name, ballots in by_group.items()}
    hidden = hidden_groups(casts, sum(everyone.values()), poll.min_group)
    parts = {name: None if name in hidden else counter(poll, by_group[name]) for name in casts}
    return assemble(poll, counter(poll, everyone), parts, casts, Reading(round, epoch, offset))


class Reading(NamedTuple):
    """Which round and which state of the store a count is of."""

    round: int
    epoch: str = ""
    offset: int = 0


def group_of(segment: str, names: Mapping[SegmentId, object]) -> SegmentId | None:
    """The group among `names` in which ballots of a segment count; None when they are in no group.

    Who is in no named segment is everyone else, if that is a group; EACH leaves out who has chosen none.
    """
    name = SegmentId(segment)
    found = name if name in names else EVERYONE_ELSE
    return found if found in names else None


def assemble(
    poll: Poll,
    everyone: Parts,
    groups: Mapping[SegmentId, Parts | None],
    casts: Mapping[SegmentId, int],
    reading: Reading,
) -> Result:
    """The Result of counted parts: everyone's, and those of each group (None: hidden), which has so many
    ballots as `casts` says."""
    rules = rules_of(poll)
    rules_hash = fingerprint(dict(rules))

    def result(counted: Parts, groups: tuple[GroupResult, ...] = ()) -> Result:
        return Result(
            poll=poll.id,
            round=reading.round,
            method=method_of(poll),
            base=counted.base,
            n=counted.n,
            cast=counted.cast,
            abstained=counted.abstained,
            rounding=counted.rounding,
            options=counted.options,
            outcome=counted.outcome,
            ties=counted.ties,
            mean=counted.mean,
            scores=counted.scores,
            rounds=counted.rounds,
            ties_met=counted.ties_met,
            by_rules=counted.by_rules,
            rulebook=rules,
            rules_hash=rules_hash,
            groups=groups,
            epoch=reading.epoch,
            offset=reading.offset,
        )

    return result(
        everyone,
        tuple(
            GroupResult(segment=name, cast=casts[name], result=None if counted is None else result(counted))
            for name, counted in groups.items()
        ),
    )


def hidden_groups(casts: Mapping[SegmentId, int], total: int, min_group: int) -> frozenset[SegmentId]:
    """The groups whose own result is not shown, given each group's ballots and those of everyone.

    A group with fewer than `min_group` ballots is hidden: in a group of three, "33 %" points at a
    person. That alone is not enough, because everyone's result stands beside the groups: whoever
    takes the shown groups away from it is left with the sum of all that is hidden, and if that sum
    is one small group, or several tiny ones, it was not hidden at all (complementary disclosure,
    as official statistics call it: https://en.wikipedia.org/wiki/Statistical_disclosure_control).
    So the next smallest groups are hidden too, one by one (of equal ones the later in the poll's
    order), until what is left over holds at least `min_group` ballots, or nothing. People of no shown
    group are part of what is left over, help to hide it, and are themselves hidden by it.

    Everyone's own result is not hidden by this rule, however few they are.
    """
    hidden = {segment for segment, cast in casts.items() if cast < min_group}
    left_over = total - sum(cast for segment, cast in casts.items() if segment not in hidden)
    smallest_first = sorted((cast, -place, segment) for place, (segment, cast) in enumerate(casts.items()))
    for cast, _, segment in smallest_first:
        if left_over == 0 or left_over >= min_group:
            break
        if segment not in hidden:
            hidden.add(segment)
            left_over += cast
    return frozenset(hidden)


def unnamed_segments(result: Result, sizes: Mapping[SegmentId, int], min_group: int) -> frozenset[SegmentId]:
    """The segments that single ballots may not name, where `result` is shown beside those ballots.

    `sizes` are the ballots of each segment. Within every group that `result` shows, and within all that
    it does not show taken together, what is left unnamed follows `hidden_groups`: whoever takes the
    named ballots away from a shown group is not left with a small segment.
    """
    shown = {group.segment for group in result.groups if group.result is not None}
    hidden = {group.segment for group in result.groups if group.result is None}
    blocks: dict[SegmentId | None, dict[SegmentId, int]] = {}
    for segment, size in sizes.items():
        group = segment if segment in shown | hidden else EVERYONE_ELSE
        blocks.setdefault(group if group in shown else None, {})[segment] = size
    if len(sizes) < 2:
        return frozenset()  # one segment alone says nothing about anybody
    return frozenset().union(
        *(hidden_groups(block, sum(block.values()), min_group) for block in blocks.values())
    )
