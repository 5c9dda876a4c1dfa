"""Laws that every award keeps, whatever its rules."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polls.award.life import AwardRun
from polls.award.model import (
    NOBODY,
    SHARE_METHODS,
    SHARE_RULES,
    Award,
    BallotForm,
    Blend,
    CandidateId,
    JurorId,
    JuryRound,
    JuryRule,
    Rung,
)
from tests.voting.award.material import award, criteria, handed_in, ids, jury, vote
from voting.award.ballot import AwardBallot, canonical_choices
from voting.award.count import AwardPapers, count_award
from voting.award.counted import AwardKind, AwardResult
from voting.award.jury import count_jury
from voting.award.reveal import reveal_steps
from voting.award.tiedesk import tie_desk
from voting.jury.sheet import RecusalReason, Sheet

law = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAMES = "abcd"
LADDERS = st.lists(
    st.sampled_from([*(rung.value for rung in Rung if rung is not Rung.SHARED), "criterion:k1"]), unique=True
)


def sheets_of(draw: st.DrawFn, one: JuryRound) -> list[Sheet]:
    made = []
    for juror in one.jurors:
        if not draw(st.integers(0, 5)):
            continue
        recused = draw(st.sets(st.sampled_from(ids(NAMES)), max_size=1))
        marks = {
            c: {k.id: draw(st.integers(0, 4)) for k in one.criteria if draw(st.integers(0, 9))}
            for c in ids(NAMES)
        }
        order = draw(st.permutations(ids(NAMES)))[: draw(st.integers(0, 4))]
        made.append(
            Sheet(
                juror=juror.id,
                recused=dict.fromkeys(recused, RecusalReason.OTHER),
                marks=marks if one.rule.reads_marks else {},
                picks=tuple(order) if one.rule is JuryRule.APPROVAL else (),
                ranking=canonical_choices([c] for c in order)
                if not one.rule.reads_marks and one.rule is not JuryRule.APPROVAL
                else (),
                locked=True,
            )
        )
    return made


@st.composite
def awards(draw: st.DrawFn) -> tuple[Award, AwardRun, AwardPapers]:
    blend = draw(st.sampled_from(list(Blend)))
    rule = draw(st.sampled_from(SHARE_RULES if blend is Blend.SHARES else list(JuryRule)))
    form = draw(st.sampled_from(list(BallotForm)))
    by_form = {
        BallotForm.SINGLE: ["plurality"],
        BallotForm.APPROVAL: ["approval"],
        BallotForm.RANKING: ["borda", "irv", "schulze-winning"],
    }
    methods = [m for m in by_form[form] if blend is not Blend.SHARES or m in SHARE_METHODS]
    panel = jury(
        ["", "x", "x", "y", "", "", ""],
        rule,
        criteria=criteria(*draw(st.lists(st.integers(1, 4), min_size=1, max_size=2))),
        quorum_min=draw(st.integers(0, 3)),
        quorum_share=draw(st.sampled_from([Fraction(0), Fraction(2, 3)])),
        shortlist=draw(st.integers(0, 3)),
        boundary_ladder=draw(st.booleans()),
        unranked=draw(st.sampled_from(["zero", "average", "length"])),
    )
    has_vote = blend is not Blend.JURY or draw(st.booleans())
    one = award(
        NAMES,
        jury_rounds=[panel],
        hall=vote(form, draw(st.sampled_from(methods)), ties=True) if has_vote else None,
        none=draw(st.booleans()),
        blend=blend,
        jury_only_without_audience=draw(st.booleans()),
        ladder=tuple(draw(LADDERS)),
    )
    sheets = sheets_of(draw, panel)
    withdrawn = draw(st.sets(st.sampled_from(ids(NAMES)), max_size=1))
    votes: list[AwardBallot] = []
    if has_vote:
        left = [c for c in ids(NAMES) if c not in withdrawn]
        paper = [*count_jury(panel, sheets, left, withdrawn=withdrawn, ladder=one.decision.ladder).admitted]
        paper += [*sorted(withdrawn), *([NOBODY] if one.none_of_the_above else [])]
        for number in range(draw(st.integers(0, 6))):
            order = draw(st.permutations(paper))
            size = min(len(order), 1 if form is BallotForm.SINGLE else draw(st.integers(0, 4)))
            ranks = [order[:size]] if form is BallotForm.APPROVAL and size else [[c] for c in order[:size]]
            choices = canonical_choices(ranks)
            votes.append(AwardBallot(voter_class=vote().classes[0].id, choices=choices, receipt=f"r{number}"))
    told = draw(st.sampled_from([{}, {"chair": "a", "lot": "7"}]))
    papers, run = handed_in(one, sheets, votes, withdrawn=tuple(sorted(withdrawn)), choices=told)
    return one, run, papers


def counted(case: tuple[Award, AwardRun, AwardPapers]) -> AwardResult:
    return count_award(*case)


@law
@given(case=awards(), data=st.data())
def test_the_order_of_sheets_and_ballots_never_changes_a_result(case: Any, data: st.DataObject) -> None:
    one, run, papers = case
    shuffled = AwardPapers(
        sheets={r: data.draw(st.permutations(list(s))) for r, s in papers.sheets.items()},
        ballots={r: data.draw(st.permutations(list(b))) for r, b in papers.ballots.items()},
    )
    assert count_award(one, run, shuffled).as_dict() == counted(case).as_dict()


@law
@given(case=awards(), data=st.data())
def test_who_voted_never_matters_only_what_was_said(case: Any, data: st.DataObject) -> None:
    """Receipts, and which juror of those with equal standing said what."""
    one, run, papers = case
    alone = [juror.id for juror in one.jury[0].jurors if not juror.group]
    swap = dict(zip(alone, data.draw(st.permutations(alone)), strict=True))
    other = AwardPapers(
        sheets={
            r: [replace(s, juror=swap.get(s.juror, s.juror)) for s in sheets]
            for r, sheets in papers.sheets.items()
        },
        ballots={
            r: [replace(b, receipt=f"x{b.receipt}") for b in ballots] for r, ballots in papers.ballots.items()
        },
    )
    assert count_award(one, run, other).as_dict() == counted(case).as_dict()


def renamed(case: tuple[Award, AwardRun, AwardPapers], to: dict[CandidateId, CandidateId]) -> Any:
    one, run, papers = case
    sheets = {
        r: [
            replace(
                s,
                recused={to[c]: reason for c, reason in s.recused.items()},
                marks={to[c]: marks for c, marks in s.marks.items()},
                picks=tuple(to[c] for c in s.picks),
                ranking=canonical_choices([to[c] for c in rank] for rank in s.ranking),
            )
            for s in given
        ]
        for r, given in papers.sheets.items()
    }
    ballots = {
        r: [replace(b, choices=canonical_choices([to[c] for c in rank] for rank in b.choices)) for b in cast]
        for r, cast in papers.ballots.items()
    }
    told = {key: str(to.get(CandidateId(value), value)) for key, value in run.choices.items()}
    moved = replace(run, withdrawn=tuple(sorted(to[c] for c in run.withdrawn)), choices=told)
    return one, moved, AwardPapers(sheets=sheets, ballots=ballots)


@law
@given(case=awards(), order=st.permutations(ids(NAMES)))
def test_names_never_matter(case: Any, order: list[CandidateId]) -> None:
    if Rung.LOT in case[0].decision.ladder:  # the lot is made from names
        return
    to = dict(zip(ids(NAMES), order, strict=True)) | {NOBODY: NOBODY}
    before, after = counted(case), counted(renamed(case, to))
    assert after.kind is before.kind
    assert set(after.winners) == {to[c] for c in before.winners}
    assert [set(group) for group in after.ranking] == [{to[c] for c in group} for group in before.ranking]
    assert after.combined == {to[c]: figure for c, figure in before.combined.items()}


@law
@given(case=awards(), factor=st.integers(2, 9))
def test_scaling_all_weights_of_criteria_changes_nothing(case: Any, factor: int) -> None:
    one, run, papers = case
    panel = one.jury[0]
    scaled = tuple(replace(k, weight=k.weight * factor) for k in panel.criteria)
    other = replace(one, jury=(replace(panel, criteria=scaled),))
    assert count_award(other, run, papers).as_dict() == counted(case).as_dict()


@law
@given(case=awards())
def test_a_result_is_whole_and_every_ladder_ends(case: Any) -> None:
    one, run, papers = case
    found = counted(case)
    ranked = [c for group in found.ranking for c in group]
    assert sorted(ranked) == sorted(found.combined)
    assert len(set(ranked)) == len(ranked)
    assert not set(ranked) & set(run.withdrawn)
    assert bool(found.ranking) is (found.kind is not AwardKind.NO_VALID_VOTES)
    assert (found.kind in (AwardKind.WINNER, AwardKind.SHARED)) is bool(found.winners)
    if found.winners:
        assert found.winners == found.ranking[0]
        assert (len(found.winners) == 1) is (found.kind is AwardKind.WINNER)
    for tie in found.ties:
        assert tie.rung == tie.tried[-1]
        assert sorted(c for group in tie.parted for c in group) == sorted(tie.candidates)
    desk = tie_desk(one, run, papers)
    if found.kind is AwardKind.UNDECIDED:
        assert desk is not None
        assert desk.need.value == found.pending
        assert len(desk.left) > 1
    for voted in found.rounds.values():
        assert voted.valid <= voted.ballots
        assert not set(voted.not_rated) & voted.figures.keys()


@law
@given(case=awards())
def test_a_step_holds_nothing_of_later_ones(case: Any) -> None:
    found = counted(case)
    if found.kind is AwardKind.UNDECIDED:
        return
    steps = reveal_steps(case[0], found)
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert [step.is_last for step in steps] == [False] * (len(steps) - 1) + [True]
    for at, step in enumerate(steps):
        later = {c for other in steps[at:] if other.place < step.place for c in other.candidates}
        told = {c for figures in (step.jury, step.audience, step.combined, step.votes) for c in figures}
        assert not later & (told | set(step.candidates))
        if not step.is_last:
            assert (step.kind, step.winners, step.ties, step.not_rated) == (None, (), (), ())
    assert [c for step in reversed(steps) if step.combined for c in step.candidates] == [
        c for group in found.ranking for c in group
    ]


MARKS = [rule for rule in JuryRule if rule.reads_marks]


@pytest.mark.parametrize("rule", MARKS)
@law
@given(data=st.data())
def test_who_is_absent_gives_no_zero(rule: JuryRule, data: st.DataObject) -> None:
    """A juror more on the list, who hands in nothing, changes no figure."""
    panel = jury(5, rule)
    more = jury(6, rule)
    sheets = data.draw(st.composite(lambda draw: sheets_of(draw, panel))())
    assert count_jury(more, sheets, ids(NAMES)).figures == count_jury(panel, sheets, ids(NAMES)).figures


@pytest.mark.parametrize("rule", [JuryRule.MEAN, JuryRule.TRIMMED, JuryRule.MEDIAN])
@law
@given(data=st.data())
def test_a_juror_who_gives_the_top_mark_never_lowers_anybody(rule: JuryRule, data: st.DataObject) -> None:
    marks = data.draw(st.lists(st.integers(0, 100), min_size=5, max_size=9))
    panel = jury(10, rule)
    sheets = [
        Sheet(
            juror=JurorId(f"j{i}"),
            marks={CandidateId("a"): {panel.criteria[0].id: mark}},
            locked=True,
        )
        for i, mark in enumerate([*marks, 100], 1)
    ]
    with_top = count_jury(panel, sheets, ids("a")).figures[CandidateId("a")]
    assert with_top >= count_jury(panel, sheets[:-1], ids("a")).figures[CandidateId("a")]


@pytest.mark.parametrize("rule", [rule for rule in JuryRule if rule is not JuryRule.TRIMMED])
@law
@given(data=st.data())
def test_one_more_juror_who_puts_the_winner_first_never_lowers_the_winner(
    rule: JuryRule, data: st.DataObject
) -> None:
    """Among complete sheets without ties; the new juror agrees with the jury's first."""
    panel = jury(6, rule)
    orders = [data.draw(st.permutations(ids(NAMES))) for _ in range(5)]

    def made(number: int, order: list[CandidateId]) -> Sheet:
        return Sheet(
            juror=JurorId(f"j{number}"),
            marks={c: {panel.criteria[0].id: 90 - 30 * i} for i, c in enumerate(order)}
            if rule.reads_marks
            else {},
            picks=tuple(order[:2]) if rule is JuryRule.APPROVAL else (),
            ranking=canonical_choices([c] for c in order)
            if not rule.reads_marks and rule is not JuryRule.APPROVAL
            else (),
            locked=True,
        )

    sheets = [made(i, order) for i, order in enumerate(orders, 1)]
    before = count_jury(panel, sheets, ids(NAMES)).ranking
    first = before[0][0]
    last = made(6, [first, *(c for c in ids(NAMES) if c != first)])
    assert first in count_jury(panel, [*sheets, last], ids(NAMES)).ranking[0]
