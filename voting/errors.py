"""Errors of the voting package.

VotingError
├── BallotInvalid     the selections do not fit the ballot paper (nothing is stored)
│   codes: unknown_option, too_many, none_chosen, chosen_twice, abstain_not_allowed, not_for_you
├── CodeInvalid       what was typed is no voting code
├── RoundRefused      an award's round does not allow this now
├── StoreConflict     somebody else changed the event first; read again and decide again
├── StoreUnavailable  the store did not answer; nothing is known to be lost (temporary)
├── StoreFull         the store takes no ballots: memory or disk is full (temporary)
└── RecountMismatch   box, tally and log do not say the same
"""


class VotingError(Exception):
    """Root of this package's errors; `code` is stable, `temporary` says whether trying again can help."""

    code = "voting_error"
    temporary = False


class BallotInvalid(VotingError):
    """The selections do not fit the ballot paper."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


class CodeInvalid(VotingError):
    """What was typed cannot be a voting code; the words are for the person who typed it."""

    code = "code_invalid"


class RoundRefused(VotingError):
    """A round of an award is in no state for this; `code` says why, the words what to do."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


class StoreConflict(VotingError):
    """Somebody else changed the event since it was read."""

    code = "store_conflict"
    temporary = True


class StoreUnavailable(VotingError):
    """The store did not answer."""

    code = "busy"
    temporary = True


class StoreFull(VotingError):
    """The store refuses to write: its memory or disk is full."""

    code = "store_full"
    temporary = True


class RecountMismatch(VotingError):
    """A recount of the ballot log disagrees with the box or the tally."""

    code = "recount_mismatch"
