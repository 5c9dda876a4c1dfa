"""Errors of the polls package.

PollsError
├── IllegalTransition   the action does not fit the poll's present state
│   └── AwardRefused    an act does not fit how an award stands; says what to do instead
├── EventFileInvalid    an event file has one or more faults (all are listed)
└── JoinCodeInvalid     not a join code
"""

from dataclasses import dataclass


class PollsError(Exception):
    """Root of this package's errors; `code` is stable, `temporary` says whether trying again can help."""

    code = "polls_error"
    temporary = False


class IllegalTransition(PollsError):
    """The action does not fit the poll's present state; show that state instead."""

    code = "illegal_transition"

    def __init__(self, state: str, action: str) -> None:
        self.state, self.action = state, action
        super().__init__(f"a poll that is {state} cannot be changed by “{action}”")


class AwardRefused(IllegalTransition):
    """An act does not fit how an award stands; `why` says what to do instead, where that helps."""

    code = "award_refused"

    def __init__(self, state: str, action: str, why: str = "") -> None:
        self.state, self.action, self.why = str(state), str(action), why
        reason = f": {why}" if why else ""
        PollsError.__init__(self, f"what is {state} cannot take “{action}”{reason}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an event file: where it is, what is wrong and what was expected."""

    path: tuple[str | int, ...]
    message: str


class EventFileInvalid(PollsError):
    """An event file with faults; nothing of it was taken."""

    code = "event_file_invalid"

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{'.'.join(map(str, f.path)) or 'file'}: {f.message}" for f in faults))


class JoinCodeInvalid(PollsError):
    """The text cannot be a join code."""

    code = "join_code_invalid"
