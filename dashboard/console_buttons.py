"""What a moderator may do now: the next right thing, and the quieter actions beside it."""

from collections.abc import Mapping

from dashboard.award_buttons import award_button, award_quiet
from dashboard.award_facts import AwardFacts
from dashboard.beside import may_compare, may_stand_beside
from dashboard.button import EXTEND_S, Button
from dashboard.words import say
from polls.award.model import AwardId
from polls.desk import EventState, Item, next_item, run_of_show
from polls.errors import IllegalTransition
from polls.lifecycle import TABLE, Action, PollRun, PollState, next_action, transition
from polls.model import Poll, RoomId

QUIET = (Action.EXTEND, Action.HIDE, Action.REVEAL, Action.CLOSE, Action.OPEN, Action.REOPEN, Action.RESET)
"""The order in which quieter actions are offered; what costs most comes last."""


NO_AWARDS: Mapping[AwardId, AwardFacts] = {}


def main_button(
    state: EventState, room: RoomId, lang: str, awards: Mapping[AwardId, AwardFacts] = NO_AWARDS
) -> Button | None:
    """The next right thing in this room: Open, Close, Reveal, Next; None when the run of show is done, or
    when somebody else has to act first."""
    award = state.award_on_stage(room)
    if award is not None:
        button = award_button(state, room, award, awards, lang)
        if button is not None or not state.award(award.id).published:
            return button
        return _next(state, room, lang) or Button(
            action="next", words=say(lang, "do_next_end"), award=award.id
        )
    found = state.on_stage(room)
    if found is None:
        return _first_unasked(state, room, lang)
    poll, run = found[1], state.run(found[1].id)
    action = next_action(run)
    if action is None or (run.frozen and action is not Action.CLOSE):
        return _next(state, room, lang) or Button(action="next", words=say(lang, "do_next_end"), poll=poll.id)
    is_out = action is Action.REVEAL and run.visible
    words = say(lang, "do_publish" if is_out else f"do_{action}")
    return Button(action=action, words=words, poll=poll.id, round=run.round)


def quiet_buttons(
    state: EventState,
    room: RoomId,
    main: Button | None,
    counted: int,
    lang: str,
    now_ms: int,
    awards: Mapping[AwardId, AwardFacts] = NO_AWARDS,
) -> tuple[Button, ...]:
    """Everything else that is legal now, by the transition table itself; the costly things ask first.

    `counted` is the number of ballots that a reset would delete.
    """
    buttons: list[Button] = []
    award = state.award_on_stage(room)
    if award is not None:
        buttons += award_quiet(state, room, award, awards, lang)
        following = _next(state, room, lang)
        if following is not None and (main is None or main.action != "next"):
            buttons.append(following)
    found = state.on_stage(room)
    if found:
        poll, run = found[1], state.run(found[1].id)
        buttons += [
            _quiet(poll, run, action, counted, lang)
            for action in QUIET
            if is_legal(poll, run, action, now_ms) and (main is None or main.action != action)
        ]
        following = _next(state, room, lang)
        if following is not None and main is not None and main.action != "next":
            buttons.append(following)
        if may_stand_beside(state, room):
            name = "together" if state.desk(room).beside else "beside"
            buttons.append(Button(action=name, words=say(lang, f"do_{name}"), poll=poll.id))
        if may_compare(state, room):
            name = "own_rule" if state.desk(room).compare else "compare"
            buttons.append(Button(action=name, words=say(lang, f"do_{name}"), poll=poll.id))
    name = "unblank" if state.desk(room).blank else "blank"
    buttons.append(Button(action=name, words=say(lang, f"do_{name}")))
    return tuple(buttons)


def is_legal(poll: Poll, run: PollRun, action: Action, now_ms: int) -> bool:
    """Whether the transition table and its conditions allow `action` now."""
    if (run.state, action) not in TABLE:
        return False
    try:
        transition(poll, run, action, now_ms, EXTEND_S)
    except IllegalTransition:
        return False
    return True


def _next(state: EventState, room: RoomId, lang: str) -> Button | None:
    desk = state.desk(room)
    following = next_item(state.event, room, desk)
    if following is None:
        return None
    words = say(lang, "do_next", question=title_of(following, lang))
    return Button(action="next", words=words, poll=desk.poll or "", award=desk.award or "")


def title_of(item: Item, lang: str) -> str:
    """What a part of the run of show is called: a poll's question, an award's title."""
    if item.award is not None:
        return item.award.title.pick(lang)
    return item.poll.question.pick(lang) if item.poll else ""


def _first_unasked(state: EventState, room: RoomId, lang: str) -> Button | None:
    # Not simply the first one: after the last one the join page is on stage, and the show must not loop.
    for item in run_of_show(state.event, room):
        if item.poll is not None:
            is_new = state.run(item.poll.id).state is PollState.DRAFT
        else:
            is_new = item.award is not None and not state.award(item.award.id).revealed
        if is_new:
            words = say(lang, "do_next", question=title_of(item, lang))
            return Button(action="show", words=words, poll=item.desk.poll or "", award=item.desk.award or "")
    return None


def _quiet(poll: Poll, run: PollRun, action: Action, counted: int, lang: str) -> Button:
    words, confirm, type_word, seconds = say(lang, f"do_{action}", n=run.round + 1), "", "", 0
    match action:
        case Action.EXTEND:
            seconds = EXTEND_S
            words = say(lang, "do_extend" if run.closes_ms else "do_countdown", n=seconds)
        case Action.REVEAL if run.state is PollState.OPEN:
            words = say(lang, "do_reveal_open")
        case Action.REOPEN:
            confirm, type_word = say(lang, "ask_reopen", n=run.round + 1, last=run.round), "REOPEN"
        case Action.RESET:
            confirm, type_word = say(lang, "ask_reset", n=counted), "RESET"
        case _:
            pass
    return Button(
        action=action,
        words=words,
        poll=poll.id,
        round=run.round,
        seconds=seconds,
        confirm=confirm,
        type_word=type_word,
    )
