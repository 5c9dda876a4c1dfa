"""What the console says of awards: their line in the run of show, and the panel beside the stage.

Nothing of a result; turnout, checkpoints and approvals are none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.award_facts import NO_FACTS, AwardFacts, cast_by, round_now
from dashboard.award_state import stage_phase
from dashboard.words import say
from polls.award.life import RoundState, approvals_needed, round_of
from polls.award.model import Award, AwardId, JuryRound, VoteRound
from polls.desk import EventState, Item
from polls.model import RoomId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaAward:
    """An award in the run of show; `state` names a style, `state_text` is for reading."""

    id: str
    title: str
    state: str
    state_text: str
    is_current: bool
    is_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassTurnout:
    """How many of one class have voted; `register` is 0 where nobody knows how many may."""

    id: str
    name: str
    cast: int
    register: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardPanel:
    """The award on stage in figures that are no result. `approvals` name who has approved the closed box;
    `takes_counts` while counts of hands and paper can be entered."""

    id: str
    title: str
    state: str
    state_text: str
    turnout: tuple[ClassTurnout, ...]
    sheets: str
    pinned: str
    words: tuple[str, ...]
    approvals: tuple[tuple[str, bool], ...]
    needed: int
    closes_ms: int | None
    takes_counts: bool


def agenda_award(
    state: EventState, award: Award, lang: str, *, is_current: bool, following: Item | None
) -> AgendaAward:
    """The line of an award in the run of show."""
    where = _where(state, award, NO_FACTS, False)
    return AgendaAward(
        id=award.id,
        title=award.title.pick(lang),
        state=_style(where),
        state_text=say(lang, f"award_state_{where}"),
        is_current=is_current,
        is_next=bool(following and following.award and following.award.id == award.id),
    )


def award_panel(
    state: EventState, room: RoomId, award: Award, facts: Mapping[AwardId, AwardFacts], lang: str
) -> AwardPanel:
    """The panel of the award on a room's stage."""
    run, known = state.award(award.id), facts.get(award.id, NO_FACTS)
    where = _where(state, award, known, state.desk(room).tie)
    round_id = round_now(award, run) or ""
    rules, stands = round_of(award, run, round_id), run.round(round_id)
    classes = rules.classes if isinstance(rules, VoteRound) else ()
    is_jury = isinstance(rules, JuryRound) and stands.state is not RoundState.WAITING
    jurors = len(rules.jurors) if isinstance(rules, JuryRound) else 0
    return AwardPanel(
        id=award.id,
        title=award.title.pick(lang),
        state=_style(where),
        state_text=say(lang, f"award_state_{where}"),
        turnout=tuple(
            ClassTurnout(
                id=one.id, name=one.name.pick(lang), cast=cast_by(turnout), register=turnout.register
            )
            for one in classes
            if (turnout := known.turnout.get(one.id)) is not None
        ),
        sheets=say(lang, "award_console_sheets", locked=known.locked, jurors=jurors) if is_jury else "",
        pinned="" if known.pinned is None else say(lang, "award_console_pinned", n=known.pinned),
        words=known.words,
        approvals=tuple((name, one in stands.approved_by) for one, name in award.scrutineers)
        if stands.state is RoundState.CLOSED
        else (),
        needed=approvals_needed(award),
        closes_ms=stands.closes_ms if stands.state is RoundState.OPEN else None,
        takes_counts=isinstance(rules, VoteRound) and stands.state is RoundState.OPEN,
    )


def _where(state: EventState, award: Award, facts: AwardFacts, is_tie: bool) -> str:
    return stage_phase(award, state.award(award.id), facts, is_tie).replace("-", "_")


def _style(where: str) -> str:
    """The state of a poll that looks alike."""
    if where in ("jury_open", "vote_open", "pitch"):
        return "open"
    if where in ("draft", "waiting"):
        return "draft"
    return "published" if where in ("revealed", "published") else "closed"
