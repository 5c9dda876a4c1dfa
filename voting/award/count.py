"""Counting an award: its rounds, who stands in each, the decision, the ladder, the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from polls.award.life import AwardRun, RoundState
from polls.award.model import NOBODY, Award, Blend, CandidateId, JuryRound, RoundId, VoteRound
from voting.award.ballot import AwardBallot
from voting.award.blend import Decided, decide
from voting.award.counted import AwardKind, AwardResult, AwardTie, RoundCount, Turnout
from voting.award.jury import count_jury
from voting.award.ladder import Evidence, Runoff, behind_nobody, walk
from voting.award.vote import count_vote, on_paper, withdrawn_votes
from voting.jury.sheet import Ranks, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardPapers:
    """What was handed in, by round (run-offs too): sheets, ballots, and the turnout of the register."""

    sheets: Mapping[RoundId, Sequence[Sheet]] = field(default_factory=dict)
    ballots: Mapping[RoundId, Sequence[AwardBallot]] = field(default_factory=dict)
    turnout: Mapping[RoundId, Turnout] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedAward:
    """All rounds of an award as counted, the decision before the ladder, and what the ladder reads."""

    rounds: Mapping[RoundId, RoundCount]
    standing: tuple[CandidateId, ...]
    decided: Decided
    evidence: Evidence


def count_award(award: Award, run: AwardRun, papers: AwardPapers) -> AwardResult:
    """The result of an award by its frozen rules, from all that was handed in and logged.

    `run` tells who is withdrawn, which ballots are voided, whom each sealed round admitted, what chair
    and draw said, and which run-offs were held. The order of sheets and ballots never matters.
    Raises SheetRefused, BallotRefused or BlendRefused when papers or rules cannot be counted.
    """
    counted = count_rounds(award, run, papers)
    decided = counted.decided
    kind, ranking, ties = _first_place(award, decided.ranking, counted.evidence)
    vote_ballots = papers.ballots.get(award.vote.id, ()) if award.vote is not None else ()
    return AwardResult(
        award=award.id,
        rules_hash=run.rules_hash,
        kind=kind,
        winners=ranking[0] if kind in (AwardKind.WINNER, AwardKind.SHARED) else (),
        ranking=ranking,
        rounds=counted.rounds,
        combined=decided.combined if ranking else {},
        jury_only=decided.jury_only,
        ties=ties,
        withdrawn=tuple(sorted(run.withdrawn)),
        withdrawn_votes=withdrawn_votes(vote_ballots, run.withdrawn, run.voided),
        sides=decided.sides,
    )


def count_rounds(award: Award, run: AwardRun, papers: AwardPapers) -> CountedAward:
    """Everything up to the ladder. Raises like `count_award`."""
    withdrawn = frozenset(run.withdrawn)
    everybody = tuple(candidate.id for candidate in award.candidates)
    standing = tuple(c for c in everybody if c not in withdrawn)
    rounds: dict[RoundId, RoundCount] = {}
    for index, jury in enumerate(award.jury):
        found = count_jury(
            jury,
            papers.sheets.get(jury.id, ()),
            standing,
            withdrawn=withdrawn,
            ladder=award.decision.ladder,
        )
        if run.round(jury.id).state is RoundState.SEALED:
            # As sealed: whoever withdraws later leaves no place for others.
            found = replace(found, admitted=run.round(jury.id).admitted)
        rounds[jury.id] = found
        if award.vote is not None or index + 1 < len(award.jury):
            standing = tuple(c for c in everybody if c in found.admitted and c not in withdrawn)
    if award.vote is not None:
        standing = on_paper(standing, award.none_of_the_above)
        rounds[award.vote.id] = _vote(award.vote, standing, run, papers)
    runoffs = _runoffs(award, run, papers)
    rounds |= {runoff.id: runoff.counted for runoff in runoffs}
    deciding = _deciding_jury(award)
    jury_count = rounds[deciding.id] if deciding is not None else None
    vote_count = rounds[award.vote.id] if award.vote is not None else None
    named = jury_count if award.decision.jury_round is not None else None
    decided = decide(award, standing, named, vote_count)
    reads_vote = award.decision.blend is Blend.AUDIENCE and not decided.jury_only
    return CountedAward(
        rounds=rounds,
        standing=standing,
        decided=decided,
        evidence=Evidence(
            side=vote_count if reads_vote else named,
            vote=vote_count,
            jury=jury_count,
            runoffs=runoffs,
            told=run.choices,
            root=_last_root(award, run),
        ),
    )


def standing_in(award: Award, run: AwardRun, round_id: RoundId) -> tuple[CandidateId, ...]:
    """Who stands in a round, in the order of the paper, by what the sealed rounds before it admitted.

    Raises KeyError for a round that the award does not have.
    """
    standing = tuple(c.id for c in award.candidates if c.id not in run.withdrawn)
    if round_id in run.runoffs:
        return tuple(c for c in standing if c in run.runoffs[round_id])
    for one in award.rounds():
        if one.id == round_id:
            is_vote = isinstance(one, VoteRound)
            return on_paper(standing, award.none_of_the_above) if is_vote else standing
        standing = tuple(c for c in standing if c in run.round(one.id).admitted)
    raise KeyError(round_id)


def admits(
    award: Award, run: AwardRun, round_id: RoundId, sheets: Sequence[Sheet]
) -> tuple[CandidateId, ...]:
    """Whom a closed jury round admits to the next one, as its seal records it; a vote admits nobody."""
    jury = next((one for one in award.jury if one.id == round_id), None)
    if jury is None:
        return ()
    standing = standing_in(award, run, round_id)
    counted = count_jury(jury, sheets, standing, withdrawn=run.withdrawn, ladder=award.decision.ladder)
    return counted.admitted


def _vote(vote: VoteRound, standing: Sequence[CandidateId], run: AwardRun, papers: AwardPapers) -> RoundCount:
    return count_vote(
        vote,
        papers.ballots.get(vote.id, ()),
        standing,
        withdrawn=run.withdrawn,
        voided=frozenset(run.voided),
        turnout=papers.turnout.get(vote.id),
    )


def _runoffs(award: Award, run: AwardRun, papers: AwardPapers) -> tuple[Runoff, ...]:
    """The sealed run-offs in the order in which they were held, by the settings of the vote."""
    if award.vote is None:
        return ()
    held = []
    for round_id, candidates in run.runoffs.items():
        if run.round(round_id).state is RoundState.SEALED:
            left = tuple(c for c in candidates if c not in run.withdrawn)
            counted = _vote(replace(award.vote, id=round_id), left, run, papers)
            held.append(Runoff(id=round_id, candidates=frozenset(left), counted=counted))
    return tuple(held)


def _deciding_jury(award: Award) -> JuryRound | None:
    """The jury round that decides, else the last one: it answers the criteria of the ladder."""
    named = next((one for one in award.jury if one.id == award.decision.jury_round), None)
    return named or (award.jury[-1] if award.jury else None)


def _last_root(award: Award, run: AwardRun) -> str:
    held = [*(one.id for one in award.rounds()), *run.runoffs]
    roots = [run.round(one).box_hash for one in held if run.round(one).box_hash]
    return roots[-1] if roots else ""


def _first_place(
    award: Award, ranking: Ranks, evidence: Evidence
) -> tuple[AwardKind, Ranks, tuple[AwardTie, ...]]:
    """What the first place comes to: the kind, the ranking with the first place parted, the ties."""
    if not ranking:
        return AwardKind.NO_VALID_VOTES, (), ()
    first, rest = ranking[0], ranking[1:]
    if NOBODY in first:
        if len(first) == 1:
            return AwardKind.NOBODY, ranking, ()
        tie = behind_nobody(first)
        return AwardKind.NOBODY, (*tie.parted, *rest), (tie,)
    if len(first) == 1:
        return AwardKind.WINNER, ranking, ()
    walked = walk(first, award.decision.ladder, evidence)
    return walked.kind, (*walked.tie.parted, *rest), (walked.tie,)
