"""Where an award stands, as the hall sees it, and the name of that state."""

from dashboard.award_facts import AwardFacts, round_now
from dashboard.award_pitch import pitch_mark
from polls.award.life import AwardRun, Phase, RoundState, phase, round_of
from polls.award.model import Award, JuryRound
from polls.award.pitches import pitch_now


def stage_phase(award: Award, run: AwardRun, facts: AwardFacts, is_tie: bool) -> str:
    """Where an award stands as the hall sees it; `is_tie` says that the stage is told to show a tie."""
    match phase(award, run):
        case Phase.DRAFT:
            return "draft"
        case Phase.SEALED | Phase.REVEALING if is_tie and facts.is_undecided:
            return "tie"
        case Phase.SEALED:
            return "sealed"
        case Phase.REVEALING:
            return "reveal"
        case Phase.REVEALED:
            return "revealed"
        case Phase.PUBLISHED:
            return "published"
    round_id = round_now(award, run) or ""
    stands = run.round(round_id).state
    if stands is RoundState.OPEN:
        return "jury-open" if isinstance(round_of(award, run, round_id), JuryRound) else "vote-open"
    if stands is RoundState.CLOSED:
        return "closed"
    return "waiting" if pitch_now(award, run) is None else "pitch"


def state_token(award: Award, run: AwardRun, facts: AwardFacts, is_tie: bool) -> str:
    """The name of the state that a screen shows: phase, round and step, and how far the pitches are."""
    where = stage_phase(award, run, facts, is_tie)
    return f"{where}.{round_now(award, run) or ''}.{run.steps}{pitch_mark(award, run)}"
