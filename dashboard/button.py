"""Something a moderator may do now."""

from dataclasses import dataclass

EXTEND_S = 30
"""By how much one press lengthens a countdown, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something the moderator may do now. `action` is an Action, one of dashboard.award_buttons.MOVES, or
    next, show, blank, unblank, beside, together, compare, own_rule.

    `poll` and `round`, or `award` and its `state`, are what the moderator saw: what the action is for; with
    next, what is on stage now; with show, what to put there. `confirm` is empty, or says what is lost or
    cannot be undone; then `type_word` has to be typed, if there is one. `seconds` lengthens a countdown.
    """

    action: str
    words: str
    poll: str = ""
    round: int = 0
    award: str = ""
    state: str = ""
    seconds: int = 0
    confirm: str = ""
    type_word: str = ""
