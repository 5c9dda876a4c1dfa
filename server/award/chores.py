"""What awards need done by the clock: countdowns that run out, checkpoints, boxes left behind by a crash."""

import structlog

from polls.award.life import AwardRun, RoundState, round_ids, round_of
from polls.award.model import Award, RoundId, VoteRound
from polls.errors import AwardRefused
from polls.model import EventId
from server.award.awards import Awards
from server.clock import now_ms
from server.moderation import TIMER
from voting.errors import VotingError
from voting.record.checkpoint import is_due

log = structlog.get_logger()


class AwardChores:
    """Does for the awards of one process's events what nobody presses a button for."""

    def __init__(self, awards: Awards) -> None:
        self._awards = awards
        self._pinned_ms: dict[tuple[EventId, str, RoundId], int] = {}

    async def look(self, event: EventId, award: Award, run: AwardRun) -> None:
        """Do what is due now. Faults of the store are told and tried again the next time."""
        try:
            await self._look(event, award, run)
        except (VotingError, AwardRefused) as error:
            log.warning("award_chore_failed", award_event=event, award=award.id, reason=str(error))

    async def _look(self, event: EventId, award: Award, run: AwardRun) -> None:
        for round_id in round_ids(award, run):
            stands = run.round(round_id)
            is_waiting_runoff = stands.state is RoundState.WAITING and round_id in run.runoffs
            if stands.state is RoundState.CLOSED or is_waiting_runoff:
                # Its box may still have to be named or sealed; a run-off may still lack its codes.
                await self._awards.settling.settle(event, award.id)
            if stands.state is not RoundState.OPEN:
                continue
            if stands.closes_ms is not None and stands.closes_ms <= now_ms():
                await self._awards.acts.close(event, award.id, round_id, TIMER)
            elif isinstance(round_of(award, run, round_id), VoteRound):
                await self._pin(event, award, round_id, stands.opened_ms or 0)

    async def _pin(self, event: EventId, award: Award, round_id: RoundId, opened_ms: int) -> None:
        place = (event, str(award.id), round_id)
        last_ms = self._pinned_ms.get(place, opened_ms)
        # How many are new only the store knows: it refuses to record fewer than the award's least.
        if not is_due(
            now_ms=now_ms(),
            last_ms=last_ms,
            new=award.checkpoint_min,
            every_s=award.checkpoint_s,
            min_new=award.checkpoint_min,
        ):
            return
        if await self._awards.settling.checkpoint(event, award.id, round_id, max(1, award.checkpoint_min)):
            self._pinned_ms[place] = now_ms()
