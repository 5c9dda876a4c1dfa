"""Places and ties. A tie is a result: equal counts share a place, and nothing here breaks one."""

from collections.abc import Sequence


def places(counts: Sequence[int]) -> list[int | None]:
    """The place of each count, 1 for the largest; equal counts share theirs and the next ones are left out.

    Standard competition ranking: 9, 7, 7, 2 gives 1, 2, 2, 4. A count of zero has no place (None).
    """
    first: dict[int, int] = {}
    for place, count in enumerate(sorted(counts, reverse=True), start=1):
        first.setdefault(count, place)
    return [first[count] if count > 0 else None for count in counts]


def tie_groups(counts: Sequence[int]) -> list[list[int]]:
    """The positions of counts that are equal and above zero, larger counts first, positions ascending."""
    by_count: dict[int, list[int]] = {}
    for position, count in enumerate(counts):
        if count > 0:
            by_count.setdefault(count, []).append(position)
    return [by_count[count] for count in sorted(by_count, reverse=True) if len(by_count[count]) > 1]


def leaders(counts: Sequence[int]) -> list[int]:
    """The positions of the largest count, all of them; empty when no count is above zero."""
    return [position for position, place in enumerate(places(counts)) if place == 1]
