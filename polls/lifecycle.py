"""A poll's life: every state and every step between states is in the one table of this module."""

from dataclasses import dataclass, replace
from enum import StrEnum

from polls.errors import IllegalTransition
from polls.model import Poll, ResultsMode


class PollState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"


class Action(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    REVEAL = "reveal"
    HIDE = "hide"
    EXTEND = "extend"
    REOPEN = "reopen"
    RESET = "reset"


TABLE: dict[tuple[PollState, Action], PollState] = {
    (PollState.DRAFT, Action.OPEN): PollState.OPEN,
    (PollState.OPEN, Action.CLOSE): PollState.CLOSED,
    (PollState.OPEN, Action.EXTEND): PollState.OPEN,
    (PollState.OPEN, Action.HIDE): PollState.OPEN,
    (PollState.OPEN, Action.REVEAL): PollState.OPEN,
    (PollState.CLOSED, Action.REVEAL): PollState.PUBLISHED,
    (PollState.CLOSED, Action.HIDE): PollState.CLOSED,
    (PollState.PUBLISHED, Action.HIDE): PollState.CLOSED,
    (PollState.CLOSED, Action.REOPEN): PollState.OPEN,
    (PollState.PUBLISHED, Action.REOPEN): PollState.OPEN,
    (PollState.OPEN, Action.RESET): PollState.DRAFT,
    (PollState.CLOSED, Action.RESET): PollState.DRAFT,
    (PollState.PUBLISHED, Action.RESET): PollState.DRAFT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRound:
    """A round that was closed and then reopened as a new one; its ballots and result stay."""

    round: int
    opened_ms: int
    closed_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRun:
    """Where a poll stands. Times are Unix milliseconds.

    `round` counts openings ever made, so a late ballot for an earlier round is never taken for this
    one; 0 before the first. `closes_ms` is the moment at which the server will issue the close (a
    deadline decides nothing by itself). `frozen` is empty, or says why no ballot is taken.
    """

    state: PollState = PollState.DRAFT
    round: int = 0
    visible: bool = False
    opened_ms: int | None = None
    closes_ms: int | None = None
    closed_ms: int | None = None
    frozen: str = ""
    past: tuple[PastRound, ...] = ()
    sealed: tuple[int, ...] = ()
    """Rounds whose voters are forgotten (law L8); their tallies stay."""


def transition(poll: Poll, run: PollRun, action: Action, now_ms: int, seconds: int = 0) -> PollRun:
    """The poll's new state after `action` at `now_ms`; `seconds` extends a countdown.

    Raises IllegalTransition when the table has no such step, when hidden results would be revealed
    while voting is open, when there is nothing left to hide or show, or when the poll is frozen.
    """
    target = TABLE.get((run.state, action))
    if target is None:
        raise IllegalTransition(run.state, action)
    match action:
        case Action.OPEN | Action.REOPEN:
            past = run.past
            if action is Action.REOPEN and run.opened_ms is not None and run.closed_ms is not None:
                past = (*past, PastRound(round=run.round, opened_ms=run.opened_ms, closed_ms=run.closed_ms))
            return PollRun(
                state=target,
                round=run.round + 1,
                visible=poll.results is ResultsMode.LIVE,
                opened_ms=now_ms,
                closes_ms=None if poll.countdown_s is None else now_ms + poll.countdown_s * 1000,
                past=past,
                sealed=run.sealed,
            )
        case Action.CLOSE:
            return replace(run, state=target, closes_ms=None, closed_ms=now_ms)
        case Action.EXTEND:
            if seconds <= 0:
                raise IllegalTransition(run.state, action)
            return replace(run, closes_ms=max(run.closes_ms or now_ms, now_ms) + seconds * 1000)
        case Action.REVEAL:
            is_too_early = target is PollState.OPEN and poll.results is ResultsMode.HIDDEN
            has_no_effect = target is PollState.OPEN and run.visible
            if run.frozen or is_too_early or has_no_effect:
                raise IllegalTransition(run.state, action)
            return replace(run, state=target, visible=True)
        case Action.HIDE:
            if not run.visible:
                raise IllegalTransition(run.state, action)
            return replace(run, state=target, visible=False)
        case Action.RESET:
            return PollRun(round=run.round, past=run.past, sealed=run.sealed)


def freeze(run: PollRun, reason: str) -> PollRun:
    """The poll with its ballot box shut and its result hidden, because `reason`."""
    return replace(run, frozen=reason, visible=False)


def due_to_seal(run: PollRun, before_ms: int) -> list[int]:
    """The rounds that were closed before `before_ms` and are not sealed, oldest first."""
    closed = [(past.round, past.closed_ms) for past in run.past]
    if run.state in (PollState.CLOSED, PollState.PUBLISHED) and run.closed_ms is not None and not run.frozen:
        closed.append((run.round, run.closed_ms))
    return [round for round, closed_ms in closed if closed_ms < before_ms and round not in run.sealed]


def next_action(run: PollRun) -> Action | None:
    """The next right thing to do with the poll; None when it is done and the run of show moves on."""
    return {
        PollState.DRAFT: Action.OPEN,
        PollState.OPEN: Action.CLOSE,
        PollState.CLOSED: Action.REVEAL,
        PollState.PUBLISHED: None,
    }[run.state]
