"""The papers of an instant runoff: overvotes, skipped ranks, second mentions, and RCTab by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.methods.material import counted, many, marked, profiles, tallies
from voting.methods import MethodRefused
from voting.rankings import OVERVOTE, Profile
from voting.rulebook import Duplicates, Overvote


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [
        # One ballot A=B>C, beside others. While A and B both continue it moves on, or ends.
        (Overvote.ONLY_CONTINUING, {"A": 4, "B": 2, "C": 4}, {"A": 5, "C": 5}),
        (Overvote.SKIP, {"A": 4, "B": 2, "C": 4}, {"A": 4, "C": 6}),
        (Overvote.EXHAUST, {"A": 4, "B": 2, "C": 3}, {"A": 4, "C": 5}),
        (Overvote.EXHAUST_IF_MULTIPLE, {"A": 4, "B": 2, "C": 3}, {"A": 4, "C": 5}),
    ],
)
def test_a_tied_rank_is_read_by_the_overvote_rule(
    rule: Overvote, first: dict[str, int], second: dict[str, int]
) -> None:
    profile = marked((((0,),), 4), (((1,), (2,)), 2), (((2,),), 3), (((0, 1), (2,)), 1))
    outcome = counted(profile, "irv", overvote=rule)
    assert tallies(outcome) == [first, second]


@pytest.mark.parametrize("rule", [Overvote.ONLY_CONTINUING, Overvote.EXHAUST_IF_MULTIPLE])
def test_a_tied_rank_counts_for_its_only_continuing_candidate(rule: Overvote) -> None:
    profile = marked((((0,),), 5), (((1,), (2, 3)), 3), (((2,),), 4), (((3,),), 1), size=4)
    outcome = counted(profile, "irv", overvote=rule)
    # D leaves, then B, whose ballots find C alone in their second rank.
    assert tallies(outcome)[1:] == [{"A": 5, "B": 3, "C": 4}, {"A": 5, "C": 7}]


def test_a_ballot_that_ended_at_two_continuing_candidates_stays_ended() -> None:
    profile = marked((((0,),), 7), (((1,),), 5), (((2,), (1, 3)), 1), (((3,), (1,)), 3), size=4)
    ended = counted(profile, "irv", overvote=Overvote.EXHAUST_IF_MULTIPLE)
    floating = counted(profile, "irv", overvote=Overvote.ONLY_CONTINUING)
    # C leaves while B and D continue; when D has left too, only the default rule counts it for B.
    assert tallies(ended)[1:] == [{"A": 7, "B": 5, "D": 3}, {"A": 7, "B": 8}]
    assert tallies(floating)[1:] == [{"A": 7, "B": 5, "D": 3}, {"A": 7, "B": 9}]
    assert floating.rounds[1].transfers == {"D": {"B": 3}, None: {"B": 1}}


def test_a_tied_rank_without_a_continuing_candidate_is_passed_over_by_every_rule_that_reads_it() -> None:
    profile = marked(
        (((0,),), 9), (((1,),), 6), (((2,),), 1), (((3,),), 2), (((2,), (2, 3), (1,)), 1), size=4
    )
    for rule in (Overvote.ONLY_CONTINUING, Overvote.SKIP):
        assert tallies(counted(profile, "irv", overvote=rule))[-1] == {"A": 9, "B": 7}
    # C and D are tied for last with 2 and leave together: nobody of the second rank continues.
    ended = counted(profile, "irv", overvote=Overvote.EXHAUST_IF_MULTIPLE)
    assert (ended.rounds[0].eliminated, tallies(ended)[-1]) == (("C", "D"), {"A": 9, "B": 7})


def test_ballots_that_move_between_the_same_two_add_up() -> None:
    profile = marked((((0,),), 9), (((1,),), 6), (((2,),), 2), (((1, 2), (0,)), 1), (((1, 2), (0,), (2,)), 3))
    outcome = counted(profile, "irv")
    assert outcome.rounds[0].elected == ("A",)
    profile = marked(
        (((0,),), 5),
        (((1,),), 6),
        (((2,),), 2),
        (((1, 2), (0,)), 1),
        (((1, 2), (0,), (2,)), 3),
        (((3,),), 4),
        size=4,
    )
    assert counted(profile, "irv").rounds[0].transfers == {"C": {None: 2}, "A": {"B": 4}}


def test_ballots_with_nothing_but_skips_and_unknown_overvotes_are_not_valid() -> None:
    outcome = counted(marked((((),), 3), (((), OVERVOTE, ()), 2), (((), (1,)), 1)), "irv")
    assert (outcome.ballots, outcome.valid, outcome.rounds[0].exhausted) == (6, 1, 0)


def test_an_overvote_without_names_is_passed_over_or_ends_the_ballot_or_is_refused() -> None:
    profile = marked((((0,),), 2), ((OVERVOTE, (1,)), 3))
    assert counted(profile, "irv").winners == ("B",)
    assert counted(profile, "irv", overvote=Overvote.SKIP).winners == ("B",)
    ended = counted(profile, "irv", overvote=Overvote.EXHAUST)
    assert (ended.winners, ended.rounds[0].exhausted, ended.valid) == (("A",), 3, 5)
    with pytest.raises(MethodRefused, match="^a ballot says “overvote” without naming the candidates"):
        counted(profile, "irv", overvote=Overvote.EXHAUST_IF_MULTIPLE)


@pytest.mark.parametrize(("skips", "votes"), [(None, 4), (2, 4), (1, 3), (0, 1)])
def test_a_ballot_ends_after_too_many_skipped_ranks_in_a_row(skips: int | None, votes: int) -> None:
    profile = marked(
        (((1,),), 1),  # none skipped
        (((), (1,)), 2),  # one, at the top
        (((), (), (1,)), 1),  # two in a row
        (((0,),), 9),
    )
    assert counted(profile, "irv", skips=skips).rounds[0].tally["B"] == votes


def test_skipped_ranks_are_counted_by_the_run_not_in_all() -> None:
    profile = marked((((), (2,), (), (1,)), 2), (((0,),), 4), (((1,),), 3))
    assert tallies(counted(profile, "irv", skips=1)) == [{"A": 4, "B": 3, "C": 2}, {"A": 4, "B": 5}]
    assert tallies(counted(profile, "irv", skips=0))[0] == {"A": 4, "B": 3, "C": 0}


def test_an_unknown_overvote_is_a_mark_and_not_a_skipped_rank() -> None:
    profile = marked((((), OVERVOTE, (), (1,)), 2), (((0,),), 1))
    assert counted(profile, "irv", skips=1).winners == ("B",)
    assert counted(profile, "irv", skips=0).winners == ("A",)


@pytest.mark.parametrize(("rule", "votes"), [(Duplicates.SKIP, 5), (Duplicates.EXHAUST, 3)])
def test_a_second_mention_is_passed_over_or_ends_the_ballot(rule: Duplicates, votes: int) -> None:
    profile = marked((((1,), (1,), (2,)), 2), (((0,),), 5), (((2,),), 3))
    outcome = counted(profile, "irv", duplicates=rule)
    assert tallies(outcome) == [{"A": 5, "B": 2, "C": 3}, {"A": 5, "C": votes}]


def by_hand(profile: Profile, overvote: Overvote, skips: int | None, exhaust: bool) -> list[dict[str, int]]:
    """The tallies of a runoff ballot by ballot in RCTab's manner, up to its first tie or majority.

    Written after the description of RCTab's computeTalliesForRound, sharing nothing with the counter.
    """
    papers = [list(ballot) for ballot, number in profile.ballots.items() for _ in range(number)]
    holder: list[int | None] = [None] * len(papers)
    over = [False] * len(papers)
    continuing = set(range(len(profile.candidates)))
    rounds: list[dict[str, int]] = []
    while True:
        for paper, ranks in enumerate(papers):
            if over[paper]:
                continue
            if overvote is not Overvote.ONLY_CONTINUING and holder[paper] in continuing:
                continue
            holder[paper] = None
            seen: set[int] = set()
            last_marked = 0
            for rank, candidates in enumerate(ranks, start=1):
                if not candidates:
                    continue
                if skips is not None and rank - last_marked > skips + 1:
                    break
                last_marked = rank
                if exhaust and seen & set(candidates):
                    break
                several = len(candidates) > 1 or candidates == OVERVOTE
                if candidates != OVERVOTE:
                    seen |= set(candidates)
                if several and overvote is Overvote.EXHAUST:
                    break
                if candidates == OVERVOTE or (several and overvote is Overvote.SKIP):
                    continue
                alive = [c for c in candidates if c in continuing]
                if len(alive) > 1 and overvote is Overvote.EXHAUST_IF_MULTIPLE:
                    break
                if len(alive) == 1:
                    holder[paper] = alive[0]
                    break
            if holder[paper] is None and overvote is not Overvote.ONLY_CONTINUING:
                over[paper] = True
        tally = {c: sum(1 for held in holder if held == c) for c in continuing}
        rounds.append({profile.candidates[c]: votes for c, votes in tally.items()})
        low = min(tally.values())
        last = [c for c, votes in tally.items() if votes == low]
        if max(tally.values()) * 2 > sum(tally.values()) or len(last) > 1:
            return rounds
        continuing -= set(last)


@many
@given(
    profile=profiles(as_marked=True, least=2),
    overvote=st.sampled_from(Overvote),
    skips=st.sampled_from([None, 0, 1]),
    duplicates=st.sampled_from(Duplicates),
)
def test_rounds_are_those_of_counting_paper_by_paper(
    profile: Profile, overvote: Overvote, skips: int | None, duplicates: Duplicates
) -> None:
    if overvote is Overvote.EXHAUST_IF_MULTIPLE:
        profile = Profile(
            candidates=profile.candidates,
            ballots={ballot: number for ballot, number in profile.ballots.items() if OVERVOTE not in ballot},
        )
    outcome = counted(profile, "irv", overvote=overvote, skips=skips, duplicates=duplicates)
    if outcome.valid:
        expected = by_hand(profile, overvote, skips, duplicates is Duplicates.EXHAUST)
        assert tallies(outcome)[: len(expected)] == expected
