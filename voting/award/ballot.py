"""A ballot of an award's vote, and the check that it can belong to its round."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from polls.award.model import NOBODY, BallotForm, CandidateId, ClassId, VoteRound
from voting.jury.sheet import Ranks


class BallotRefused(ValueError):
    """A ballot that cannot belong to its round; the text says why, in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardBallot:
    """One ballot: its class and its ranks, best first; an abstention has none.

    A single choice is one rank of one candidate, an approval one rank of all who are approved.
    """

    voter_class: ClassId
    choices: Ranks
    receipt: str = ""


def canonical_choices(choices: Iterable[Iterable[str]]) -> Ranks:
    """Choices in the one form in which they are counted: the ids of each rank ascending."""
    return tuple(tuple(sorted(CandidateId(c) for c in rank)) for rank in choices)


def check_ballot(
    vote: VoteRound,
    ballot: AwardBallot,
    standing: Collection[CandidateId],
    withdrawn: Collection[CandidateId] = (),
) -> None:
    """Raise BallotRefused unless the ballot can belong to the round.

    `standing` are the candidates on its paper, NOBODY too where it can win. Who is `withdrawn` may be named,
    since the page can be older than the withdrawal; but nobody need name them, so that the fewest names are
    reckoned from those who stand.
    """
    known = {*standing, *withdrawn}
    if ballot.voter_class not in {voter_class.id for voter_class in vote.classes}:
        raise BallotRefused(f"no class {ballot.voter_class!r} in round {vote.id!r}")
    named = [candidate for rank in ballot.choices for candidate in rank]
    strange = [candidate for candidate in named if candidate not in known]
    if strange:
        raise BallotRefused(f"{strange[0]!r} is not on the paper of round {vote.id!r}")
    if len(set(named)) < len(named) or not all(ballot.choices):
        raise BallotRefused("a candidate is named twice, or a rank is empty")
    if ballot.choices != canonical_choices(ballot.choices):
        raise BallotRefused("the ids of a rank are not in order")
    if not named:
        if not vote.abstain:
            raise BallotRefused(f"round {vote.id!r} takes no abstentions")
        return
    if len(ballot.choices) > 1 and vote.form is not BallotForm.RANKING:
        raise BallotRefused(f"round {vote.id!r} takes no rankings")
    if vote.form is BallotForm.RANKING and not vote.ties and max(map(len, ballot.choices)) > 1:
        raise BallotRefused(f"round {vote.id!r} takes one candidate in each rank")
    most = vote.most or len(known)
    if vote.form is BallotForm.SINGLE:
        most = 1
    least = min(vote.least, len(standing), most)
    # NOBODY is a choice by itself, so a ballot that names nobody else is never too short.
    if len(named) > most or (len(named) < least and named != [NOBODY]):
        raise BallotRefused(f"{len(named)} candidates named, from {least} to {most} are allowed")
