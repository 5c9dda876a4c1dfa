"""What awards need done by the clock: countdowns that run out, checkpoints, boxes left behind by a crash."""

import structlog

from polls.award.life import AwardRun, RoundState, round_ids, round_of
from polls.award.model import Award, RoundId, VoteRound
from polls.errors import AwardRefused
from polls.model import EventId
from server.award.awards import Awards
from server.clock import monotonic_ms, now_ms
from server.live.event import NoSuchEvent
from server.moderation import TIMER
from voting.errors import VotingError
from voting.record.checkpoint import is_due

log = structlog.get_logger()


class AwardChores:
    """Does for the awards of one process's events what nobody presses a button for."""

    def __init__(self, awards: Awards) -> None:
        self._awards = awards
        self._pinned_ms: dict[tuple[EventId, str, RoundId], int] = {}
        self._deadlines: dict[tuple[EventId, str, RoundId], tuple[int, int]] = {}

    async def look(self, event: EventId, award: Award, run: AwardRun) -> None:
        """Do what is due now. Whatever fails is told and tried again the next time: one award that cannot be
        helped must keep nothing from the others."""
        try:
            await self._look(event, award, run)
        except NoSuchEvent:
            return  # deleted meanwhile
        except (VotingError, AwardRefused) as error:
            log.warning("award_chore_failed", award_event=event, award=award.id, reason=str(error))
        except Exception:
            log.exception("award_chore_failed", award_event=event, award=award.id)

    async def _look(self, event: EventId, award: Award, run: AwardRun) -> None:
        for round_id in round_ids(award, run):
            stands = run.round(round_id)
            is_waiting_runoff = stands.state is RoundState.WAITING and round_id in run.runoffs
            if stands.state is RoundState.CLOSED or is_waiting_runoff:
                # Its box may still have to be named or sealed; a run-off may still lack its codes.
                await self._awards.settling.settle(event, award.id)
            if stands.state is not RoundState.OPEN:
                continue
            if stands.closes_ms is not None and self._ran_out(event, award, round_id, stands.closes_ms):
                # `run` may be of a moment ago, and what the box has closed does not open again.
                await self._awards.acts.close(event, award.id, round_id, TIMER, countdown_ms=stands.closes_ms)
            elif isinstance(round_of(award, run, round_id), VoteRound):
                await self._pin(event, award, round_id, stands.opened_ms or 0)

    def _ran_out(self, event: EventId, award: Award, round_id: RoundId, closes_ms: int) -> bool:
        """Whether a countdown is over, by a clock that nobody can set."""
        place = (event, str(award.id), round_id)
        known = self._deadlines.get(place)
        if known is None or known[0] != closes_ms:
            known = self._deadlines[place] = (closes_ms, monotonic_ms() + closes_ms - now_ms())
        return monotonic_ms() >= known[1]

    async def _pin(self, event: EventId, award: Award, round_id: RoundId, opened_ms: int) -> None:
        place = (event, str(award.id), round_id)
        last_ms = self._pinned_ms.setdefault(place, monotonic_ms() - max(0, now_ms() - opened_ms))
        # How many are new only the store knows: it refuses to record fewer than the award's least.
        if not is_due(
            now_ms=monotonic_ms(),
            last_ms=last_ms,
            new=award.checkpoint_min,
            every_s=award.checkpoint_s,
            min_new=award.checkpoint_min,
        ):
            return
        if await self._awards.settling.checkpoint(event, award.id, round_id, max(1, award.checkpoint_min)):
            self._pinned_ms[place] = monotonic_ms()
