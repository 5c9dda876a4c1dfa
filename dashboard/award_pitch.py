"""What screens say of the finalists' pitches."""

from dataclasses import dataclass

from dashboard.award_facts import round_now
from dashboard.words import say
from polls.award.life import AwardRun, round_of
from polls.award.model import Award, JuryRound
from polls.award.pitches import are_pitches_due, pitch_now, pitchers


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitching:
    """Who pitches now, as the hall reads it. `place` says "Pitch 2 of 3", `over` that the time is over."""

    name: str
    entrant: str
    detail: str
    place: str
    over: str


def pitching(award: Award, run: AwardRun, lang: str) -> Pitching | None:
    """The pitch that is on; None without one."""
    pitch = pitch_now(award, run)
    found = award.candidate(pitch.candidate) if pitch else None
    if pitch is None or found is None:
        return None
    return Pitching(
        name=found.name.pick(lang),
        entrant=found.entrant.pick(lang) if found.entrant else "",
        detail=found.detail.pick(lang) if found.detail else "",
        place=say(lang, "award_stage_pitch_place", place=pitch.place, of=pitch.of),
        over=say(lang, "award_stage_pitch_over"),
    )


def pitch_ends(award: Award, run: AwardRun) -> int | None:
    """When the time of the pitch that is on is over (Unix ms); None without a clock."""
    pitch = pitch_now(award, run)
    return pitch.ends_ms if pitch else None


def pitch_sentence(award: Award, run: AwardRun, lang: str) -> str:
    """Who pitches now, in a sentence for phones; empty without a pitch."""
    pitch, words = pitch_now(award, run), pitching(award, run, lang)
    if pitch is None or words is None:
        return ""
    return say(lang, "award_phone_pitch", name=words.name, place=pitch.place, of=pitch.of)


def pitch_mark(award: Award, run: AwardRun) -> str:
    """The end of a state's name: how far the pitches are, while they are due or could be taken back."""
    if not pitchers(award, run) or not (run.pitches.now or run.pitches.is_over):
        return ""
    return f".{run.pitches.now or ''}{'.over' if run.pitches.is_over else ''}"


def waiting_key(award: Award, run: AwardRun) -> str:
    """The end of the words' key for what an award waits for: the pitches, the jury or the vote."""
    if are_pitches_due(award, run):
        return "waiting_pitches"
    is_jury = isinstance(round_of(award, run, round_now(award, run) or ""), JuryRound)
    return "waiting_jury" if is_jury else "waiting"
