"""Rankings that are made of more than figures, by a runoff or by Schulze's method, in rounds that publish
totals: what steps and figures give away is checked.

Each lie is told by whoever holds the key: log and result are made anew around it.
"""

import copy
import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from polls.award.model import (
    BallotForm,
    Blend,
    Decision,
    Electorate,
    Juror,
    JurorId,
    JuryRound,
    JuryRule,
    Publish,
    Rung,
    VoteRound,
)
from server.record import recount
from server.record.archive import zip_of
from tests.polls.award_sample import FINAL, JURY, candidate, sample_award
from tests.server.record.builder import Draft, Json
from tests.server.record.evening import Evening
from voting.award.counted import AwardResult

FIVE = [candidate(name, name.upper()) for name in "abcde"]


def _parts(result: AwardResult) -> bool:
    """Whether the ranking is whole, and nobody shares one of its ends with somebody."""
    ends = (*result.ranking[:2], *result.ranking[-2:])
    return not result.withdrawn and len(result.ranking) > 3 and all(len(group) == 1 for group in ends)


@cache
def _vote(method: str) -> Draft:
    """The record of an award that a hidden vote decides by a ranking without ties, over several steps."""
    rules = replace(
        sample_award(FIVE),
        jury=(),
        vote=VoteRound(
            id=FINAL,
            electorate=Electorate.DEVICES,
            form=BallotForm.RANKING,
            method=method,
            most=0,
            publish=Publish.TOTALS,
        ),
        decision=Decision(blend=Blend.AUDIENCE, ladder=(Rung.SHARED,)),
        checkpoint_min=2,
    )
    for number in range(1_000):
        evening = Evening(rules, random.Random(number))
        result = evening.hold()
        steps = len(result.rounds[FINAL].steps)
        if _parts(result) and (steps > 2 or method != "irv"):
            evening.draft.finish(result.as_dict())
            return evening.draft
    raise AssertionError("no seed gives such a ranking")


@cache
def _jury(rule: JuryRule) -> Draft:
    """The same of a hidden jury."""
    rules = sample_award(FIVE, decision=Decision(blend=Blend.JURY, jury_round=JURY, ladder=(Rung.SHARED,)))
    jury = JuryRound(
        id=JURY,
        jurors=tuple(Juror(id=JurorId(f"j{n}"), name=f"Juror {n}") for n in range(9)),
        rule=rule,
        quorum_min=1,
        quorum_share=Fraction(),
        publish=Publish.TOTALS,
    )
    rules = replace(rules, jury=(jury,), vote=None)
    for number in range(1_000):
        evening = Evening(rules, random.Random(number))
        result = evening.hold()
        if _parts(result):
            evening.draft.finish(result.as_dict())
            return evening.draft
    raise AssertionError("no seed gives such a ranking")


def _recounted(draft: Draft, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    draft.relog_result()
    path = folder / "record.zip"
    path.write_bytes(zip_of(draft.files()))
    return recount.main([str(path)]), capsys.readouterr().out


DRAFTS: dict[str, Callable[[], Draft]] = {
    "vote-irv": lambda: _vote("irv"),
    "vote-schulze": lambda: _vote("schulze-winning"),
    "jury-irv": lambda: _jury(JuryRule.IRV),
    "jury-schulze": lambda: _jury(JuryRule.SCHULZE),
}


def _round(draft: Draft) -> Json:
    """The hidden round in the result."""
    (found,) = draft.result["rounds"].values()
    return found  # type: ignore[no-any-return]


def _follow(draft: Draft) -> None:
    """The award's result is made to follow from its round's ranking and figures."""
    counted = _round(draft)
    draft.result |= {"ranking": counted["ranking"], "winners": counted["ranking"][0]}
    draft.result["combined"] = counted["figures"]


@pytest.mark.parametrize("name", DRAFTS)
def test_a_true_record_fits(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = _recounted(copy.deepcopy(DRAFTS[name]()), tmp_path, capsys)

    assert code == 0, report
    assert "publishes totals only" in report


def other_winner(draft: Draft) -> None:
    ranking = _round(draft)["ranking"]
    ranking[0], ranking[1] = ranking[1], ranking[0]


def other_loser(draft: Draft) -> None:
    ranking = _round(draft)["ranking"]
    ranking[-1], ranking[-2] = ranking[-2], ranking[-1]


def nobody(draft: Draft) -> None:
    _round(draft)["ranking"] = []
    draft.result |= {"kind": "no-valid-votes", "winners": [], "ranking": [], "combined": {}}


@pytest.mark.parametrize("lie", [other_winner, other_loser, nobody])
@pytest.mark.parametrize("name", DRAFTS)
def test_the_ranking_cannot_be_another(
    name: str, lie: Callable[[Draft], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = copy.deepcopy(DRAFTS[name]())
    lie(draft)
    if lie is not nobody:
        _follow(draft)

    code, report = _recounted(draft, tmp_path, capsys)

    assert code == 1, report


def one_vote_more(draft: Draft) -> None:
    step = _round(draft)["steps"][0]
    step["tally"][min(step["tally"])] += 1


def votes_from_nowhere(draft: Draft) -> None:
    counted = _round(draft)
    step, winner = counted["steps"][-1], counted["ranking"][0][0]
    step["tally"][winner] += 50
    step["exhausted"] -= 50
    counted["figures"][winner] = str(int(counted["figures"][winner]) + 50)


def no_steps(draft: Draft) -> None:
    _round(draft)["steps"] = []


def other_figure(draft: Draft) -> None:
    counted = _round(draft)
    loser = counted["ranking"][-1][0]
    counted["figures"][loser] = str(int(counted["figures"][loser]) + 1)


@pytest.mark.parametrize("lie", [one_vote_more, votes_from_nowhere, no_steps, other_figure])
@pytest.mark.parametrize("name", ["vote-irv", "jury-irv"])
def test_the_steps_of_a_runoff_are_of_its_ballots(
    name: str, lie: Callable[[Draft], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = copy.deepcopy(DRAFTS[name]())
    lie(draft)
    _follow(draft)

    code, report = _recounted(draft, tmp_path, capsys)

    assert code == 1, report
