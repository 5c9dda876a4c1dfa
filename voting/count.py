"""From a poll and its tally to the Result that every face draws."""

from collections.abc import Mapping, Sequence

from polls.model import EVERYONE_ELSE, Poll, PollKind, SegmentId
from voting.result import GroupResult, Method, Result, Tally
from voting.tally import METHODS

_METHOD_OF_KIND: Mapping[PollKind, Method] = {
    PollKind.SINGLE: Method.PLURALITY,
    PollKind.MULTIPLE: Method.MULTIPLE_CHOICE,
    PollKind.RANKED_BY_SELECTION: Method.RANKED_BY_SELECTION,
    PollKind.RATING: Method.RATING_MEAN,
}


def method_of(poll: Poll) -> Method:
    """The method by which a poll of this kind is counted."""
    return _METHOD_OF_KIND[poll.kind]


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

    def result(ballots: Mapping[str, int], groups: tuple[GroupResult, ...] = ()) -> Result:
        counted = METHODS[method_of(poll)](poll, ballots)
        return Result(
            poll=poll.id,
            round=round,
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
            groups=groups,
            epoch=epoch,
            offset=offset,
        )

    names = poll.groups(segments)
    by_group: dict[SegmentId, dict[str, int]] = {name: {} for name in names}
    for entry, count in tally.items():
        name = SegmentId(entry.segment)
        ballots = by_group.get(name if name in by_group else EVERYONE_ELSE)
        if ballots is not None:  # else of no group: EACH leaves out who has chosen no segment
            ballots[entry.canonical] = ballots.get(entry.canonical, 0) + count
    casts = {name: sum(ballots.values()) for name, ballots in by_group.items()}
    hidden = hidden_groups(casts, sum(everyone.values()), poll.min_group)
    groups = tuple(
        GroupResult(segment=name, cast=cast, result=None if name in hidden else result(by_group[name]))
        for name, cast in casts.items()
    )
    return result(everyone, groups)


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
