"""What a moderator may do now with the award on stage: the next right thing, and the quieter actions."""

from collections.abc import Mapping

from dashboard.award_facts import NO_FACTS, AwardFacts, round_now
from dashboard.award_result import candidate_name
from dashboard.award_state import stage_phase, state_token
from dashboard.button import EXTEND_S, Button
from dashboard.words import say
from polls.award.life import approvals_needed, round_of
from polls.award.model import Award, AwardId, JuryRound
from polls.award.pitches import are_pitches_due, may_go_back, next_pitch, pitch_now
from polls.desk import EventState
from polls.model import RoomId

Facts = Mapping[AwardId, AwardFacts]

MOVES = (
    *("award_open", "award_close", "award_extend", "award_step", "award_back", "award_publish"),
    *("award_tie", "award_no_tie"),
    *("award_pitch", "award_pitch_back", "award_pitch_clock", "award_pitch_end"),
)
"""The actions of these buttons."""


def award_button(state: EventState, room: RoomId, award: Award, facts: Facts, lang: str) -> Button | None:
    """The next right thing with the award on a room's stage; None when others have to act first, or all is
    done. What cannot be undone has a `confirm`."""
    run, known = state.award(award.id), facts.get(award.id, NO_FACTS)
    match stage_phase(award, run, known, state.desk(room).tie):
        case "waiting" | "pitch" if are_pitches_due(award, run):
            return _pitch(state, room, award, known, lang)
        case "waiting":
            return _button(
                state, room, award, known, "award_open", f"award_do_open_{_kind(state, award)}", lang
            )
        case "jury-open" | "vote-open":
            kind = "jury" if _kind(state, award) == "jury" else "vote"
            return _button(state, room, award, known, "award_close", f"award_do_close_{kind}", lang)
        case "sealed" | "reveal" if known.is_undecided:
            return _button(state, room, award, known, "award_tie", "award_do_tie", lang)
        case "sealed" | "reveal" if known.steps:
            words = "award_do_step_last" if known.is_last(run) else "award_do_step"
            return _button(state, room, award, known, "award_step", words, lang)
        case "revealed":
            return _button(state, room, award, known, "award_publish", "award_do_publish", lang)
    return None


def award_waits(state: EventState, room: RoomId, award: Award, facts: Facts, lang: str) -> str:
    """What the award waits for while there is no next right thing; empty once it is published."""
    run, known = state.award(award.id), facts.get(award.id, NO_FACTS)
    match stage_phase(award, run, known, state.desk(room).tie):
        case "draft":
            return say(lang, "award_do_freeze_first")
        case "closed":
            if not award.scrutineers:
                return say(lang, "award_wait_organiser")
            approved = len(run.round(round_now(award, run) or "").approved_by)
            return say(lang, "award_wait_approvals", n=approved, needed=approvals_needed(award))
        case "tie":
            return say(lang, "award_wait_tie")
        case "sealed" | "reveal":
            return say(lang, "award_wait_count")
    return ""


def award_quiet(state: EventState, room: RoomId, award: Award, facts: Facts, lang: str) -> list[Button]:
    """The other things that may be done with the award on stage."""
    run, known = state.award(award.id), facts.get(award.id, NO_FACTS)
    where = stage_phase(award, run, known, state.desk(room).tie)
    buttons = []
    if where == "vote-open":
        stands = run.round(round_now(award, run) or "")
        words = "do_extend" if stands.closes_ms else "do_countdown"
        buttons.append(_button(state, room, award, known, "award_extend", words, lang))
    if where in ("waiting", "pitch"):
        buttons += _quiet_pitches(state, room, award, known, lang)
    if where == "reveal":
        buttons.append(_button(state, room, award, known, "award_back", "award_do_back", lang))
    if where == "tie":
        buttons.append(_button(state, room, award, known, "award_no_tie", "award_do_no_tie", lang))
    return buttons


def _pitch(state: EventState, room: RoomId, award: Award, known: AwardFacts, lang: str) -> Button:
    """The next pitch; the end of the pitches after the last one."""
    run = state.award(award.id)
    following = next_pitch(award, run)
    if following is None:
        return _button(state, room, award, known, "award_pitch_end", "award_do_pitch_end", lang)
    key = "award_do_pitch_first" if run.pitches.now is None else "award_do_pitch"
    name = candidate_name(award, following, lang)
    return _button(state, room, award, known, "award_pitch", key, lang, name=name)


def _quiet_pitches(
    state: EventState, room: RoomId, award: Award, known: AwardFacts, lang: str
) -> list[Button]:
    """Back, the clock anew, and the end before everybody has pitched."""
    run = state.award(award.id)
    offered = []
    if may_go_back(award, run):
        offered.append(("award_pitch_back", "again" if run.pitches.is_over else "back"))
    pitch = pitch_now(award, run)
    if pitch is not None and award.pitches is not None and award.pitches.seconds:
        offered.append(("award_pitch_clock", "clock"))
    if are_pitches_due(award, run) and next_pitch(award, run) is not None:
        offered.append(("award_pitch_end", "end" if pitch else "skip"))
    return [
        _button(state, room, award, known, action, f"award_do_pitch_{words}", lang)
        for action, words in offered
    ]


def _kind(state: EventState, award: Award) -> str:
    """What kind of round is under way: jury, vote or runoff."""
    run = state.award(award.id)
    round_id = round_now(award, run) or ""
    if round_id in run.runoffs:
        return "runoff"
    return "jury" if isinstance(round_of(award, run, round_id), JuryRound) else "vote"


def _button(
    state: EventState,
    room: RoomId,
    award: Award,
    known: AwardFacts,
    action: str,
    words: str,
    lang: str,
    name: str = "",
) -> Button:
    run = state.award(award.id)
    is_final = action in ("award_open", "award_close", "award_publish") or (
        action == "award_step" and known.is_last(run)
    )
    return Button(
        action=action,
        words=say(lang, words, n=EXTEND_S, name=name),
        award=award.id,
        state=state_token(award, run, known, state.desk(room).tie),
        seconds=EXTEND_S if action == "award_extend" else 0,
        confirm=say(lang, f"award_ask_{action.removeprefix('award_')}") if is_final else "",
    )
