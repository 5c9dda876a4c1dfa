"""Awards counted as a whole: votes, blends, edge cases."""

from fractions import Fraction

import pytest

from polls.award.life import RoundRun, RoundState
from polls.award.model import BallotForm, Blend, CandidateId, Electorate, JuryRule
from tests.voting.award.material import (
    HALL,
    JURY,
    award,
    ballots,
    classes,
    counted,
    figures,
    handed_in,
    ids,
    jury,
    sheet,
    vote,
)
from voting.award.ballot import BallotRefused
from voting.award.blend import BlendRefused
from voting.award.count import admits, count_award, standing_in
from voting.award.counted import AwardKind

RANKING = BallotForm.RANKING


def test_four_countries_shared_first_place_in_1969() -> None:
    """Eurovision Song Contest, Madrid 1969: sixteen countries, ten jurors each, one point a juror; four
    countries with 18 points each were all declared winners (https://eurovisionworld.com/eurovision/1969).
    Here the other twelve countries are eight entries between them, with the 88 points that were left."""
    others = {f"rest{i}": 11 for i in range(1, 9)}
    votes = ballots({"es": 18, "fr": 18, "nl": 18, "uk": 18} | others)
    assert len(votes) == 16 * 10
    names = ["es", "fr", "nl", "uk", *others]
    found = counted(
        award(names, hall=vote(), ladder=("audience", "countback", "head-to-head", "shared")), (), votes
    )
    assert found.kind is AwardKind.SHARED
    assert found.winners == ids(["es", "fr", "nl", "uk"])
    assert found.ties[0].tried == ("audience", "countback", "head-to-head", "shared")
    assert found.ties[0].rung == "shared"


def test_the_most_votes_win_and_the_record_says_everything() -> None:
    found = counted(award("abc", hall=vote()), (), ballots({"a": 5, "b": 3, "": 2}), rules_hash="r")
    assert found.as_dict() == {
        "award": "manager",
        "rules_hash": "r",
        "kind": "winner",
        "winners": ["a"],
        "ranking": [["a"], ["b"], ["c"]],
        "rounds": {
            "hall": {
                "kind": "vote",
                "ballots": 10,
                "valid": 8,
                "abstentions": 2,
                "weight": 8,
                "figures": {"a": "5", "b": "3", "c": "0"},
                "percent": {"a": "63", "b": "38", "c": "0"},
                "ranking": [["a"], ["b"], ["c"]],
                "not_rated": [],
                "fallback": False,
                "turnout": {"register": 0, "spent": 10},
                "admitted": [],
                "steps": [],
            }
        },
        "combined": {"a": "5", "b": "3", "c": "0"},
        "jury_only": False,
        "ties": [],
        "withdrawn": [],
        "withdrawn_votes": {},
    }


def test_classes_weigh_and_turnout_counts_people() -> None:
    hall = vote(classes=classes(members=3, guests=1), min_turnout=3)
    votes = ballots({"a": 1}, "members") + ballots({"b": 2}, "guests")
    found = counted(award("ab", hall=hall), (), votes)
    assert found.winners == ids("a")
    assert figures(found.combined) == {"a": "3", "b": "2"}
    assert (found.rounds[HALL].ballots, found.rounds[HALL].weight) == (3, 5)
    missed = counted(award("ab", hall=hall), (), votes[:2])
    assert missed.kind is AwardKind.NO_VALID_VOTES
    assert figures(missed.rounds[HALL].figures) == {"a": "3", "b": "1"}


def test_zero_votes_have_no_winner_and_no_division() -> None:
    found = counted(award("ab", hall=vote()))
    assert (found.kind, found.winners, found.ranking, dict(found.combined)) == (
        AwardKind.NO_VALID_VOTES,
        (),
        (),
        {},
    )
    assert found.rounds[HALL].percent == {"a": 0, "b": 0}


def test_votes_for_a_withdrawn_candidate_become_abstentions_and_are_counted() -> None:
    found = counted(award("abc", hall=vote()), (), ballots({"a": 5, "b": 3, "c": 1}), withdrawn=ids("a"))
    assert found.winners == ids("b")
    assert found.withdrawn_votes == {"a": 5}
    assert (found.rounds[HALL].abstentions, found.rounds[HALL].weight) == (5, 4)


def test_rankings_close_up_over_a_withdrawn_candidate() -> None:
    hall = vote(RANKING, "borda")
    votes = ballots({"a b c": 2, "a c b": 1})
    found = counted(award("abc", hall=hall), (), votes, withdrawn=ids("a"))
    assert figures(found.combined) == {"b": "5", "c": "4"}
    assert found.withdrawn_votes == {"a": 3}


def test_when_everybody_has_withdrawn_there_is_no_result() -> None:
    one = award("ab", jury_rounds=[jury(1)], hall=vote(), blend=Blend.POINTS)
    found = counted(one, [sheet(1, a=3, b=4)], ballots({"a": 1}), withdrawn=ids("ab"))
    assert (found.kind, found.ranking) == (AwardKind.NO_VALID_VOTES, ())


def test_a_voided_ballot_does_not_exist() -> None:
    votes = ballots({"a": 2, "b": 1})
    found = counted(award("ab", hall=vote()), (), votes, voided=(votes[0].receipt, votes[1].receipt))
    assert found.winners == ids("b")
    assert found.rounds[HALL].ballots == 1


@pytest.mark.parametrize(
    ("votes", "kind"),
    [({"a": 3, "nobody": 2}, "winner"), ({"a": 2, "nobody": 2}, "nobody"), ({"a": 2, "nobody": 3}, "nobody")],
)
def test_a_single_candidate_needs_more_than_nobody(votes: dict[str, int], kind: str) -> None:
    found = counted(award("a", hall=vote(), none=True), (), ballots(votes))
    assert found.kind.value == kind
    assert found.winners == (ids("a") if kind == "winner" else ())


def test_whoever_ties_with_nobody_stands_behind_it() -> None:
    found = counted(award("abc", hall=vote(), none=True), (), ballots({"a": 2, "b": 2, "nobody": 2, "c": 1}))
    assert found.kind is AwardKind.NOBODY
    assert found.ranking == (ids(["nobody"]), ids("ab"), ids("c"))
    assert found.ties[0].rung == "nobody"


def test_shares_of_jury_and_audience_add_up_exactly() -> None:
    one = award(
        "ab", jury_rounds=[jury(2)], hall=vote(), blend=Blend.SHARES, jury_weight=60, audience_weight=40
    )
    found = counted(one, [sheet(1, a=4, b=2), sheet(2, a=4, b=1)], ballots({"a": 1, "b": 6}))
    # a: 60 * 4 / (11/2) + 40 / 7, b: 60 * (3/2) / (11/2) + 40 * 6 / 7
    assert found.combined == {
        "a": Fraction(480, 11) + Fraction(40, 7),
        "b": Fraction(180, 11) + Fraction(240, 7),
    }
    assert sum(found.combined.values()) == 100
    assert found.winners == ids("b")


def test_points_of_jury_and_audience_add_up_as_in_the_song_contest() -> None:
    """An invented case: the jury's second place and the audience's first make 22 of 24 points."""
    one = award("abcd", jury_rounds=[jury(1)], hall=vote(), blend=Blend.POINTS)
    found = counted(one, [sheet(1, a=9, b=8, c=7, d=7)], ballots({"a": 2, "b": 5, "c": 2, "d": 1}))
    assert figures(found.combined) == {"a": "21", "b": "22", "c": "33/2", "d": "29/2"}
    assert figures(found.sides.jury) == {"a": "12", "b": "10", "c": "15/2", "d": "15/2"}
    assert figures(found.sides.audience) == {"a": "9", "b": "12", "c": "9", "d": "7"}


@pytest.mark.parametrize("blend", [Blend.POINTS, Blend.SHARES, Blend.AUDIENCE])
def test_without_a_valid_vote_the_jury_decides_only_where_the_rules_say_so(blend: Blend) -> None:
    for allowed in (False, True):
        one = award("ab", jury_rounds=[jury(1)], hall=vote(), blend=blend, jury_only_without_audience=allowed)
        found = counted(one, [sheet(1, a=3, b=4)])
        assert found.jury_only is allowed
        assert found.kind is (AwardKind.WINNER if allowed else AwardKind.NO_VALID_VOTES)
        assert found.winners == (ids("b") if allowed else ())


def test_whom_the_jury_has_not_rated_cannot_win_a_blend() -> None:
    one = award("abc", jury_rounds=[jury(2, quorum_min=2)], hall=vote(), blend=Blend.POINTS)
    sheets = [sheet(1, a=3, b=4, c=9), sheet(2, a=3, b=4)]
    found = counted(one, sheets, ballots({"c": 9, "a": 2, "b": 1}))
    assert found.rounds[JURY].not_rated == ids("c")
    assert figures(found.combined) == {"a": "22", "b": "22"}


def test_a_jury_that_misses_its_quorum_gives_no_result() -> None:
    one = award("ab", jury_rounds=[jury(4, quorum_min=3)])
    found = counted(one, [sheet(1, a=3, b=4), sheet(2, a=3, b=4)])
    assert found.kind is AwardKind.NO_VALID_VOTES
    assert found.rounds[JURY].not_rated == ids("ab")


def test_the_gate_lets_the_shortlist_through_and_the_audience_decides() -> None:
    one = award("abcd", jury_rounds=[jury(1, shortlist=2)], hall=vote())
    found = counted(one, [sheet(1, a=9, b=8, c=2, d=1)], ballots({"b": 2, "a": 1}))
    assert found.rounds[JURY].admitted == ids("ab")
    assert found.ranking == (ids("b"), ids("a"))
    with pytest.raises(BallotRefused, match="not on the paper"):
        counted(one, [sheet(1, a=9, b=8, c=2, d=1)], ballots({"c": 2}))


def test_a_later_withdrawal_never_refills_a_sealed_shortlist() -> None:
    one = award("abcd", jury_rounds=[jury(1, shortlist=2)], hall=vote())
    sheets = [sheet(1, a=9, b=8, c=2, d=1)]
    sealed = {JURY: RoundRun(state=RoundState.SEALED, admitted=ids("ab"))}
    papers, run = handed_in(one, sheets, ballots({"a": 2, "b": 1}), withdrawn=ids("a"), rounds=sealed)
    found = count_award(one, run, papers)
    assert found.ranking == (ids("b"),)
    assert standing_in(one, run, HALL) == ids("b")
    assert admits(one, run, JURY, sheets) == ids("bc")
    assert admits(one, run, HALL, sheets) == ()


def test_the_second_jury_sees_the_shortlist_of_the_first() -> None:
    first, second = jury(1, shortlist=2), jury(1, JuryRule.APPROVAL, id="final")
    one = award("abc", jury_rounds=[first, second])
    papers, run = handed_in(one, [sheet(1, a=9, b=8, c=2)])
    papers.sheets[second.id] = [sheet(1, picks="b")]  # type: ignore[index]
    found = count_award(one, run, papers)
    assert found.winners == ids("b")
    assert figures(found.combined) == {"a": "0", "b": "1"}


def test_an_instant_runoff_records_its_steps() -> None:
    votes = ballots({"a": 4, "b": 3, "c b": 2})
    found = counted(award("abc", hall=vote(RANKING, "irv")), (), votes)
    assert found.winners == ids("b")
    assert found.rounds[HALL].as_dict()["steps"] == [
        {
            "tally": {"a": 4, "b": 3, "c": 2},
            "exhausted": 0,
            "threshold": 5,
            "elected": [],
            "eliminated": ["c"],
            "tied": [],
            "rungs": [],
        },
        {
            "tally": {"a": 4, "b": 5},
            "exhausted": 0,
            "threshold": 5,
            "elected": ["b"],
            "eliminated": [],
            "tied": [],
            "rungs": [],
        },
    ]


@pytest.mark.parametrize("method", ["borda", "irv", "schulze-winning"])
def test_what_has_no_total_has_no_shares(method: str) -> None:
    hall = vote(RANKING, method)
    one = award("ab", jury_rounds=[jury(1)], hall=hall, blend=Blend.SHARES)
    if method == "borda":
        assert counted(one, [sheet(1, a=1, b=2)], ballots({"a b": 1})).kind is not AwardKind.NO_VALID_VOTES
    else:
        with pytest.raises(BlendRefused, match="use the blend points"):
            counted(one, [sheet(1, a=1, b=2)], ballots({"a b": 1}))


@pytest.mark.parametrize(
    ("hall", "bad", "words"),
    [
        (vote(), {"z": 1}, "not on the paper"),
        (vote(), {"a b": 1}, "takes no rankings"),
        (vote(), {"a=b": 1}, "2 candidates named"),
        (vote(abstain=False), {"": 1}, "no abstentions"),
        (vote(RANKING, "borda"), {"a b=c": 1}, "one candidate in each rank"),
        (vote(RANKING, "borda", least=2), {"a": 1}, "from 2 to 3"),
        (vote(RANKING, "borda"), {"a a": 1}, "named twice"),
        (vote(classes=classes(members=1)), {"a": 1}, "no class"),
    ],
)
def test_a_ballot_that_cannot_belong_is_refused_in_words(
    hall: object, bad: dict[str, int], words: str
) -> None:
    with pytest.raises(BallotRefused, match=words):
        counted(award("abc", hall=hall), (), ballots(bad))  # type: ignore[arg-type]


def test_an_open_vote_by_device_has_no_register() -> None:
    found = counted(award("ab", hall=vote(electorate=Electorate.DEVICES)), (), ballots({"a": 2}))
    assert (found.rounds[HALL].turnout.register, found.rounds[HALL].turnout.spent) == (0, 2)
    assert CandidateId("a") in found.winners
