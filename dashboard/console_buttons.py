"""What a moderator may do now: the next right thing, and the quieter actions beside it."""

from dataclasses import dataclass

from dashboard.beside import may_compare, may_stand_beside
from dashboard.words import say
from polls.desk import EventState, next_poll, run_of_show
from polls.errors import IllegalTransition
from polls.lifecycle import TABLE, Action, PollRun, PollState, next_action, transition
from polls.model import Poll, RoomId

EXTEND_S = 30
"""By how much one press lengthens a countdown, in seconds."""

QUIET = (Action.EXTEND, Action.HIDE, Action.REVEAL, Action.CLOSE, Action.OPEN, Action.REOPEN, Action.RESET)
"""The order in which quieter actions are offered; what costs most comes last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something the moderator may do now. `action` is an Action, or next, show, blank, unblank,
    beside, together, compare, own_rule.

    `poll` and `round` are what the moderator saw: the poll that the action is for; with next, the poll
    that is on stage now; with show, the poll to put there. `confirm` is empty, or says what is lost;
    then `type_word` has to be typed. `seconds` lengthens a countdown.
    """

    action: str
    words: str
    poll: str = ""
    round: int = 0
    seconds: int = 0
    confirm: str = ""
    type_word: str = ""


def main_button(state: EventState, room: RoomId, lang: str) -> Button | None:
    """The next right thing in this room: Open, Close, Reveal, Next; None when the run of show is done."""
    found = state.on_stage(room)
    if found is None:
        return _first_unasked(state, room, lang)
    poll, run = found[1], state.run(found[1].id)
    action = next_action(run)
    if action is None or (run.frozen and action is not Action.CLOSE):
        return _next(state, room, poll, lang) or Button(
            action="next", words=say(lang, "do_next_end"), poll=poll.id
        )
    is_out = action is Action.REVEAL and run.visible
    words = say(lang, "do_publish" if is_out else f"do_{action}")
    return Button(action=action, words=words, poll=poll.id, round=run.round)


def quiet_buttons(
    state: EventState, room: RoomId, main: Button | None, counted: int, lang: str, now_ms: int
) -> tuple[Button, ...]:
    """Everything else that is legal now, by the transition table itself; the costly things ask first.

    `counted` is the number of ballots that a reset would delete.
    """
    buttons: list[Button] = []
    found = state.on_stage(room)
    if found:
        poll, run = found[1], state.run(found[1].id)
        buttons += [
            _quiet(poll, run, action, counted, lang)
            for action in QUIET
            if is_legal(poll, run, action, now_ms) and (main is None or main.action != action)
        ]
        following = _next(state, room, poll, lang)
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


def _next(state: EventState, room: RoomId, poll: Poll, lang: str) -> Button | None:
    following = state.event.find_poll(next_poll(state.event, room, poll.id) or "")
    if following is None:
        return None
    words = say(lang, "do_next", question=following[1].question.pick(lang))
    return Button(action="next", words=words, poll=poll.id)


def _first_unasked(state: EventState, room: RoomId, lang: str) -> Button | None:
    # Not simply the first poll: after the last one the join page is on stage, and the show must not loop.
    for _, poll in run_of_show(state.event, room):
        if state.run(poll.id).state is PollState.DRAFT:
            words = say(lang, "do_next", question=poll.question.pick(lang))
            return Button(action="show", words=words, poll=poll.id)
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
