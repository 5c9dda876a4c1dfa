"""What console and clicker do to the award on a room's stage, if it still stands as the person saw it."""

from dashboard.award_facts import NO_FACTS, AwardFacts, round_now
from dashboard.award_state import stage_phase, state_token
from dashboard.button import EXTEND_S
from polls.award.acts import PITCHES
from polls.award.model import Award
from polls.award.pitches import may_go_back
from polls.errors import AwardRefused
from polls.model import RoomId
from server import moderation
from server.award.acts import pitch_action
from server.context import Context
from server.live.event import LiveEvent


def award_token(live: LiveEvent, room: RoomId) -> tuple[str, str]:
    """The award in front of a room and the state that its screens show; empty texts without one."""
    award, desk = live.state.award_on_stage(room), live.state.desk(room)
    if award is None or desk.blank:
        return "", ""
    return award.id, state_token(award, live.state.award(award.id), _facts(live, award), desk.tie)


def way_back(live: LiveEvent, award: Award) -> str:
    """The one of MOVES that takes back the last step of the pitches or of the reveal, whose last step stays;
    "" where there is nothing to take back."""
    run = live.state.award(award.id)
    if may_go_back(award, run):
        return "award_pitch_back"
    return "award_back" if stage_phase(award, run, _facts(live, award), False) == "reveal" else ""


_PITCHES = {pitch_action(act): act for act in PITCHES}


async def move(
    context: Context, live: LiveEvent, actor: str, room: RoomId, action: str, *, award: str, state: str
) -> None:
    """Do one of MOVES to the award on a room's stage. `live` has just been read.

    Raises AwardRefused when the stage shows another award or another state of it, and whatever the act
    itself raises.
    """
    found, desk = live.state.award_on_stage(room), live.state.desk(room)
    if found is None or found.id != award:
        raise AwardRefused("elsewhere", action, "the stage shows something else")
    run, acts, here = live.state.award(found.id), context.awards.acts, (live.id, found.id)
    if state_token(found, run, _facts(live, found), desk.tie) != state:
        raise AwardRefused("moved", action, "it has moved on; look at it and press again")
    round_id = round_now(found, run) or ""
    match action:
        case "award_open":
            await acts.open(*here, round_id, actor)
        case "award_close":
            await acts.close(*here, round_id, actor)
        case "award_extend":
            await acts.extend(*here, round_id, EXTEND_S, actor)
        case "award_step":
            await acts.step(*here, actor, seen=run.steps)
        case "award_back":
            await acts.step_back(*here, actor)
        case "award_publish":
            await acts.publish(*here, actor)
        case "award_tie" | "award_no_tie":
            is_tie = action == "award_tie"
            if is_tie and not _facts(live, found).is_undecided:
                raise AwardRefused("decided", action, "no tie waits for the chair or the draw")
            await moderation.show_tie(context.store, live.id, actor, room, found.id, is_tie)
        case pitch if pitch in _PITCHES:
            await acts.pitch(*here, _PITCHES[pitch], actor, seen=run.pitches)
        case _:
            raise AwardRefused("unknown", action)


def _facts(live: LiveEvent, award: Award) -> AwardFacts:
    return live.awards.get(award.id, NO_FACTS)
