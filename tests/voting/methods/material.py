"""Elections to test with: published ones, and random ones for laws."""

from collections.abc import Mapping
from fractions import Fraction

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from voting.count_outcome import CountOutcome
from voting.methods import METHODS, count
from voting.rankings import Profile, Ranking, profile_of
from voting.rulebook import Duplicates, Overvote, Rulebook, Unranked

law = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

many = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])

RANKED = [name for name, method in METHODS.items() if not method.marks]
PAIRWISE = [name for name, method in METHODS.items() if "implicit_ranking" in method.uses]


def election(**ballots: int) -> Profile:
    """A profile in which single letters are candidates: election(A_BC=5) has five ballots A>B=C.

    "_" parts ranks; ballots of letters without "_" are strict: election(ABC=5) is A>B>C.
    """
    canonical: dict[str, int] = {}
    for text, number in ballots.items():
        ranks = text.split("_") if "_" in text else list(text)
        canonical[">".join("=".join(sorted(rank)) for rank in ranks)] = number
    options = sorted({letter for text in ballots for letter in text if letter != "_"})
    return profile_of(options, canonical)


def counted(profile: Profile, method: str, **rules: object) -> CountOutcome:
    return count(profile, Rulebook(method=method, **rules))  # type: ignore[arg-type]


def scores(outcome: CountOutcome) -> dict[str, Fraction]:
    return dict(outcome.scores)


def named(**figures: object) -> dict[str, Fraction]:
    return {name: Fraction(str(figure)) for name, figure in figures.items()}


TENNESSEE = profile_of(
    ["Memphis", "Nashville", "Chattanooga", "Knoxville"],
    {
        "Memphis>Nashville>Chattanooga>Knoxville": 42,
        "Nashville>Chattanooga>Knoxville>Memphis": 26,
        "Chattanooga>Knoxville>Nashville>Memphis": 15,
        "Knoxville>Chattanooga>Nashville>Memphis": 17,
    },
)
"""The capital of Tennessee, https://en.wikipedia.org/wiki/Condorcet_method and its sister pages."""

SCHULZE_45 = election(ACBED=5, ADECB=5, BEDAC=8, CABED=3, CAEBD=7, CBADE=2, DCEBA=7, EBADC=8)
"""The example with 45 voters of https://en.wikipedia.org/wiki/Schulze_method."""


@st.composite
def rankings(draw: st.DrawFn, size: int, ties: bool = True, as_marked: bool = False) -> Ranking:
    order = draw(st.permutations(range(size)))
    kept = order[: draw(st.integers(0, size))]
    ranks: list[tuple[int, ...]] = []
    for candidate in kept:
        if ties and ranks and ranks[-1] and ranks[-1] != (-1,) and draw(st.integers(0, 3)) == 0:
            ranks[-1] = tuple(sorted((*ranks[-1], candidate)))
        else:
            ranks.append((candidate,))
        if as_marked and draw(st.integers(0, 4)) == 0:
            ranks.append(draw(st.sampled_from([(), (), (-1,), (draw(st.integers(0, size - 1)),)])))
    return tuple(ranks)


@st.composite
def profiles(
    draw: st.DrawFn, ties: bool = True, as_marked: bool = False, least: int = 1, most: int = 5
) -> Profile:
    size = draw(st.integers(least, most))
    ballots = draw(
        st.dictionaries(rankings(size, ties, as_marked), st.integers(1, 6), min_size=0, max_size=8)
    )
    return Profile(candidates=tuple("ABCDEFG"[:size]), ballots=ballots)


@st.composite
def mark_profiles(draw: st.DrawFn) -> Profile:
    size = draw(st.integers(1, 4))
    ballot = st.dictionaries(st.integers(0, size - 1), st.integers(-2, 5)).map(
        lambda marks: tuple(sorted(marks.items()))
    )
    ballots: Mapping[Ranking, int] = draw(st.dictionaries(ballot, st.integers(1, 6), max_size=6))
    return Profile(candidates=tuple("ABCD"[:size]), ballots=ballots, marks=True)


def profiles_for(method: str) -> st.SearchStrategy[Profile]:
    if METHODS[method].marks:
        return mark_profiles()
    return profiles(as_marked=METHODS[method].as_marked)


@st.composite
def rulebooks(draw: st.DrawFn, method: str) -> Rulebook:
    return Rulebook(
        method=method,
        unranked=draw(st.sampled_from(Unranked)),
        implicit_ranking=draw(st.booleans()),
        # Unknown overvotes cannot be read under the third rule of RCTab: tested by itself.
        overvote=draw(
            st.sampled_from([rule for rule in Overvote if rule is not Overvote.EXHAUST_IF_MULTIPLE])
        ),
        skips=draw(st.sampled_from([None, 0, 1])),
        duplicates=draw(st.sampled_from(Duplicates)),
    )
