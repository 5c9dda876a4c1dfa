"""The finalists' pitches: who pitches when, and what console and clicker do to that. Nothing of it touches
rules, ballots or counting, and a round can always be opened, pitches or not. Times are Unix milliseconds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from polls.award.acts import Act, demand
from polls.award.life import AwardRun, Phase, PitchRun, RoundState, phase, round_ids, standing
from polls.award.model import NOBODY, Award, CandidateId, RoundId
from polls.errors import AwardRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitch:
    """A pitch that is on: the `place`-th, counted from 1, `of` so many. `ends_ms` is None without a clock."""

    candidate: CandidateId
    place: int
    of: int
    ends_ms: int | None


def pitch_round(award: Award) -> RoundId | None:
    """The round before which the award has its pitches: the last one, so the vote where there is one. None
    for an award without pitches."""
    return tuple(award.rounds())[-1].id if award.pitches is not None else None


def pitchers(award: Award, run: AwardRun) -> tuple[CandidateId, ...]:
    """Who pitches, in the order of the paper: those who stand in the last round, while it is the next to
    open. Nobody at any other time, and in an award without pitches."""
    last = pitch_round(award)
    if last is None or phase(award, run) is not Phase.FROZEN:
        return ()
    states = [run.round(one).state for one in round_ids(award, run)]
    if states != [RoundState.SEALED] * (len(states) - 1) + [RoundState.WAITING]:
        return ()
    return tuple(one for one in standing(award, run, last) if one != NOBODY)


def pitch_now(award: Award, run: AwardRun) -> Pitch | None:
    """The pitch that is on; None before the first, after the end, and when who pitched has withdrawn."""
    order, now = pitchers(award, run), run.pitches.now
    if now is None or now not in order or run.pitches.is_over:
        return None
    place = order.index(now) + 1
    return Pitch(candidate=now, place=place, of=len(order), ends_ms=run.pitches.clocks.get(now))


def are_pitches_due(award: Award, run: AwardRun) -> bool:
    """Whether pitches are on or to come before the next round."""
    return bool(pitchers(award, run)) and not run.pitches.is_over


def next_pitch(award: Award, run: AwardRun) -> CandidateId | None:
    """Who pitches next; None after the last and after the end."""
    if run.pitches.is_over:
        return None
    after = _place(award, run.pitches.now)
    return next((one for one in pitchers(award, run) if _place(award, one) > after), None)


def may_go_back(award: Award, run: AwardRun) -> bool:
    """Whether there is a step of the pitches to take back."""
    return bool(pitchers(award, run)) and (run.pitches.is_over or run.pitches.now is not None)


def act_on_pitches(award: Award, run: AwardRun, act: Act, seen: PitchRun, now_ms: int) -> AwardRun:
    """The award after one of the acts of PITCHES; `seen` is how far the pitches were for the person.

    Raises AwardRefused when they have moved on since, and when there is no such step now.
    """
    now = demand(award, run, act)
    if run.pitches != seen:
        raise AwardRefused("moved", act, "the screen was behind; look at it and press again")
    if not pitchers(award, run):
        raise AwardRefused(now, act, "no pitches are due: they come right before the last round opens")
    return replace(run, pitches=_STEPS[act](award, run, now_ms))


def _go_on(award: Award, run: AwardRun, now_ms: int) -> PitchRun:
    following = next_pitch(award, run)
    if following is None:
        raise AwardRefused("pitches", Act.PITCH, "nobody is left to pitch; end the pitches")
    return replace(_timed(award, run.pitches, following, now_ms), now=following)


def _go_back(award: Award, run: AwardRun, now_ms: int) -> PitchRun:
    """The step before. Its clock is as it was, since who went on too early wants it back."""
    if not may_go_back(award, run):
        raise AwardRefused("pitches", Act.PITCH_BACK, "nobody has pitched yet")
    if run.pitches.is_over:
        return replace(run.pitches, is_over=False)
    at = _place(award, run.pitches.now)
    before = [one for one in pitchers(award, run) if _place(award, one) < at]
    return replace(run.pitches, now=before[-1] if before else None)


def _clock(award: Award, run: AwardRun, now_ms: int) -> PitchRun:
    pitch = pitch_now(award, run)
    if pitch is None or award.pitches is None or not award.pitches.seconds:
        raise AwardRefused("pitches", Act.PITCH_CLOCK, "no pitch with a clock is on")
    return _timed(award, run.pitches, pitch.candidate, now_ms)


def _end(award: Award, run: AwardRun, now_ms: int) -> PitchRun:
    if run.pitches.is_over:
        raise AwardRefused("pitches", Act.PITCH_END, "the pitches have ended already")
    return replace(run.pitches, is_over=True)


_STEPS: Mapping[Act, Callable[[Award, AwardRun, int], PitchRun]] = {
    Act.PITCH: _go_on,
    Act.PITCH_BACK: _go_back,
    Act.PITCH_CLOCK: _clock,
    Act.PITCH_END: _end,
}


def _timed(award: Award, old: PitchRun, who: CandidateId, now_ms: int) -> PitchRun:
    """The pitches with the whole time for `who` from now on."""
    clocks = {one: ends for one, ends in old.clocks.items() if one != who}
    if award.pitches is not None and award.pitches.seconds:
        clocks[who] = now_ms + award.pitches.seconds * 1000
    return replace(old, clocks=clocks)


def _place(award: Award, candidate: CandidateId | None) -> int:
    """Where a candidate stands on the paper, withdrawn or not; -1 before the first."""
    return -1 if candidate is None else award.candidate_ids.index(candidate)
