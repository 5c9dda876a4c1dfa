"""Counting the hall's vote: class weights, abstentions, withdrawn candidates, minimum turnout."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

from polls.award.model import NOBODY, CandidateId, ClassId, Electorate, VoteRound
from voting.award.ballot import AwardBallot, check_ballot
from voting.award.counted import RoundCount, RoundKind, Turnout
from voting.jury.rules import ties_by_step
from voting.jury.sheet import Ranks
from voting.jury.voice import Voice, only
from voting.methods import count
from voting.percent import half_up
from voting.rankings import Profile, Ranking
from voting.rulebook import Rulebook, Unranked

PERCENT_METHODS = ("plurality", "approval", "irv")
"""The methods whose figures are votes, so that a percentage of the valid votes says something."""


def count_vote(
    vote: VoteRound,
    ballots: Iterable[AwardBallot],
    standing: Sequence[CandidateId],
    *,
    withdrawn: Collection[CandidateId] = (),
    voided: Collection[str] = (),
    turnout: Turnout | None = None,
) -> RoundCount:
    """The round as counted between those who stand, in whole weights.

    Withdrawn candidates leave every ballot and the rankings close up; a ballot that names nobody who
    stands is an abstention. Voided ballots (by receipt) do not exist. Below the minimum turnout, or
    without a valid ballot, figures are given but there is no ranking. `turnout` is of the register; by
    default nobody is registered and every ballot is a voter.

    Raises BallotRefused for a ballot that cannot belong to the round, voided or not.
    """
    distinct: Counter[tuple[ClassId, Ranks]] = Counter()
    cast = 0
    checked: set[tuple[ClassId, Ranks]] = set()
    for ballot in ballots:
        cast += 1
        key = (ballot.voter_class, ballot.choices)
        if key not in checked:
            check_ballot(vote, ballot, standing, withdrawn)
            checked.add(key)
        if ballot.receipt not in voided or not ballot.receipt:
            distinct[key] += 1
    weights = {voter_class.id: voter_class.weight for voter_class in vote.classes}
    valid = 0
    by_ranks: Counter[Ranks] = Counter()
    for (voter_class, choices), number in distinct.items():
        ranks = only(choices, standing)
        if ranks:
            valid += number
            by_ranks[ranks] += number * weights[voter_class]
    covers = frozenset(standing)
    total = distinct.total()
    if vote.electorate is Electorate.DEVICES or turnout is None:
        turnout = Turnout(spent=cast)
    return _counted(
        vote,
        tuple(Voice(ranks=ranks, covers=covers, weight=by_ranks[ranks]) for ranks in sorted(by_ranks)),
        tuple(sorted(standing)),
        ballots=total,
        valid=valid,
        turnout=turnout,
    )


def _counted(
    vote: VoteRound,
    voices: tuple[Voice, ...],
    standing: tuple[CandidateId, ...],
    *,
    ballots: int,
    valid: int,
    turnout: Turnout,
) -> RoundCount:
    position = {candidate: i for i, candidate in enumerate(standing)}
    profile: dict[Ranking, int] = {
        tuple(tuple(position[c] for c in rank) for rank in voice.ranks): voice.weight for voice in voices
    }
    # Whom a ballot does not rank is below all it ranks; points follow `unranked`.
    rules = Rulebook(method=vote.method, unranked=Unranked(vote.unranked), implicit_ranking=True)
    found = count(Profile(candidates=standing, ballots=profile), rules)
    weight = sum(voice.weight for voice in voices)
    is_valid = weight > 0 and ballots >= vote.min_turnout
    figures = {c: found.scores[c] for c in standing} if found.scores else dict.fromkeys(standing, Fraction())
    percent = (
        {c: half_up(int(figure), weight) for c, figure in figures.items()}
        if vote.method in PERCENT_METHODS
        else {}
    )
    return RoundCount(
        kind=RoundKind.VOTE,
        ballots=ballots,
        valid=valid,
        weight=weight,
        figures=figures,
        percent=percent,
        ranking=tuple(tuple(CandidateId(c) for c in group) for group in found.ranking) if is_valid else (),
        turnout=turnout,
        steps=found.rounds if is_valid else (),
        step_ties=ties_by_step(found) if is_valid else {},
        voices=voices,
        givers={
            c: sum(voice.weight for voice in voices if any(c in rank for rank in voice.ranks))
            for c in standing
        },
    )


def withdrawn_votes(
    ballots: Iterable[AwardBallot], withdrawn: Collection[CandidateId], voided: Collection[str] = ()
) -> Mapping[CandidateId, int]:
    """How many ballots (not their weights) name each withdrawn candidate."""
    found = dict.fromkeys(sorted(withdrawn), 0)
    for ballot in ballots:
        if not ballot.receipt or ballot.receipt not in voided:
            for candidate in {c for rank in ballot.choices for c in rank} & found.keys():
                found[candidate] += 1
    return found


def on_paper(candidates: Iterable[CandidateId], none_of_the_above: bool) -> tuple[CandidateId, ...]:
    """Who stands in the vote: these candidates, and NOBODY where it can win."""
    return (*candidates, NOBODY) if none_of_the_above else tuple(candidates)
