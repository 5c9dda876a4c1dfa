"""From a poll and its tally to the Result that every face draws."""

from collections.abc import Mapping, Sequence

from polls.model import Poll, PollKind, SegmentId
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
    """The Result of a tally: everyone's, and each segment's beside it when the poll shows them so.

    `segments` are the event's, in its order; they are the groups unless the poll names its own.
    `epoch` and `offset` say which state of the store the tally is of. The order of the tally's
    entries never matters. Groups that are too small are hidden, see `hidden_groups`.

    Raises ValueError when the tally holds ballots that cannot be of this poll.
    """
    by_segment: dict[str, dict[str, int]] = {}
    everyone: dict[str, int] = {}
    for entry, count in tally.items():
        of_segment = by_segment.setdefault(entry.segment, {})
        of_segment[entry.canonical] = of_segment.get(entry.canonical, 0) + count
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

    if not poll.side_by_side:
        return result(everyone)
    shown_beside = poll.segments or tuple(segments)
    casts = {segment: sum(by_segment.get(segment, {}).values()) for segment in shown_beside}
    hidden = hidden_groups(casts, sum(everyone.values()), poll.min_group)
    groups = tuple(
        GroupResult(
            segment=segment,
            cast=cast,
            result=None if segment in hidden else result(by_segment.get(segment, {})),
        )
        for segment, cast in casts.items()
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
    order), until what is left over holds at least `min_group` ballots. People of no shown group are
    part of what is left over and help to hide it. A group without ballots gives nothing away.

    Everyone's own result is not hidden by this rule, however few they are.
    """
    hidden = {segment for segment, cast in casts.items() if cast < min_group}
    if not any(casts[segment] for segment in hidden):
        return frozenset(hidden)
    left_over = total - sum(cast for segment, cast in casts.items() if segment not in hidden)
    smallest_first = sorted((cast, -place, segment) for place, (segment, cast) in enumerate(casts.items()))
    for cast, _, segment in smallest_first:
        if left_over >= min_group:
            break
        if segment not in hidden:
            hidden.add(segment)
            left_over += cast
    return frozenset(hidden)
