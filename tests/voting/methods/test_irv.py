"""Instant runoff: majority, ties and their ladder, and papers that can be read in several ways."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tests.voting.methods.material import (
    TENNESSEE,
    counted,
    election,
    law,
    marked,
    named,
    profiles,
    rankings,
    scores,
    tallies,
)
from voting.count_outcome import outcome_to_dict
from voting.rankings import Profile, close_up, profile_of
from voting.result import OutcomeKind
from voting.rounds import TieMet
from voting.rulebook import Rung


def test_the_runoff_for_the_capital_of_tennessee_chooses_knoxville() -> None:
    """https://en.wikipedia.org/wiki/Instant-runoff_voting, "Tennessee capital election"."""
    outcome = counted(TENNESSEE, "irv")
    assert tallies(outcome) == [
        {"Memphis": 42, "Nashville": 26, "Chattanooga": 15, "Knoxville": 17},
        {"Memphis": 42, "Nashville": 26, "Knoxville": 32},
        {"Memphis": 42, "Knoxville": 58},
    ]
    assert outcome.winners == ("Knoxville",)
    assert outcome.ranking == (("Knoxville",), ("Memphis",), ("Nashville",), ("Chattanooga",))
    assert scores(outcome) == named(Knoxville=58, Memphis=42, Nashville=26, Chattanooga=15)
    assert outcome.rounds[0].transfers == {"Chattanooga": {"Knoxville": 15}}
    assert outcome.rounds[1].transfers == {"Nashville": {"Knoxville": 26}}
    assert [entry.threshold for entry in outcome.rounds] == [51, 51, 51]
    assert (outcome.rounds[2].elected, outcome.rounds[2].eliminated) == (("Knoxville",), ())


def test_burlington_2009_elects_kiss_over_the_pairwise_winner() -> None:
    """The last three of Burlington's mayoral election of 2009, whose ballots by type are published at
    https://rangevoting.org/Burlington.html: M is Montroll, K Kiss, W Wright.
    """
    profile = election(MKW=1332, MWK=767, M=455, KMW=2043, KWM=371, K=568, WMK=1513, WKM=495, W=1289)
    outcome = counted(profile, "irv")
    assert tallies(outcome) == [{"K": 2982, "M": 2554, "W": 3297}, {"K": 4314, "W": 4064}]
    assert outcome.winners == ("K",)
    assert outcome.rounds[1].exhausted == 455
    assert counted(profile, "condorcet", implicit_ranking=True).winners == ("M",)


def test_exactly_half_is_not_a_majority() -> None:
    outcome = counted(profile_of(list("ABC"), {"A": 5, "B": 3, "C>B": 2}), "irv")
    assert (outcome.kind, outcome.winners) == (OutcomeKind.UNDECIDED, ())
    assert tallies(outcome) == [{"A": 5, "B": 3, "C": 2}, {"A": 5, "B": 5}]
    assert outcome.ranking == (("A", "B"), ("C",))
    assert outcome.ties == (TieMet(candidates=("A", "B"), rungs=(Rung.UNDECIDED,), round=2),)


def test_one_ballot_more_than_half_is_a_majority() -> None:
    outcome = counted(profile_of(list("ABC"), {"A": 6, "B": 3, "C>B": 2}), "irv")
    assert (outcome.winners, len(outcome.rounds)) == (("A",), 1)
    assert outcome.ranking == (("A",), ("B",), ("C",))


def test_the_majority_is_of_the_continuing_ballots() -> None:
    outcome = counted(profile_of(list("ABC"), {"A": 5, "B": 4, "C": 3}), "irv")
    assert (outcome.winners, outcome.rounds[1].threshold, outcome.rounds[1].exhausted) == (("A",), 5, 3)


def test_candidates_who_tie_behind_the_winner_share_their_place() -> None:
    outcome = counted(profile_of(list("ABC"), {"A": 6, "B": 2, "C": 2}), "irv")
    assert outcome.ranking == (("A",), ("B", "C"))


def test_a_tie_for_last_is_broken_by_the_latest_round_that_parts_them() -> None:
    profile = profile_of(list("ABCDE"), {"A": 10, "B": 5, "C": 4, "D>C": 2, "E>B": 1, "E>C": 0, "D>B": 0})
    outcome = counted(profile, "irv")
    # Round 1: E 1 leaves to B; round 2: B 6, C 4, D 2 leaves to C; round 3: B 6, C 6.
    assert tallies(outcome)[2] == {"A": 10, "B": 6, "C": 6}
    assert outcome.ties == (
        TieMet(candidates=("B", "C"), rungs=(Rung.PREVIOUS_ROUNDS,), round=3, eliminated=("C",), looked_at=2),
    )
    assert outcome.winners == ("A",)


def test_candidates_who_tie_in_the_look_back_are_compared_in_the_round_before() -> None:
    profile = profile_of(list("ABCDE"), {"A": 14, "B": 8, "C": 7, "E>C": 1, "D>B": 3, "D>C": 3})
    outcome = counted(profile, "irv")
    assert tallies(outcome) == [
        {"A": 14, "B": 8, "C": 7, "D": 6, "E": 1},
        {"A": 14, "B": 8, "C": 8, "D": 6},
        {"A": 14, "B": 11, "C": 11},
        {"A": 14, "B": 11},
    ]
    assert outcome.ties == (
        TieMet(candidates=("B", "C"), rungs=(Rung.PREVIOUS_ROUNDS,), round=3, eliminated=("C",), looked_at=1),
    )


def test_tied_candidates_leave_together_when_their_sum_is_below_the_next() -> None:
    outcome = counted(profile_of(list("ABCD"), {"A": 6, "B": 5, "C>B": 2, "D>A": 2}), "irv")
    assert outcome.rounds[0].eliminated == ("C", "D")
    assert outcome.ties == (
        TieMet(
            candidates=("C", "D"),
            rungs=(Rung.PREVIOUS_ROUNDS, Rung.FIRST_PREFERENCES, Rung.TOGETHER),
            round=1,
            eliminated=("C", "D"),
        ),
    )
    assert tallies(outcome)[1] == {"A": 8, "B": 7}
    assert outcome.ranking == (("A",), ("B",), ("C", "D"))


def test_a_sum_that_equals_the_next_is_not_enough() -> None:
    outcome = counted(profile_of(list("ABCD"), {"A": 6, "B": 4, "C>B": 2, "D>A": 2}), "irv")
    assert (outcome.kind, outcome.winners, len(outcome.rounds)) == (OutcomeKind.UNDECIDED, (), 1)
    assert (outcome.ties[0].rungs[-1], outcome.ties[0].round) == (Rung.UNDECIDED, 1)
    assert outcome.ties[0].candidates == ("C", "D")
    assert outcome.ranking == (("A", "B", "C", "D"),)


def test_candidates_without_any_ballot_leave_together() -> None:
    outcome = counted(profile_of(list("ABCDE"), {"A": 3, "B": 3, "C>B": 1}), "irv")
    assert outcome.rounds[0].eliminated == ("D", "E")
    assert outcome.winners == ("B",)


def test_a_tie_of_all_who_are_left_is_undecided_without_a_look_back() -> None:
    outcome = counted(profile_of(list("ABCD"), {"A": 4, "B": 3, "C": 3, "D>B": 1, "D>C": 1}), "irv")
    assert tallies(outcome)[1] == {"A": 4, "B": 4, "C": 4}
    assert (outcome.kind, outcome.ranking) == (OutcomeKind.UNDECIDED, (("A", "B", "C"), ("D",)))


@law
@given(profile=profiles(ties=False, least=3))
def test_leaving_together_never_changes_who_wins(profile: Profile) -> None:
    outcome = counted(profile, "irv")
    for number, entry in enumerate(outcome.rounds):
        if len(entry.eliminated) < 2:
            continue
        before = [name for earlier in outcome.rounds[:number] for name in earlier.eliminated]
        for order in permutations(entry.eliminated):
            for last in range(1, len(order)):
                partly = counted(profile.without([*before, *order[:last]]), "irv").rounds[0]
                lowest = min(partly.tally.values())
                if not partly.elected:
                    assert {name for name, votes in partly.tally.items() if votes == lowest} <= set(order)
                else:
                    assert partly.elected == outcome.winners


def test_nobody_counts_is_undecided_between_all() -> None:
    outcome = counted(marked((((0, 1, 2),), 4)), "irv")
    assert (outcome.kind, outcome.valid, outcome.rounds[0].exhausted) == (OutcomeKind.UNDECIDED, 4, 4)
    assert outcome.rounds[0].threshold == 1


@law
@given(profile=profiles(as_marked=True))
def test_no_ballot_is_lost_between_the_rounds(profile: Profile) -> None:
    outcome = counted(profile, "irv")
    for entry, following in zip(outcome.rounds, outcome.rounds[1:], strict=False):
        assert sum(entry.tally.values()) + entry.exhausted == outcome.valid
        moved: dict[str | None, int] = {name: entry.tally[name] for name in entry.tally}
        moved[None] = entry.exhausted
        for source, targets in entry.transfers.items():
            for target, votes in targets.items():
                assert votes > 0
                moved[source] -= votes
                moved[target] = moved.get(target, 0) + votes
        assert {name: votes for name, votes in moved.items() if name in following.tally} == following.tally
        assert moved[None] == following.exhausted
        assert all(moved[name] == 0 for name in entry.eliminated)


@law
@given(profile=profiles(ties=False, least=2))
def test_a_majority_of_first_choices_wins_in_the_first_round(profile: Profile) -> None:
    first = counted(profile, "plurality")
    outcome = counted(profile, "irv")
    if first.valid and max(first.scores.values()) * 2 > first.valid:
        assert (outcome.winners, len(outcome.rounds)) == (first.winners, 1)


@law
@given(data=st.data(), size=st.integers(1, 4))
def test_closing_up_keeps_the_order_and_names_nobody_twice(data: st.DataObject, size: int) -> None:
    ballot = data.draw(rankings(size, as_marked=True))
    closed = close_up(ballot)
    flat = [c for rank in closed for c in rank]
    assert len(flat) == len(set(flat))
    assert all(closed)
    assert set(flat) == {c for rank in ballot for c in rank} - {-1}
    firsts = {c: min(at for at, rank in enumerate(ballot) if c in rank) for c in flat}
    assert [firsts[c] for c in flat] == sorted(firsts.values())
    assert close_up(closed) == closed


def test_the_json_of_a_round_has_the_shape_of_rctabs_reports() -> None:
    profile = marked((((0,),), 5), (((1,),), 3), (((2,), (1,)), 2), (((2,),), 1), (((1, 2), (0,)), 1))
    plain = outcome_to_dict(counted(profile, "irv"))
    assert plain["rounds"] == [
        {
            "round": 1,
            "tally": {"A": "6", "B": "3", "C": "3"},
            "continuing": "12",
            "exhausted": "0",
            "threshold": "7",
            "tallyResults": [],
        }
    ]
    profile = marked((((0,),), 5), (((1,),), 4), (((2,), (1,)), 2), (((2,),), 1), (((1, 2), (0,)), 2))
    plain = outcome_to_dict(counted(profile, "irv"))
    assert plain["rounds"] == [
        {
            "round": 1,
            "tally": {"A": "7", "B": "4", "C": "3"},
            "continuing": "14",
            "exhausted": "0",
            "threshold": "8",
            "tallyResults": [{"eliminated": "C", "transfers": {"B": "2", "exhausted": "1"}}],
            "otherTransfers": {"A": {"B": "2"}},
        },
        {
            "round": 2,
            "tally": {"A": "5", "B": "8"},
            "continuing": "13",
            "exhausted": "1",
            "threshold": "7",
            "tallyResults": [{"elected": "B"}],
        },
    ]
