"""Percentages in whole numbers, from whole numbers: no float is ever made.

Two roundings, for two promises that no single one keeps. Largest remainder sums to 100 but may give
equal counts different figures (1, 1, 1 reads 34, 33, 33). Half up gives equal counts equal figures
but may sum to 99 or 102. Percentage polls use the first, ranked displays, shares of respondents and
votes on people the second; the Result says which.
"""

from collections.abc import Sequence


def largest_remainder(counts: Sequence[int], total: int = 100) -> list[int]:
    """Whole shares of `total` that sum to exactly `total`; all zero when every count is zero.

    Hamilton's method: each count gets its exact share rounded down, and the units left over go one
    each by larger remainder, then larger count, then paper order (the one place where the order of
    options, never of ballots, decides a figure). Each share is within one unit of the exact one, a
    larger count never gets a smaller share, a count of zero gets zero.

    Raises ValueError for a count or total below zero.
    """
    if total < 0 or any(count < 0 for count in counts):
        raise ValueError("counts and total are not below zero")
    whole = sum(counts)
    if whole == 0:
        return [0] * len(counts)
    shares = [total * count // whole for count in counts]
    first = sorted(range(len(counts)), key=lambda i: (-(total * counts[i] % whole), -counts[i], i))
    for i in first[: total - sum(shares)]:
        shares[i] += 1
    return shares


def half_up(count: int, n: int) -> int:
    """`count` as a whole percentage of `n`, halves up: 1 of 8 is 13. Without a base (0 of 0) it is 0.

    Raises ValueError unless 0 <= count <= n.
    """
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is not a share")
    return (200 * count + n) // (2 * n) if n else 0


BLANK = "\u00a0"
"""What stands between a number and its percent sign: a blank at which no line ends."""


def show_percent(count: int, n: int, percent: int) -> str:
    """The percentage of `count` in `n`, rounded to `percent`, as people read it: "35 %", on one line.

    A share that is not zero never reads "0 %" but "<1 %"; one that is not everything never reads
    "100 %" but ">99 %". Raises ValueError unless 0 <= count <= n.
    """
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is not a share")
    if count > 0 and percent <= 0:
        return f"<1{BLANK}%"
    if count < n and percent >= 100:
        return f">99{BLANK}%"
    return f"{percent}{BLANK}%"
