"""The rules by which a jury's sheets become a figure for each rated candidate (J1 to J9 of docs/awards.md).

Sources: the International Skating Union's and World Aquatics' trimmed panels; the European Broadcasting
Union's tables of points by group; Borda, instant runoff and Schulze as in voting.methods.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import assert_never

from polls.award.model import CandidateId, JuryRule
from voting.count_outcome import CountOutcome
from voting.jury.panel import Panel
from voting.jury.sheet import Ranks
from voting.jury.voice import Voice, by_figure, mid_ranks, table_points
from voting.methods import count
from voting.rankings import Profile, Ranking
from voting.rounds import Round
from voting.rulebook import Rulebook, Unranked

Figures = Mapping[CandidateId, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class JuryFigures:
    """What a rule makes of a panel. `fallback`: the trimmed mean fell back to the mean. `givers`: how
    many voices gave a candidate anything; None for rules that give marks and not points."""

    figures: Figures
    ranking: Ranks
    fallback: bool = False
    givers: Mapping[CandidateId, int] | None = None
    rounds: tuple[Round, ...] = ()
    step_ties: Mapping[int, tuple[tuple[CandidateId, ...], tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    panel: Panel
    voices: tuple[Voice, ...]
    rated: frozenset[CandidateId]

    @property
    def is_partial(self) -> bool:
        """Whether some voice does not cover all rated candidates; then figures are shares."""
        return any(voice.covers != self.rated for voice in self.voices)

    def covering(self, candidate: CandidateId) -> list[Voice]:
        return [voice for voice in self.voices if candidate in voice.covers]


def figures_of(panel: Panel) -> JuryFigures:
    """The figures of the rated candidates by the round's rule; none without a rated candidate."""
    rated = panel.rated
    spoken = _Spoken(panel=panel, voices=panel.voices(), rated=frozenset(rated))
    if not spoken.voices:
        return JuryFigures(figures=dict.fromkeys(rated, Fraction()), ranking=())
    rule = panel.jury.rule
    match rule:
        case JuryRule.MEAN:
            return _ordered({c: _mean(panel.marks(c)) for c in rated})
        case JuryRule.TRIMMED:
            return _trimmed(panel)
        case JuryRule.MEDIAN:
            return _ordered({c: median(panel.marks(c)) for c in rated})
        case JuryRule.RANKSUM:
            figures = _rank_means(spoken)
            return JuryFigures(figures=figures, ranking=by_figure(figures, lowest_first=True))
        case JuryRule.POINTS:
            return _points(spoken)
        case JuryRule.APPROVAL:
            picks = {c: sum(_ranks(voice, c) for voice in spoken.voices) for c in rated}
            return _ordered({c: Fraction(n) for c, n in picks.items()}, picks)
        case JuryRule.BORDA:
            return _borda(spoken)
        case JuryRule.IRV | JuryRule.SCHULZE:
            found = _counted(spoken.voices, sorted(rated), rule)
            return JuryFigures(
                figures={CandidateId(c): score for c, score in found.scores.items()},
                ranking=_ids(found.ranking),
                rounds=found.rounds,
                step_ties=ties_by_step(found),
            )
    assert_never(rule)


def _ordered(figures: Figures, givers: Mapping[CandidateId, int] | None = None) -> JuryFigures:
    return JuryFigures(figures=figures, ranking=by_figure(figures), givers=givers)


def _mean(values: Sequence[Fraction]) -> Fraction:
    return Fraction(sum(values, Fraction()), len(values))


def trimmed(values: Sequence[Fraction], drop: int) -> Fraction | None:
    """The mean without the `drop` highest and lowest values; None when fewer than 2·drop + 3 are there.

    One instance is dropped of equal extremes. Five values allow a drop of 1, seven one of 2.
    """
    if len(values) < 2 * drop + 3:
        return None
    kept = sorted(values)[drop : len(values) - drop]
    return _mean(kept)


def median(values: Sequence[Fraction]) -> Fraction:
    """The mean of the lower and the upper median, exact."""
    ordered = sorted(values)
    return Fraction(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2], 2)


def _trimmed(panel: Panel) -> JuryFigures:
    found = {c: trimmed(panel.marks(c), panel.jury.drop) for c in panel.rated}
    figures = {c: figure for c, figure in found.items() if figure is not None}
    if len(figures) == len(found):
        return _ordered(figures)
    # One rule for everybody: a trimmed mean beside a plain one would compare unlike figures.
    plain = {c: _mean(panel.marks(c)) for c in panel.rated}
    return JuryFigures(figures=plain, ranking=by_figure(plain), fallback=True)


def _rank_means(spoken: _Spoken) -> Figures:
    found: dict[CandidateId, list[Fraction]] = {c: [] for c in spoken.rated}
    for voice in spoken.voices:
        for candidate, rank in mid_ranks(voice.ranks).items():
            share = Fraction(rank - Fraction(1, 2), len(voice.covers))
            found[candidate].append(share if spoken.is_partial else rank)
    return {c: _mean(ranks) for c, ranks in found.items()}


def _points(spoken: _Spoken) -> JuryFigures:
    table = spoken.panel.jury.table
    given = [table_points(voice.ranks, table) for voice in spoken.voices]
    figures = {c: sum((points.get(c, Fraction()) for points in given), Fraction()) for c in spoken.rated}
    givers = {c: sum(points.get(c, 0) > 0 for points in given) for c in spoken.rated}
    if spoken.is_partial:
        figures = {c: Fraction(f, table[0] * len(spoken.covering(c))) for c, f in figures.items()}
    return _ordered(figures, givers)


def _borda(spoken: _Spoken) -> JuryFigures:
    figures = dict.fromkeys(spoken.rated, Fraction())
    for covers in {voice.covers for voice in spoken.voices}:
        alike = [voice for voice in spoken.voices if voice.covers == covers]
        found = _counted(alike, sorted(covers), JuryRule.BORDA, spoken.panel.jury.unranked)
        for candidate, score in found.scores.items():
            figures[CandidateId(candidate)] += score
    if spoken.is_partial:
        best = {c: sum(len(voice.covers) for voice in spoken.covering(c)) for c in figures}
        figures = {c: Fraction(f, best[c]) if best[c] else f for c, f in figures.items()}
    givers = {c: sum(_ranks(voice, c) for voice in spoken.voices) for c in spoken.rated}
    return _ordered(figures, givers)


def _ranks(voice: Voice, candidate: CandidateId) -> bool:
    return any(candidate in rank for rank in voice.ranks)


def _counted(
    voices: Sequence[Voice], candidates: Sequence[CandidateId], rule: JuryRule, unranked: str = "zero"
) -> CountOutcome:
    position = {candidate: i for i, candidate in enumerate(candidates)}
    ballots: dict[Ranking, int] = {}
    for voice in voices:
        ranks = [*voice.ranks]
        if rule is JuryRule.SCHULZE:
            # Written out, so that those a juror may not judge are compared with nobody.
            ranks.append(tuple(c for c in voice.covers if not _ranks(voice, c)))
        ballot = tuple(tuple(sorted(position[c] for c in rank)) for rank in ranks if rank)
        ballots[ballot] = ballots.get(ballot, 0) + voice.weight
    rules = Rulebook(method=rule.value, unranked=Unranked(unranked))
    return count(Profile(candidates=tuple(candidates), ballots=ballots), rules)


def ties_by_step(found: CountOutcome) -> dict[int, tuple[tuple[CandidateId, ...], tuple[str, ...]]]:
    """The ties for last of a runoff by the number of the round: who, and the rungs that were tried."""
    return {
        tie.round: (tuple(CandidateId(c) for c in tie.candidates), tuple(r.value for r in tie.rungs))
        for tie in found.ties
        if tie.round is not None
    }


def _ids(ranking: Sequence[Sequence[str]]) -> Ranks:
    return tuple(tuple(CandidateId(candidate) for candidate in group) for group in ranking)
