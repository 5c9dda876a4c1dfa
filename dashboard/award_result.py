"""An award's result in words and tables: counts first, the base named, equal counts read equal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dashboard.award_rules import RELATIVE_RULES, class_sentences, criterion_name
from dashboard.numbers import two_decimals
from dashboard.words import say
from polls.award.model import (
    CRITERION_RUNG,
    NOBODY,
    Award,
    Blend,
    CandidateId,
    JuryRound,
    JuryRule,
    Publish,
    RoundId,
    Rung,
)
from voting.award.counted import AwardKind, AwardResult, AwardTie, RoundCount, RoundKind
from voting.percent import BLANK, show_percent

MARK_RULES = (JuryRule.MEAN, JuryRule.TRIMMED, JuryRule.MEDIAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardTable:
    """One table as people read it: every cell a text, and the notes below it; `candidates` are those of the
    rows."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    candidates: tuple[CandidateId, ...] = ()


def candidate_name(award: Award, candidate: CandidateId, lang: str) -> str:
    """The name of a candidate; NOBODY has one of its own."""
    if candidate == NOBODY:
        return say(lang, "award_nobody")
    found = award.candidate(candidate)
    return found.name.pick(lang) if found else str(candidate)


def names_of(award: Award, candidates: Sequence[CandidateId], lang: str) -> str:
    """Several names in the order of the paper: "A, B and C"."""
    names = [candidate_name(award, c, lang) for c in award.candidate_ids if c in candidates]
    if len(names) < 2:
        return "".join(names)
    return say(lang, "award_and", names=", ".join(names[:-1]), last=names[-1])


def figure_text(figure: Fraction, lang: str) -> str:
    """An exact figure as people read it: whole numbers whole, others with two decimals."""
    return str(figure.numerator) if figure.denominator == 1 else two_decimals(figure, lang)


def result_sentence(award: Award, result: AwardResult, lang: str) -> str:
    """The result as one sentence without a full stop: the one that every phone gets at the last step."""
    match result.kind:
        case AwardKind.WINNER:
            said = _wins(award, result, result.winners[0], lang)
            return say(lang, "award_wins_tie", sentence=said) if result.ties else said
        case AwardKind.SHARED:
            return _shared(award, result.winners, lang)
        case AwardKind.UNDECIDED:
            return say(lang, f"award_undecided_{result.pending}")
        case AwardKind.NOBODY:
            return say(lang, "award_nobody_wins")
        case AwardKind.NO_VALID_VOTES:
            return say(lang, "award_no_valid_votes")


def _shared(award: Award, winners: Sequence[CandidateId], lang: str) -> str:
    names = [candidate_name(award, c, lang) for c in award.candidate_ids if c in winners]
    key = f"award_shared_{len(names)}" if len(names) <= 3 else "award_shared_many"
    by_word = dict(zip(("first", "second", "third"), names, strict=False))
    return say(lang, key, n=len(names), names=names_of(award, winners, lang), **by_word)


def _wins(award: Award, result: AwardResult, winner: CandidateId, lang: str) -> str:
    name = candidate_name(award, winner, lang)
    figure = result.combined[winner]
    decision = award.decision
    if result.sides.audience:
        total = decision.jury_weight + decision.audience_weight
        return say(
            lang,
            "award_wins_sum" if decision.blend is Blend.POINTS else "award_wins_parts",
            name=name,
            figure=figure_text(figure, lang),
            total=total,
            jury=figure_text(result.sides.jury[winner], lang),
            audience=figure_text(result.sides.audience[winner], lang),
        )
    if decision.blend is Blend.AUDIENCE and not result.jury_only and award.vote is not None:
        return _wins_vote(award.vote.method, result.rounds[award.vote.id], winner, name, lang)
    jury = next(one for one in award.jury if one.id == decision.jury_round)
    return _wins_jury(jury, result.rounds[jury.id], winner, name, lang)


def _wins_vote(method: str, counted: RoundCount, winner: CandidateId, name: str, lang: str) -> str:
    figure = counted.figures[winner]
    if method in ("plurality", "approval"):
        share = show_percent(int(figure), counted.weight, counted.percent[winner])
        return say(lang, "award_wins_votes", name=name, votes=int(figure), total=counted.weight, share=share)
    if method == "irv":
        total = sum(counted.steps[-1].tally.values())
        return say(lang, "award_wins_runoff", name=name, votes=int(figure), total=total)
    key = "award_wins_points" if method == "borda" else "award_wins_pairs"
    return say(lang, key, name=name, figure=figure_text(figure, lang))


def _wins_jury(jury: JuryRound, counted: RoundCount, winner: CandidateId, name: str, lang: str) -> str:
    figure = counted.figures[winner]
    if jury.rule is JuryRule.IRV:
        total = sum(counted.steps[-1].tally.values())
        return say(lang, "award_wins_runoff", name=name, votes=int(figure), total=total)
    if jury.rule is JuryRule.APPROVAL:
        return say(lang, "award_wins_picks", name=name, n=int(figure))
    is_share = _is_share(jury, counted)
    if jury.rule in MARK_RULES:
        key = "mark"
    elif jury.rule is JuryRule.SCHULZE:
        key = "pairs"
    elif jury.rule is JuryRule.RANKSUM:
        key = "place"
    else:
        key = "share" if is_share else "points"
    shown = percent_text(figure, lang) if key == "share" else figure_text(figure, lang)
    return say(lang, f"award_wins_{key}", name=name, figure=shown)


def percent_text(share: Fraction, lang: str) -> str:
    """A share from 0 to 1 as a percentage with two decimals: 5/6 is "83.33 %"."""
    return f"{figure_text(share * 100, lang)}{BLANK}%"


def _is_share(jury: JuryRound, counted: RoundCount) -> bool:
    """Whether figures of points or places are shares, because not every voice judged all."""
    return jury.rule in RELATIVE_RULES and any(v.covers != counted.figures.keys() for v in counted.voices)


def tie_sentences(award: Award, result: AwardResult, lang: str, draw: str = "") -> tuple[str, ...]:
    """How the tie for first place went, rung by rung; nothing without a tie. `draw` is the text drawn."""
    said: list[str] = []
    for tie in result.ties:
        said.append(say(lang, "award_tie", names=names_of(award, tie.candidates, lang)))
        said += [_tried(award, rung, lang) for rung in tie.tried[:-1]]
        said.append(_ended(award, result, tie, lang, draw))
    return tuple(said)


def _tried(award: Award, rung: str, lang: str) -> str:
    if rung.startswith(CRITERION_RUNG):
        return say(lang, "award_tried_criterion", name=criterion_name(award, rung, lang))
    return say(lang, f"award_tried_{rung if rung in _RUNGS else 'runoff'}")


_RUNGS = frozenset(rung.value for rung in Rung) | {"nobody"}


def _ended(award: Award, result: AwardResult, tie: AwardTie, lang: str, draw: str) -> str:
    if result.kind is AwardKind.UNDECIDED:
        return say(lang, f"award_waits_{tie.rung}")
    name = candidate_name(award, tie.parted[0][0], lang)
    if tie.rung.startswith(CRITERION_RUNG):
        criterion = criterion_name(award, tie.rung, lang)
        return say(lang, "award_decided_criterion", name=name, criterion=criterion)
    rung = tie.rung if tie.rung in _RUNGS else "runoff"
    return say(lang, f"award_decided_{rung}", name=name, draw=draw)


def remarks(award: Award, result: AwardResult, lang: str, *, voided: int = 0) -> tuple[str, ...]:
    """What else must be said: jury only, a fallback, withdrawals with their numbers of ballots, and how many
    ballots were `voided`: without it codes and ballots would not add up."""
    said = [say(lang, "award_jury_only")] if result.jury_only else []
    if any(counted.fallback for counted in result.rounds.values()):
        said.append(say(lang, "award_fallback"))
    for candidate in result.withdrawn:
        n = result.withdrawn_votes.get(candidate, 0)
        said.append(say(lang, "award_withdrawn", name=candidate_name(award, candidate, lang), n=n))
    if voided:
        said.append(say(lang, "award_voided", n=voided))
    return tuple(said)


def result_tables(award: Award, result: AwardResult, lang: str) -> tuple[AwardTable, ...]:
    """All tables of a result: the combined one first, then the rounds in their order."""
    tables = [combined_table(award, result, lang)] if result.sides.audience else []
    tables += [round_table(award, round_id, counted, lang) for round_id, counted in result.rounds.items()]
    return tuple(tables)


def combined_table(award: Award, result: AwardResult, lang: str) -> AwardTable:
    """Jury, audience and sum of each candidate, best first."""
    decision = award.decision

    def row(place: str, candidate: CandidateId) -> tuple[str, ...]:
        sides = result.sides
        figures = (sides.jury[candidate], sides.audience[candidate], result.combined[candidate])
        name = candidate_name(award, candidate, lang)
        return (place, name, *(figure_text(figure, lang) for figure in figures))

    return AwardTable(
        title=say(lang, "award_table_combined"),
        header=_header(lang, "place", "candidate", "jury", "audience", "sum"),
        rows=tuple(row(place, c) for place, c in _placed(award, result.ranking)),
        candidates=tuple(c for _, c in _placed(award, result.ranking)),
        notes=(say(lang, "award_note_shares", jury=decision.jury_weight, audience=decision.audience_weight),)
        if decision.blend is Blend.SHARES
        else (),
    )


def round_table(award: Award, round_id: RoundId, counted: RoundCount, lang: str) -> AwardTable:
    """One round: votes with percentages, or the jury's figures; who is not rated says so."""
    jury = next((one for one in award.jury if one.id == round_id), None)
    ranking = counted.ranking or (tuple(sorted(counted.figures)),)
    placed = [(place if counted.ranking else "", c) for place, c in _placed(award, ranking)]
    if jury is not None:
        column = jury_column(jury, counted)
        shown: Mapping[CandidateId, tuple[str, ...]] = {
            c: (percent_text(f, lang) if column in ("share", "rank_share") else figure_text(f, lang),)
            for c, f in counted.figures.items()
        }
        placed += [("", c) for c in award.candidate_ids if c in counted.not_rated]
        shown = {**shown, **dict.fromkeys(counted.not_rated, (say(lang, "award_not_rated"),))}
        header = _header(lang, "place", "candidate", column)
        notes = [say(lang, "award_note_sheets", n=counted.ballots, jurors=len(jury.jurors))]
        notes += _covered(award, jury, counted, lang)
        title = say(lang, "award_table_jury")
    else:
        header, shown = _vote_cells(award, counted, lang)
        notes = vote_notes(counted, lang, has_percent=bool(counted.percent))
        notes += class_sentences(award.vote, lang) if award.vote else ()
        is_vote = award.vote is not None and round_id == award.vote.id
        title = say(lang, "award_table_vote" if is_vote else "award_table_runoff")
    if counted.fallback:
        notes.append(say(lang, "award_fallback"))
    return AwardTable(
        title=title,
        header=header,
        rows=tuple((place, candidate_name(award, c, lang), *shown[c]) for place, c in placed),
        notes=tuple(notes),
        candidates=tuple(c for _, c in placed),
    )


def _covered(award: Award, jury: JuryRound, counted: RoundCount, lang: str) -> list[str]:
    """How many sheets each figure is made of, where they are not equally many and the sheets are public."""
    sheets = {c: sum(c in voice.covers for voice in counted.voices) for c in counted.figures}
    if jury.publish is not Publish.BALLOTS or not jury.rule.reads_marks or len({*sheets.values()}) < 2:
        return []
    listed = [
        say(lang, "award_covered_one", name=candidate_name(award, c, lang), n=sheets[c])
        for c in award.candidate_ids
        if c in sheets
    ]
    return [say(lang, "award_note_covered", list=", ".join(listed))]


def _vote_cells(
    award: Award, counted: RoundCount, lang: str
) -> tuple[tuple[str, ...], Mapping[CandidateId, tuple[str, ...]]]:
    if counted.percent:
        return _header(lang, "place", "candidate", "votes", "percent"), {
            c: (str(int(f)), show_percent(int(f), counted.weight, counted.percent[c]))
            for c, f in counted.figures.items()
        }
    is_points = award.vote is not None and award.vote.method == "borda"
    column = "points" if is_points else "ahead"
    cells = {c: (figure_text(f, lang),) for c, f in counted.figures.items()}
    return _header(lang, "place", "candidate", column), cells


def vote_notes(counted: RoundCount, lang: str, *, has_percent: bool) -> list[str]:
    """How many ballots and codes a vote is made of; `has_percent`: percentages stand beside these notes."""
    key = "award_note_votes" if has_percent else "award_note_ballots"
    notes = [say(lang, key, n=counted.ballots, abstained=counted.abstentions, weight=counted.weight)]
    turnout = counted.turnout
    if counted.kind is RoundKind.VOTE and turnout.register:
        notes.append(say(lang, "award_note_turnout", spent=turnout.spent, register=turnout.register))
    return notes


def jury_column(jury: JuryRound, counted: RoundCount) -> str:
    is_share = _is_share(jury, counted)
    match jury.rule:
        case JuryRule.MEAN | JuryRule.TRIMMED | JuryRule.MEDIAN:
            return "mark"
        case JuryRule.RANKSUM:
            return "rank_share" if is_share else "mean_place"
        case JuryRule.POINTS | JuryRule.BORDA:
            return "share" if is_share else "points"
        case JuryRule.APPROVAL:
            return "picks"
        case JuryRule.IRV:
            return "votes"
        case JuryRule.SCHULZE:
            return "ahead"


def _header(lang: str, *columns: str) -> tuple[str, ...]:
    return tuple(say(lang, f"award_col_{column}") for column in columns)


def _placed(award: Award, ranking: Sequence[Sequence[CandidateId]]) -> list[tuple[str, CandidateId]]:
    """The candidates with their places, equal ones sharing theirs, in the order of the paper within one."""
    placed = []
    place = 1
    for group in ranking:
        placed += [(str(place), c) for c in award.candidate_ids if c in group]
        place += len(group)
    return placed
