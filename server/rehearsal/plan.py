"""Who of N simulated voters answers what, so that published figures come out, or an even spread does."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

from voting.percent import largest_remainder


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A poll as the rehearsal needs to know it. `percent` and `order` are published figures by option id."""

    poll: str
    options: tuple[str, ...]
    max_selections: int = 1
    percent: tuple[tuple[str, int], ...] = ()
    order: tuple[str, ...] = ()
    not_selected: tuple[str, ...] = ()
    is_ranking: bool = False


def choices(asked: Asked, voters: int, *, follow: bool) -> list[tuple[str, ...]]:
    """What each of `voters` voters selects; an empty tuple means that this voter does not answer.

    With `follow` the published figures come out exactly where `voters` can give them; where not, the
    largest number of voters that can answers and the rest stay away.
    """
    if asked.is_ranking:
        return rankings(asked, voters)
    if follow and asked.percent:
        counts = counts_for_percent([share for _, share in asked.percent], voters)
        return deal(
            [(option, count) for (option, _), count in zip(asked.percent, counts, strict=True)], voters, 1
        )
    if follow and asked.order:
        return deal(counts_for_order(asked, voters), voters, asked.max_selections)
    return spread(asked, voters)


def counts_for_percent(published: Sequence[int], voters: int) -> list[int]:
    """Counts that read as the published whole percentages under largest remainder, for as many voters as
    possible; the nearest counts for all of them when no number of voters up to `voters` gives the figures."""
    for total in range(voters, 0, -1):
        counts = apportion(published, total)
        if counts is not None and largest_remainder(counts) == list(published):
            return counts
    return apportion(published, voters) or [0] * len(published)


def apportion(shares: Sequence[int], total: int) -> list[int] | None:
    """`total` split in proportion to `shares`, by largest remainder; None when the shares sum to nothing."""
    whole = sum(shares)
    if whole == 0:
        return None
    exact = [Fraction(share * total, whole) for share in shares]
    counts = [int(one) for one in exact]
    by_rest = sorted(range(len(shares)), key=lambda i: (counts[i] - exact[i], -shares[i], i))
    for i in by_rest[: total - sum(counts)]:
        counts[i] += 1
    return counts


def counts_for_order(asked: Asked, voters: int) -> list[tuple[str, int]]:
    """Falling counts in the published order; options that the order leaves out share what is below it."""
    named = [option for option in asked.order if option in asked.options]
    rest = [option for option in asked.options if option not in named and option not in asked.not_selected]
    steps = len(named) + (1 if rest else 0)
    weights = [(option, steps - place) for place, option in enumerate(named)]
    weights += [(option, steps - len(named)) for option in rest]
    in_all = sum(weight for _, weight in weights)
    # Nobody can be selected by more voters than there are, and all together no more often than allowed.
    unit = min(Fraction(asked.max_selections * voters, in_all), Fraction(voters, steps))
    counts = [(option, int(unit * weight)) for option, weight in weights]
    if asked.max_selections == 1 and named and not rest:
        left = voters - sum(count for _, count in counts)
        counts[0] = (counts[0][0], counts[0][1] + left)
    return counts


def deal(counts: Sequence[tuple[str, int]], voters: int, most: int) -> list[tuple[str, ...]]:
    """Give every option its count, to voters in turn: nobody gets one twice, nor more than `most` in all.

    Counts above `voters`, and what exceeds `most` each, would not fit and must not be asked for.
    """
    hands: list[list[str]] = [[] for _ in range(voters)]
    place = 0
    for option, count in counts:
        for _ in range(count):
            hands[place % voters].append(option)
            place += 1
    if any(len(hand) > most or len(set(hand)) < len(hand) for hand in hands):
        raise ValueError("more selections than the voters have")
    return [tuple(hand) for hand in hands]


def spread(asked: Asked, voters: int) -> list[tuple[str, ...]]:
    """Answers that lean to the first options, so that a chart has something to show."""
    options = asked.options
    leaning = [option for place, option in enumerate(options) for _ in range(len(options) - place)]
    hands = []
    for voter in range(voters):
        wanted = 1 + voter % asked.max_selections
        hand: list[str] = []
        for step in range(len(leaning)):
            option = leaning[(voter * 7 + step * (len(options) + 1)) % len(leaning)]
            if option not in hand:
                hand.append(option)
            if len(hand) == wanted:
                break
        hands.append(tuple(hand))
    return hands


def rankings(asked: Asked, voters: int) -> list[tuple[str, ...]]:
    """Orders that lean to the first options and are nearly all different; every third one is short.

    What voters do in a hall cannot be taken from published figures of a preference poll, so there is
    nothing to follow.
    """
    hands = []
    for voter in range(voters):
        wanted = asked.max_selections if voter % 3 else 1 + voter // 3 % asked.max_selections
        left, hand = list(asked.options), []
        number = (voter + 1) * 2654435761 % 2**32  # Knuth's multiplicative hash: even, and always the same
        for _ in range(wanted):
            number = (number * 1103515245 + 12345) % 2**31
            one, other = (number >> 16) % len(left), (number >> 8) % len(left)
            hand.append(left.pop(min(one, other)))
        hands.append(tuple(hand))
    return hands


def mixed(voters: int) -> list[int]:
    """A turn for each voter, each turn once, so that alike answers do not come in one after the other."""
    step = next(step for step in range(max(1, voters * 5 // 8), 2 * voters + 2) if gcd(step, voters) == 1)
    return [voter * step % voters for voter in range(voters)]
