"""What an award's voter sees: how the vote stands, the paper, and a ballot in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from dashboard.award_result import candidate_name, names_of
from dashboard.phone_view import Choice
from dashboard.words import paper_words, say
from polls.award.life import AwardRun, RoundState, standing
from polls.award.model import NOBODY, Award, BallotForm, CandidateId, Electorate, RoundId, VoteRound


class VoteState(StrEnum):
    """How a vote stands for those who may cast a ballot in it."""

    SOON = "soon"
    OPEN = "open"
    CLOSED = "closed"
    SEALED = "sealed"
    OUT = "out"
    """The last step of the reveal was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VotePaper:
    """A vote's paper in one language. A ballot names from `least` to `most` of the `options`; `max` is what
    the paper takes at once. `words` are what a script needs to put options in order, by key."""

    round: RoundId
    form: BallotForm
    question: str
    instruction: str
    options: tuple[Choice, ...]
    least: int
    most: int
    ties: bool
    abstain: bool
    electorate: Electorate
    closes_ms: int | None
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def max(self) -> int:
        return self.most


def vote_state(award: Award, run: AwardRun, round_id: RoundId) -> VoteState:
    """How the vote or run-off of this id stands."""
    if run.revealed:
        return VoteState.OUT
    match run.round(round_id).state:
        case RoundState.WAITING:
            return VoteState.SOON
        case RoundState.OPEN:
            return VoteState.OPEN
        case RoundState.CLOSED:
            return VoteState.CLOSED
        case RoundState.SEALED:
            return VoteState.SEALED


def vote_paper(award: Award, vote: VoteRound, run: AwardRun, round_id: RoundId, lang: str) -> VotePaper:
    """The blank paper of a vote or run-off: those who stand in it, in the order of the paper."""
    known = standing(award, run, round_id)
    most = 1 if vote.form is BallotForm.SINGLE else min(vote.most or len(known), len(known))
    least = min(vote.least, most)
    return VotePaper(
        round=round_id,
        form=vote.form,
        question=award.title.pick(lang),
        instruction=_instruction(vote.form, least, most, len(known), lang),
        options=tuple(_choice(award, candidate, lang) for candidate in known),
        least=least,
        most=most,
        ties=vote.form is BallotForm.RANKING and vote.ties,
        abstain=vote.abstain,
        electorate=vote.electorate,
        closes_ms=run.round(round_id).closes_ms,
        words=paper_words(lang) if vote.form is BallotForm.RANKING else {},
    )


def withdrawn_words(award: Award, run: AwardRun, round_id: RoundId, lang: str) -> str:
    """Who would stand in a vote or run-off and has withdrawn, in a sentence; "" when nobody has."""
    still = standing(award, run, round_id)
    gone = [c for c in standing(award, replace(run, withdrawn=()), round_id) if c not in still]
    return say(lang, "voter_withdrawn", names=names_of(award, gone, lang)) if gone else ""


def _choice(award: Award, candidate: CandidateId, lang: str) -> Choice:
    found = None if candidate == NOBODY else award.candidate(candidate)
    lines = [text.pick(lang) for text in (found.entrant, found.detail) if text] if found else []
    return Choice(id=candidate, text=candidate_name(award, candidate, lang), detail=" · ".join(lines))


def _instruction(form: BallotForm, least: int, most: int, n: int, lang: str) -> str:
    if form is BallotForm.SINGLE:
        return say(lang, "voter_choose_single")
    is_any = least <= 1 and most >= n
    if form is BallotForm.APPROVAL:
        return say(lang, "voter_choose_any" if is_any else "voter_choose_approval", least=least, most=most)
    key = "voter_choose_ranking_any" if is_any else "voter_choose_ranking"
    return say(lang, key, least=least, most=most)


def choices_of(form: BallotForm, selections: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Choices in ranks from what a form selects: ids, or ranks whose ids are joined by "="; nothing but ""
    is an abstention."""
    named = [one for one in selections if one]
    if form is BallotForm.RANKING:
        return tuple(tuple(rank.split("=")) for rank in named)
    if form is BallotForm.APPROVAL:
        return (tuple(named),) if named else ()
    return tuple((one,) for one in named)


def paper_problem(paper: VotePaper, selections: Sequence[str]) -> str:
    """The key of the sentence for what is wrong with a form's selections; "" when nothing is."""
    named = [one for rank in selections if rank for one in rank.split("=")]
    if not selections:
        return "voter_none_chosen"
    if "" in selections:
        return "voter_abstain_and_choice" if named else "" if paper.abstain else "voter_none_chosen"
    if len(named) > paper.most:
        return "voter_too_many"
    return "voter_too_few" if len(named) < paper.least and named != [NOBODY] else ""


def choices_words(award: Award, choices: Sequence[Sequence[str]], form: BallotForm, lang: str) -> str:
    """A ballot as people read it: "Ada", "Ada, Bram", or in order "1 Ada, 2 Bram"."""
    items = []
    for place, rank in enumerate(choices, 1):
        for candidate in rank:
            name = candidate_name(award, CandidateId(candidate), lang)
            is_placed = form is BallotForm.RANKING
            items.append(say(lang, "paper_rank_item", place=place, option=name) if is_placed else name)
    return ", ".join(items) or say(lang, "voter_confirm_abstain")
