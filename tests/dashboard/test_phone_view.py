"""What a phone shows."""

from dataclasses import replace

from dashboard.phone_view import PhoneView, answer_words, phone_state, ranks_by_option
from polls.desk import Desk, EventState
from polls.lifecycle import PollRun, freeze
from polls.model import PLENARY, OptionOrder, PollId, PollKind, RoomId, SegmentId
from tests.dashboard.samples import (
    CLOSED,
    EVENT,
    GREEN,
    OPEN,
    PEOPLE,
    PERCENT,
    PUBLISHED,
    RACE,
    RATING,
    SEALED,
    result_of,
    singles,
    state_of,
    with_poll,
)
from voting.result import Result

MANAGER, AUDIENCE = SegmentId("manager"), SegmentId("audience")


def phone(
    state: EventState,
    *,
    room: RoomId = PLENARY,
    segment: SegmentId | None = AUDIENCE,
    results: dict[PollId, Result] | None = None,
    lang: str = "en",
) -> PhoneView:
    return phone_state(state, room=room, segment=segment, lang=lang, results=results or {})


def test_an_open_question_is_on_the_phone_with_what_to_do() -> None:
    paper = phone(state_of(PERCENT, replace(OPEN, closes_ms=9))).papers[0]
    assert (paper.poll, paper.round, paper.max, paper.closes_ms) == ("support", 1, 1, 9)
    assert paper.instruction == "Choose one"
    assert [choice.id for choice in paper.options] == list(PERCENT.option_ids)


def test_several_choices_and_ratings_have_their_own_instruction() -> None:
    race = phone(state_of(RACE, OPEN), segment=MANAGER).papers[0]
    assert race.instruction == "Choose up to 2"
    assert race.addressed == "For: Cluster managers"
    rating = phone(state_of(RATING, OPEN)).papers[0]
    assert (rating.instruction, rating.abstain) == ("Choose a number", True)


def test_the_paper_on_stage_comes_first() -> None:
    state = EventState(
        event=EVENT, runs={PERCENT.id: OPEN, PEOPLE.id: SEALED}, desks={PLENARY: Desk(poll=PEOPLE.id)}
    )
    assert [paper.poll for paper in phone(state).papers] == [PEOPLE.id, PERCENT.id]


def test_another_segments_question_is_not_in_the_bytes() -> None:
    view = phone(
        state_of(RACE, OPEN), results={RACE.id: result_of(RACE, {}, segment="manager")}, segment=None
    )
    assert view.papers == ()
    hidden = phone(state_of(replace(RACE), replace(OPEN, visible=False)))
    assert hidden.waiting == "This question is for another group. Yours will appear here by itself."
    assert RACE.question.pick() not in repr(hidden)
    assert "Public funding" not in repr(hidden)


def test_a_person_in_a_room_sees_its_stage_and_the_plenary_otherwise() -> None:
    green = RoomId("green")
    both = EventState(
        event=EVENT,
        runs={PERCENT.id: OPEN, GREEN.id: OPEN},
        desks={PLENARY: Desk(poll=PERCENT.id), green: Desk(poll=GREEN.id)},
    )
    assert [paper.poll for paper in phone(both, room=green).papers] == [GREEN.id, PERCENT.id]
    assert [paper.poll for paper in phone(both).papers] == [PERCENT.id]
    assert phone(state_of(PERCENT, OPEN), room=green).session == "High-Level Policy Roundtable"


def test_a_revealed_result_begins_with_its_sentence() -> None:
    result = result_of(PERCENT, singles(PERCENT, 19, 18, 8, 8, 1, 1))
    view = phone(state_of(PERCENT, PUBLISHED), results={PERCENT.id: result})
    assert view.result is not None
    assert view.result.sentence == "Increase public investments leads with 35\u00a0%, 55 answers"
    assert [line.percent for line in view.result.lines] == [35, 33, 14, 14, 2, 2]
    assert not view.result.is_live


def test_a_hidden_result_is_waited_for() -> None:
    run = replace(CLOSED, visible=False)
    view = phone(state_of(PEOPLE, run), results={PEOPLE.id: result_of(PEOPLE, {"1": 9})})
    assert view.result is None
    assert view.waiting == "Voting is closed. The result will be shown soon."


def test_waiting_says_what_comes() -> None:
    assert phone(state_of(None, OPEN)).waiting.startswith("Welcome.")
    assert phone(state_of(PERCENT, PollRun())).waiting == "Voting opens soon."
    later = EventState(event=EVENT, runs={PERCENT.id: PUBLISHED}, desks={})
    assert phone(later).waiting == "The next question will appear here by itself."
    frozen = phone(state_of(PERCENT, freeze(OPEN, "recount")))
    assert frozen.waiting == frozen.papers[0].frozen == "The count is being checked. Voting is paused."


def test_shuffling_is_left_to_each_phone() -> None:
    shuffled = replace(PERCENT, order=OptionOrder.SHUFFLED)
    paper = phone(state_of(shuffled, OPEN, event=with_poll(shuffled))).papers[0]
    assert paper.shuffled
    assert [choice.id for choice in paper.options] == list(PERCENT.option_ids)


def test_a_phone_speaks_its_language() -> None:
    view = phone(state_of(PERCENT, OPEN), lang="de-AT")
    assert view.papers[0].instruction == "Wählen Sie eine Antwort"


def test_the_waiting_page_names_the_question_on_stage_only_to_those_who_may_know_it() -> None:
    state = EventState(event=EVENT, runs={RACE.id: OPEN}, desks={PLENARY: Desk(poll=RACE.id)})
    told = phone(state, segment=MANAGER)
    assert (told.stage_poll, told.stage_round) == (RACE.id, 1)
    others = phone(state, segment=AUDIENCE)
    assert (others.stage_poll, others.stage_round, others.stage_question) == ("", 0, "")


def test_an_order_has_its_own_instruction_and_sentences() -> None:
    poll = replace(PERCENT, kind=PollKind.PREFERENCE, max_selections=3, ties=True)
    paper = phone(state_of(poll, OPEN, event=with_poll(poll))).papers[0]
    assert paper.instruction == "Put up to 3 in order, your first choice first"
    assert paper.ties
    assert paper.words["paper_rank_up"] == "Move {option} up, now place {place} of {n}"
    whole = replace(poll, max_selections=len(poll.options), ties=False)
    paper = phone(state_of(whole, OPEN, event=with_poll(whole))).papers[0]
    assert (paper.instruction, paper.ties) == ("Put them in order, your first choice first", False)
    assert phone(state_of(PERCENT, OPEN)).papers[0].words == {}


def test_an_answer_reads_as_it_was_given() -> None:
    ranking = replace(PERCENT, kind=PollKind.PREFERENCE, max_selections=4, ties=True)
    first, second, third = (option.text.pick() for option in ranking.options[:3])
    assert ranks_by_option(["3", "1=2"]) == {"3": 1, "1": 2, "2": 2}
    assert answer_words(ranking, ["3", "1=2"], "en") == f"1 {third}, 2 {first}, 2 {second}"
    assert answer_words(ranking, [], "en") == "Abstain"
    assert answer_words(PERCENT, ["2"], "en") == second
