"""Figures of hands and paper as people type them into a form, for both people who name them."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.award_result import candidate_name
from polls.award.handcounts import Place
from polls.award.life import AwardRun, RoundState, round_ids, round_of, standing
from polls.award.model import Award, BallotForm, CandidateId, RoundId, VoteRound
from server.award.handcounts import Figures
from voting.award.ballot import canonical_choices
from voting.errors import BallotInvalid
from voting.jury.sheet import Ranks

FIELD = "n-"
"""Beginning of the fields of a single choice: n-<candidate>, and n- alone for abstentions."""

ABSTAIN = "-"
"""An abstention in a line of text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountForm:
    """What the form of the vote that is open needs: its choices in the order of the paper, or lines of text.

    `fields` are names of fields with what stands beside them; empty where choices are typed as text.
    `ids` are the candidates' short names for such text.
    """

    round: RoundId
    fields: tuple[tuple[str, str], ...]
    ids: tuple[tuple[str, str], ...]
    is_ranking: bool
    abstain: bool
    classes: tuple[tuple[str, str], ...]


def count_form(award: Award, run: AwardRun, lang: str) -> CountForm | None:
    """The form for the vote or run-off that is open; None without one."""
    for round_id in round_ids(award, run):
        rules = round_of(award, run, round_id)
        if isinstance(rules, VoteRound) and run.round(round_id).state is RoundState.OPEN:
            known = [(c, candidate_name(award, c, lang)) for c in standing(award, run, round_id)]
            return CountForm(
                round=round_id,
                fields=tuple((FIELD + c, name) for c, name in known)
                if rules.form is BallotForm.SINGLE
                else (),
                ids=tuple((str(c), name) for c, name in known),
                is_ranking=rules.form is BallotForm.RANKING,
                abstain=rules.abstain,
                classes=tuple((str(one.id), one.name.pick(lang)) for one in rules.classes),
            )
    return None


def place_of(form: Mapping[str, str]) -> Place:
    """Which count a form is about."""
    return Place(form.get("round", ""), form.get("channel", ""), form.get("class", ""))


def figures_of(award: Award, run: AwardRun, form: Mapping[str, str]) -> Figures:
    """The figures of a form. Raises BallotInvalid, in words for the person who typed them."""
    rules = round_of(award, run, form.get("round", ""))
    if not isinstance(rules, VoteRound):
        raise BallotInvalid("unknown_round", "This award has no such vote.")
    counts: dict[Ranks, int] = {}
    if rules.form is BallotForm.SINGLE:
        for name, typed in form.items():
            if name.startswith(FIELD):
                candidate = name.removeprefix(FIELD)
                choices = canonical_choices([[candidate]] if candidate else [])
                counts[choices] = _number(typed)
    else:
        for number, line in enumerate(form.get("lines", "").splitlines(), 1):
            if line.strip():
                choices, n = _line(line, number, is_ranking=rules.form is BallotForm.RANKING)
                if choices in counts:
                    raise BallotInvalid(
                        "twice", f"Line {number}: these choices stand in a line above; add them up."
                    )
                counts[choices] = n
    return Figures(counts={choices: n for choices, n in counts.items() if n})


def _line(line: str, number: int, *, is_ranking: bool) -> tuple[Ranks, int]:
    said, colon, typed = line.rpartition(":")
    if not colon:
        raise BallotInvalid("no_number", f"Line {number}: expected choices, a colon and a number.")
    if said.strip() == ABSTAIN:
        return (), _number(typed)
    ranks = (
        [[c.strip() for c in rank.split("=")] for rank in said.split(">")]
        if is_ranking
        else [[c.strip() for c in said.split(",")]]
    )
    return canonical_choices([CandidateId(c) for c in rank] for rank in ranks), _number(typed)


def _number(typed: str) -> int:
    text = typed.strip() or "0"
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise BallotInvalid("no_number", f"Expected a whole number from 0, not {text[:20]!r}.")
    return int(text)
