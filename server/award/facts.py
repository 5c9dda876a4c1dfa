"""Reads what screens show of awards, once for all: turnout, checkpoints, and the result once it exists."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import structlog

from dashboard.award_facts import NO_FACTS, AwardFacts, round_now
from dashboard.award_phone import is_vote_open
from polls.award.life import AwardRun, LogEnd, RoundState, round_of
from polls.award.model import Award, AwardId, VoteRound
from polls.errors import AwardRefused
from polls.model import Event, EventId
from polls.ports import Snapshot
from server.award.awards import Awards, Head
from voting.award.counted import AwardKind, AwardResult
from voting.award.ports import At
from voting.award.reveal import RevealStep, reveal_steps
from voting.award.tiedesk import TieDesk, tie_desk

log = structlog.get_logger()


class Counted(NamedTuple):
    """A result with what is shown of it step by step."""

    result: AwardResult
    steps: tuple[RevealStep, ...]
    tie: TieDesk | None


class FactsReader:
    """Remembers results and heads of logs, which are read anew only when they can have changed."""

    def __init__(self, awards: Awards) -> None:
        self._awards = awards
        self._heads: dict[tuple[EventId, AwardId], tuple[LogEnd, Head | None]] = {}
        self._counted: dict[tuple[EventId, AwardId], tuple[Award, AwardRun, Counted]] = {}

    async def read(self, snapshot: Snapshot) -> Mapping[AwardId, AwardFacts]:
        """The facts of every award that is on a stage, or whose vote is open: phones show its checkpoint.
        Raises StoreUnavailable."""
        state = snapshot.state
        on_stage = {desk.award for desk in state.desks.values()}
        return {
            award.id: await self._facts(state.event, award, state.award(award.id))
            for award in state.event.awards
            if award.id in on_stage or is_vote_open(award, state.award(award.id))
        }

    async def _facts(self, event: Event, award: Award, run: AwardRun) -> AwardFacts:
        if not run.rules_hash:
            return NO_FACTS
        head = await self._head(event.id, award, run)
        facts = AwardFacts(pinned=head.count if head else None, words=head.words if head else ())
        round_id = round_now(award, run)
        if round_id is None:
            counted = await self._count(event.id, award, run)
            if counted is None:
                return facts
            return replace(facts, result=counted.result, steps=counted.steps, tie=counted.tie)
        if head is not None and head.round != round_id:
            facts = NO_FACTS  # a checkpoint of a round that is over says nothing of this one
        if run.round(round_id).state is RoundState.WAITING:
            return facts
        at = At(event.id, award.id, round_id)
        if isinstance(round_of(award, run, round_id), VoteRound):
            return replace(facts, turnout=dict(await self._awards.box.turnout(at)))
        progress = await self._awards.box.progress(at)
        return replace(facts, locked=sum(one.is_locked for one in progress.values()))

    async def _head(self, event: EventId, award: Award, run: AwardRun) -> Head | None:
        known = self._heads.get((event, award.id))
        if known is None or known[0] != run.log:
            known = self._heads[(event, award.id)] = (run.log, await self._awards.head(event, award.id))
        return known[1]

    async def _count(self, event: EventId, award: Award, run: AwardRun) -> Counted | None:
        """The result; None when it cannot be counted, which the organiser's page says."""
        decides = run.basis
        known = self._counted.get((event, award.id))
        if known is not None and known[:2] == (award, decides):
            return known[2]
        try:
            papers, result = await self._awards.papers_and_result(event, award, run)
            is_open = result.kind is AwardKind.UNDECIDED
            counted = Counted(
                result=result,
                steps=() if is_open else reveal_steps(award, result),
                tie=tie_desk(award, run, papers) if is_open else None,
            )
        except (AwardRefused, ValueError) as error:
            log.error("award_uncountable", award_event=event, award=award.id, reason=str(error))
            return None
        self._counted[(event, award.id)] = (award, decides, counted)
        return counted
