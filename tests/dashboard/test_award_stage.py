"""An award on the big screen: what each phase shows, and that no step of the reveal holds a later one."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.award_facts import NO_FACTS, AwardFacts
from dashboard.award_phone import phone_award, phone_award_result
from dashboard.award_stage import AwardStageView, award_stage
from dashboard.console_award import award_panel
from polls.award.life import AwardRun, RoundRun, RoundState
from polls.award.model import Award, Blend
from polls.model import PLENARY
from tests.dashboard.award_samples import (
    ALL_SEALED,
    AUDIENCE,
    CLOSED,
    OPEN,
    PRIZE,
    SEALED,
    facts_of,
    papers,
    run_at,
    state_at,
)
from tests.polls.award_sample import FINAL, NAMES
from voting.award.counted import AwardKind, Sides
from voting.award.ports import Turnout

ADDRESS = "https://ecc.example/award/ecc/prize"
MARKS = ((9, 7, 5, 2), (8, 8, 4, 1), (9, 6, 6, 3))
VOTES = (0, 0, 0, 0, 1, 1, 1, 2, 2, 3)
BOTH = facts_of(PRIZE, ALL_SEALED, papers(MARKS, VOTES))
HALL = facts_of(AUDIENCE, ALL_SEALED, papers(MARKS, VOTES))
TIED = facts_of(AUDIENCE, ALL_SEALED, papers(MARKS, (0, 0, 1, 1, 2)))


def shown(
    award: Award, run: AwardRun, facts: AwardFacts = NO_FACTS, lang: str = "en", **desk: bool
) -> AwardStageView:
    view = award_stage(
        state_at(award, run, **desk), PLENARY, lang, {award.id: facts}, phones=0, address=ADDRESS
    )
    assert view is not None
    return view


def at_step(award: Award, facts: AwardFacts, number: int, published: bool = False) -> AwardRun:
    is_over = number == len(facts.steps)
    return replace(ALL_SEALED, steps=number, revealed=is_over, published=published)


def text_of(*values: object) -> str:
    return msgspec.json.encode([msgspec.to_builtins(value) for value in values]).decode()


# -- phases --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "phase", "heading"),
    [
        (AwardRun(), "draft", "Candidates"),
        (run_at(RoundRun()), "waiting", "Candidates"),
        (run_at(OPEN), "jury-open", "Candidates"),
        (run_at(CLOSED), "closed", "The jury has finished"),
        (run_at(replace(SEALED, admitted=SEALED.admitted[:2])), "waiting", "Finalists"),
        (run_at(SEALED, OPEN), "vote-open", "Candidates"),
        (run_at(SEALED, CLOSED), "closed", "The vote is closed"),
        (ALL_SEALED, "sealed", "The result is sealed"),
    ],
)
def test_each_phase_says_where_the_award_stands(run: AwardRun, phase: str, heading: str) -> None:
    view = shown(PRIZE, run)

    assert (view.phase, view.heading) == (phase, heading)
    assert view.reveal is None
    assert view.table is None


def test_the_names_stand_with_their_entrants_in_the_order_of_the_paper() -> None:
    view = shown(PRIZE, run_at(RoundRun()))

    assert [(one.name, one.entrant) for one in view.people] == [(n, f"House of {n}") for n in NAMES]


def test_an_open_vote_shows_turnout_checkpoint_and_countdown_and_nothing_else() -> None:
    facts = AwardFacts(
        turnout={"voters": Turnout(60, {"code": 40, "hands": 1})}, pinned=38, words=("owl", "tea")
    )
    view = shown(PRIZE, run_at(SEALED, replace(OPEN, closes_ms=99)), facts)

    assert (view.counted, view.of, view.turnout) == (41, 60, "41 of 60 codes used")
    assert (view.checkpoint, view.words) == ("Checkpoint: 38 ballots, pinned down as", ("owl", "tea"))
    assert view.closes_ms == 99


def test_a_closed_round_names_who_has_approved_the_box() -> None:
    view = shown(PRIZE, run_at(SEALED, CLOSED))

    assert [(one.name, one.has_approved) for one in view.approvers] == [
        ("Ana Ruiz", True),
        ("Ben Costa", False),
    ]
    assert "Approved so far: 1" in view.note


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (run_at(CLOSED), "The closed box holds 3 sheets. In words:"),
        (run_at(SEALED, CLOSED), "The closed box holds 3 ballots. In words:"),
    ],
)
def test_a_closed_box_is_shown_as_count_and_words_for_the_scrutineers_to_compare(
    run: AwardRun, said: str
) -> None:
    view = shown(PRIZE, run, AwardFacts(pinned=3, words=("fox", "barn")))

    assert (view.checkpoint, view.words) == (said, ("fox", "barn"))
    assert shown(PRIZE, run).checkpoint == "", "before it is known"


def test_a_blank_stage_shows_nothing_of_an_award() -> None:
    state = state_at(PRIZE, ALL_SEALED, blank=True)

    assert award_stage(state, PLENARY, "en", {}, phones=0, address=ADDRESS) is None


# -- the reveal ----------------------------------------------------------------------------------------


def test_places_are_revealed_from_the_last_jury_first_then_audience_and_sum() -> None:
    first, second = (shown(PRIZE, at_step(PRIZE, BOTH, n), BOTH).reveal for n in (1, 2))

    assert first is not None and second is not None
    assert (first.eyebrow, first.entries[0].name) == ("Place 4", "Marrowgate")
    assert [one.label for one in first.entries[0].figures] == ["Jury"]
    assert [(one.label, one.is_new) for one in second.entries[0].figures] == [
        ("Jury", False),
        ("Audience", True),
        ("Sum", True),
    ]


def test_the_first_place_keeps_its_name_until_the_last_step() -> None:
    before = shown(PRIZE, at_step(PRIZE, BOTH, len(BOTH.steps) - 1), BOTH)
    last = shown(PRIZE, at_step(PRIZE, BOTH, len(BOTH.steps)), BOTH)

    assert before.reveal is not None and last.reveal is not None
    assert before.reveal.teaser == "And the award goes to …"
    assert "Quillfeather" not in text_of(before)
    assert (last.reveal.eyebrow, last.reveal.entries[0].name) == ("The winner", "Quillfeather")
    assert last.sentence.startswith("Quillfeather wins with")
    assert [row.name for row in last.reveal.board] == ["Brambleworth", "Thistledown", "Marrowgate"]


def test_votes_stand_with_their_share_and_its_base() -> None:
    view = shown(AUDIENCE, at_step(AUDIENCE, HALL, 1), HALL)

    assert view.reveal is not None
    (figure,) = view.reveal.entries[0].figures
    assert (figure.text, figure.share, view.base) == ("1", "10\u00a0%", "Shares of 10 valid votes")


@pytest.mark.parametrize("published", [False, True])
def test_a_blend_names_its_parts_and_ballots_and_no_percentages_that_nobody_sees(published: bool) -> None:
    view = shown(PRIZE, at_step(PRIZE, BOTH, len(BOTH.steps), published), BOTH)
    german = shown(PRIZE, at_step(PRIZE, BOTH, len(BOTH.steps), published), BOTH, lang="de")

    assert "\u00a0%" not in text_of(view)
    assert view.base == (
        "Shares of 2 parts: 1 of the jury, 1 of the audience. 10 ballots, 0 without a choice."
    )
    assert german.base == ("Anteile an 2 Teilen: 1 der Jury, 1 des Publikums. 10 Stimmzettel, 0 ohne Wahl.")


def test_points_of_both_sides_are_no_shares_of_anything() -> None:
    award = replace(PRIZE, decision=replace(PRIZE.decision, blend=Blend.POINTS))
    facts = facts_of(award, ALL_SEALED, papers(MARKS, VOTES))
    view = shown(award, at_step(award, facts, len(facts.steps)), facts)

    assert view.base == "10 ballots, 0 without a choice."


@pytest.mark.parametrize("published", [False, True])
def test_a_jury_that_decides_alone_stands_with_its_sheets_and_not_with_the_votes(published: bool) -> None:
    award = replace(PRIZE, decision=replace(PRIZE.decision, blend=Blend.JURY))
    facts = facts_of(award, ALL_SEALED, papers(MARKS, VOTES))
    view = shown(award, at_step(award, facts, len(facts.steps), published), facts)

    assert view.base == "3 locked sheets of 3 jurors."


def test_votes_that_decide_nothing_have_no_percentages_before_their_table() -> None:
    facts = facts_of(AUDIENCE, ALL_SEALED, papers(MARKS, ()))
    view = shown(AUDIENCE, at_step(AUDIENCE, facts, len(facts.steps)), facts)

    assert view.reveal is not None and view.reveal.entries == ()
    assert view.base == "0 ballots, 0 without a choice."


def test_the_published_result_has_table_base_method_and_the_records_address() -> None:
    view = shown(AUDIENCE, at_step(AUDIENCE, HALL, len(HALL.steps), published=True), HALL)

    assert view.table is not None
    assert [row[:4] for row in view.table.rows][0] == ("1", "Quillfeather", "4", "40\u00a0%")
    assert "percentages of 10 valid votes" in view.base
    assert view.method
    assert "ecc.example/award/ecc/prize" in view.record


facts_drawn = st.builds(
    lambda marks, votes: facts_of(PRIZE, ALL_SEALED, papers(marks, votes)),
    st.lists(st.lists(st.integers(1, 10), min_size=4, max_size=4), min_size=3, max_size=3),
    st.lists(st.integers(0, 3), min_size=1, max_size=12),
)


@given(facts_drawn, st.data())
def test_no_step_holds_a_name_or_the_outcome_of_a_later_one(facts: AwardFacts, data: st.DataObject) -> None:
    assume(len(facts.steps) > 1)
    number = data.draw(st.integers(0, len(facts.steps) - 1))
    run = at_step(PRIZE, facts, number)
    known = {c for step in facts.steps[:number] if step.place > 1 for c in step.candidates}
    state = state_at(PRIZE, run)
    everything = text_of(
        shown(PRIZE, run, facts),
        phone_award(state, PLENARY, {PRIZE.id: facts}, "en"),
        phone_award_result(state, PLENARY, {PRIZE.id: facts}, "en"),
        award_panel(state, PLENARY, PRIZE, {PRIZE.id: facts}, "en"),
    )

    for candidate, name in zip(PRIZE.candidate_ids, NAMES, strict=True):
        assert candidate in known or (name not in everything and f'"{candidate}"' not in everything)


@given(facts_drawn, st.data())
def test_what_is_shown_is_a_function_of_the_steps_shown(facts: AwardFacts, data: st.DataObject) -> None:
    """Whatever is changed in later steps, and in what a result says beyond those shown, no byte changes."""
    assume(len(facts.steps) > 1 and facts.result is not None)
    assert facts.result is not None
    number = data.draw(st.integers(0, len(facts.steps) - 1))
    run = at_step(PRIZE, facts, number)
    later = [
        replace(step, candidates=tuple(reversed(PRIZE.candidate_ids)), jury={}, combined={}, winners=())
        for step in facts.steps[number:]
    ]
    other = replace(
        facts,
        steps=(*facts.steps[:number], *later),
        result=replace(
            facts.result,
            kind=AwardKind.SHARED,
            winners=(),
            ranking=tuple(reversed(facts.result.ranking)),
            combined={},
            sides=Sides(),
            ties=(),
        ),
    )

    assert text_of(shown(PRIZE, run, facts)) == text_of(shown(PRIZE, run, other))


# -- a tie ---------------------------------------------------------------------------------------------


def test_a_tie_is_shown_only_when_the_stage_is_told_to() -> None:
    hidden, said = shown(AUDIENCE, ALL_SEALED, TIED), shown(AUDIENCE, ALL_SEALED, TIED, tie=True)

    assert hidden.phase == "sealed"
    assert not any(name in text_of(hidden) for name in NAMES)
    assert [one.name for one in said.people] == ["Quillfeather", "Brambleworth"]
    assert said.said[0] == "Quillfeather and Brambleworth were tied for first place."
    assert "The casting vote of the chair is needed." in said.said
    assert said.said[-1] == "The rules also allow a run-off between those who are tied."
    assert said.ladder


def test_a_tie_that_the_chair_has_decided_is_not_on_stage_before_its_step() -> None:
    run = replace(ALL_SEALED, choices={"chair": PRIZE.candidate_ids[1]})
    facts = facts_of(AUDIENCE, run, papers(MARKS, (0, 0, 1, 1, 2)))
    view = shown(AUDIENCE, run, facts, tie=True)

    assert view.phase == "sealed"
    assert not any(name in text_of(view) for name in NAMES)


def test_a_run_off_stands_between_the_tied() -> None:
    run = replace(ALL_SEALED, runoffs={FINAL: ()})
    two = PRIZE.candidate_ids[:2]
    run = replace(ALL_SEALED, runoffs={"runoff1": two}, rounds={**ALL_SEALED.rounds, "runoff1": OPEN})  # type: ignore[dict-item]
    view = shown(PRIZE, run)

    assert (view.phase, view.heading) == ("vote-open", "In the run-off")
    assert [one.name for one in view.people] == list(NAMES[:2])


# -- phones --------------------------------------------------------------------------------------------


def test_phones_are_led_to_the_vote_while_it_is_open() -> None:
    award = phone_award(state_at(PRIZE, run_at(SEALED, OPEN)), PLENARY, {}, "en")

    assert award is not None
    assert award.link == f"/vote/{state_at(PRIZE, ALL_SEALED).event.id}/prize"
    assert (award.text, award.link_text, award.is_open) == ("The vote is open.", "Vote now", True)


def test_phones_hear_of_an_open_vote_whatever_is_on_stage() -> None:
    state = state_at(PRIZE, run_at(SEALED, OPEN))
    elsewhere = replace(state, desks={})

    assert phone_award(elsewhere, PLENARY, {}, "en") is not None
    assert phone_award(replace(elsewhere, awards={PRIZE.id: run_at(OPEN)}), PLENARY, {}, "en") is None


@pytest.mark.parametrize("number", range(len(BOTH.steps) + 1))
def test_phones_get_the_sentence_at_the_last_step_and_not_before(number: int) -> None:
    state = state_at(PRIZE, at_step(PRIZE, BOTH, number))
    result = phone_award_result(state, PLENARY, {PRIZE.id: BOTH}, "en")

    if number < len(BOTH.steps):
        assert result is None
    else:
        assert result is not None
        assert result.sentence.startswith("Quillfeather wins with")


def test_every_phase_speaks_german_too() -> None:
    for run in (AwardRun(), run_at(OPEN), run_at(CLOSED), run_at(SEALED, OPEN), ALL_SEALED):
        assert run.round("final").state in RoundState
        german, english = shown(PRIZE, run, lang="de"), shown(PRIZE, run)
        assert german.phase_text != english.phase_text
