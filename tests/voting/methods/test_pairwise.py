"""Copeland, minimax, Schulze and Condorcet: definitions and published examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.methods.material import (
    PAIRWISE,
    SCHULZE_45,
    TENNESSEE,
    counted,
    election,
    law,
    named,
    profiles,
    scores,
)
from voting.methods.schulze import strongest_paths
from voting.pairwise import PairwiseSums, condorcet_loser, condorcet_winner
from voting.rankings import Profile, profile_of
from voting.result import OutcomeKind
from voting.rulebook import Rung


def sums_of(profile: Profile, implicit: bool = False) -> PairwiseSums:
    sums = PairwiseSums(len(profile.candidates), implicit)
    for ballot, number in profile.ballots.items():
        sums.add(ballot, number)
    return sums


@pytest.mark.parametrize("method", PAIRWISE)
def test_nashville_wins_every_comparison_for_the_capital_of_tennessee(method: str) -> None:
    assert counted(TENNESSEE, method).winners == ("Nashville",)


def test_memphis_loses_every_comparison_for_the_capital_of_tennessee() -> None:
    outcome = counted(TENNESSEE, "condorcet")
    assert (outcome.condorcet_winner, outcome.condorcet_loser) == ("Nashville", "Memphis")
    assert outcome.ranking == (("Nashville",), ("Chattanooga", "Knoxville"), ("Memphis",))
    assert outcome.scores == named(Nashville=3, Chattanooga=2, Knoxville=1, Memphis=0)


def test_copeland_of_tennessee_is_wins_minus_losses() -> None:
    assert scores(counted(TENNESSEE, "copeland")) == named(
        Nashville=3, Chattanooga=1, Knoxville=-1, Memphis=-3
    )


def test_minimax_of_tennessee_is_the_worst_defeat() -> None:
    """https://en.wikipedia.org/wiki/Minimax_Condorcet_method: 0, 68, 83, 58 by winning votes."""
    winning = counted(TENNESSEE, "minimax-winning")
    assert scores(winning) == named(Nashville=0, Chattanooga=68, Knoxville=83, Memphis=58)
    assert winning.ranking == (("Nashville",), ("Memphis",), ("Chattanooga",), ("Knoxville",))
    margins = counted(TENNESSEE, "minimax-margins")
    assert scores(margins) == named(Nashville=-16, Memphis=16, Chattanooga=36, Knoxville=66)


def test_schulze_of_the_45_voters_is_e_a_c_b_d() -> None:
    for method in ("schulze-winning", "schulze-margins"):
        outcome = counted(SCHULZE_45, method)
        assert outcome.ranking == (("E",), ("A",), ("C",), ("B",), ("D",))
        assert scores(outcome) == named(E=4, A=3, C=2, B=1, D=0)


def test_the_strongest_paths_of_the_45_voters_are_the_published_ones() -> None:
    sums = sums_of(SCHULZE_45)
    wins = [[sums.over[x][y] if sums.wins(x, y) else 0 for y in range(5)] for x in range(5)]
    assert wins == [
        [0, 0, 26, 30, 0],
        [25, 0, 0, 33, 0],
        [0, 29, 0, 0, 24],
        [0, 0, 28, 0, 0],
        [23, 27, 0, 31, 0],
    ]
    assert strongest_paths(wins) == [
        [0, 28, 28, 30, 24],
        [25, 0, 28, 33, 24],
        [25, 29, 0, 29, 24],
        [25, 28, 28, 0, 24],
        [25, 28, 28, 31, 0],
    ]


def test_condorcets_paradox_is_undecided_and_shared() -> None:
    cycle = election(ABC=1, BCA=1, CAB=1)
    outcome = counted(cycle, "condorcet")
    assert (outcome.kind, outcome.winners, outcome.ranking) == (OutcomeKind.UNDECIDED, (), (("A", "B", "C"),))
    assert [tie.rungs for tie in outcome.ties] == [(Rung.UNDECIDED,)]
    for method in PAIRWISE:
        if method != "condorcet":
            assert counted(cycle, method).kind is OutcomeKind.SHARED


def test_condorcets_example_of_sixty_voters_has_a_cycle_that_minimax_breaks_at_its_weakest() -> None:
    """Condorcet's Essai: 23 ABC, 17 BCA, 2 BAC, 10 CAB, 8 CBA; A>B 33, B>C 42, C>A 35."""
    profile = election(ABC=23, BCA=17, BAC=2, CAB=10, CBA=8)
    assert counted(profile, "condorcet").kind is OutcomeKind.UNDECIDED
    for method in ("minimax-winning", "minimax-margins", "schulze-winning", "schulze-margins"):
        assert counted(profile, method).winners == ("B",)
    assert scores(counted(profile, "minimax-winning")) == named(B=33, A=35, C=42)
    assert scores(counted(profile, "minimax-margins")) == named(B=6, A=10, C=24)


def test_winning_votes_and_margins_can_elect_different_candidates() -> None:
    profile = profile_of(["A", "B", "C"], {"A>B": 9, "B>C": 7, "C>A": 8, "B>A": 3, "A>C": 1})
    winning, margins = counted(profile, "minimax-winning"), counted(profile, "minimax-margins")
    # A>B 9:3, B>C 7:0, C>A 8:1: the weakest win is B's over C by votes, A's over B by margin.
    assert winning.winners == ("C",)
    assert margins.winners == ("B",)
    assert counted(profile, "schulze-winning").winners == ("C",)
    assert counted(profile, "schulze-margins").winners == ("B",)


def test_unranked_candidates_are_compared_only_under_implicit_ranking() -> None:
    profile = profile_of(["A", "B", "C"], {"A": 3, "B>A": 2})
    assert sums_of(profile).over == [[0, 0, 0], [2, 0, 0], [0, 0, 0]]
    assert sums_of(profile, implicit=True).over == [[0, 3, 5], [2, 0, 2], [0, 0, 0]]
    assert counted(profile, "condorcet").kind is OutcomeKind.UNDECIDED
    assert counted(profile, "condorcet", implicit_ranking=True).winners == ("A",)


@law
@given(profile=profiles(), implicit=st.booleans())
def test_comparisons_are_what_the_definition_says(profile: Profile, implicit: bool) -> None:
    sums = sums_of(profile, implicit)
    size = len(profile.candidates)
    for x in range(size):
        for y in range(size):
            preferring = 0
            for ballot, number in profile.ballots.items():
                place = {c: at for at, rank in enumerate(ballot) for c in rank}
                if x in place and (place.get(y, 99 if implicit else -1) > place[x]):
                    preferring += number
            assert sums.over[x][y] == preferring


@law
@given(profile=profiles(), implicit=st.booleans())
def test_pairwise_scores_are_what_the_definitions_say(profile: Profile, implicit: bool) -> None:
    over = sums_of(profile, implicit).over
    names = profile.candidates
    everyone = range(len(names))
    if not counted(profile, "copeland").valid:
        return
    copeland, winning, margins, wins = {}, {}, {}, {}
    for x in everyone:
        others = [y for y in everyone if y != x]
        won = [y for y in others if over[x][y] > over[y][x]]
        lost = [y for y in others if over[x][y] < over[y][x]]
        wins[names[x]] = len(won)
        copeland[names[x]] = len(won) - len(lost)
        winning[names[x]] = max([over[y][x] for y in lost], default=0)
        margins[names[x]] = max([over[y][x] - over[x][y] for y in others], default=0)
    for method, expected in (
        ("copeland", copeland),
        ("minimax-winning", winning),
        ("minimax-margins", margins),
        ("condorcet", wins),
    ):
        assert scores(counted(profile, method, implicit_ranking=implicit)) == expected


def widest(wins: list[list[int]]) -> list[list[int]]:
    """Floyd and Warshall's algorithm as in Schulze's paper."""
    size = len(wins)
    strength = [row[:] for row in wins]
    for k in range(size):
        for i in range(size):
            for j in range(size):
                if len({i, j, k}) == 3:
                    strength[i][j] = max(strength[i][j], min(strength[i][k], strength[k][j]))
    return strength


@law
@given(
    st.integers(1, 7).flatmap(
        lambda size: st.lists(
            st.lists(st.integers(0, 4), min_size=size, max_size=size), min_size=size, max_size=size
        )
    )
)
def test_strongest_paths_are_those_of_floyd_and_warshall(wins: list[list[int]]) -> None:
    for x in range(len(wins)):
        wins[x][x] = 0
    assert strongest_paths(wins) == widest(wins)


@law
@given(profile=profiles(least=2), implicit=st.booleans(), margins=st.booleans())
def test_nobody_is_ahead_of_a_schulze_winner(profile: Profile, implicit: bool, margins: bool) -> None:
    sums = sums_of(profile, implicit)
    size = len(profile.candidates)
    strength = widest(
        [
            [
                (sums.margin(x, y) if margins else sums.over[x][y]) if sums.wins(x, y) else 0
                for y in range(size)
            ]
            for x in range(size)
        ]
    )
    method = "schulze-margins" if margins else "schulze-winning"
    outcome = counted(profile, method, implicit_ranking=implicit)
    left = set(range(size))
    for group in outcome.ranking:
        first = {x for x in left if all(strength[x][y] >= strength[y][x] for y in left)}
        assert {profile.candidates[x] for x in first} == set(group)
        left -= first


def test_a_lone_candidate_is_a_pairwise_winner_and_no_loser() -> None:
    sums = sums_of(profile_of(["A"], {"A": 1}))
    assert (condorcet_winner(sums), condorcet_loser(sums)) == (0, None)


def test_two_candidates_have_a_winner_and_a_loser() -> None:
    outcome = counted(election(AB=2, BA=1), "condorcet")
    assert (outcome.condorcet_winner, outcome.condorcet_loser) == ("A", "B")
    assert outcome.ranking == (("A",), ("B",))
