"""Ballots of hands and paper on their way into the box: figures of two people, the box, the public log.

A count that two people have named is put into the box first and logged then; when something breaks off
between the two, the close of the round logs it from the box (`log_of_counts`), so that box and log agree.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from polls.award import handcounts
from polls.award.handcounts import Place
from polls.award.life import AwardRun, round_of, standing
from polls.award.model import Award, AwardId, ClassId, RoundId, VoteRound
from polls.errors import AwardRefused
from polls.model import Event, EventId
from server.award.commits import AwardCommits, Done, Said
from server.award.papers import ballot_text
from server.moderation import TRIES
from voting.award.ballot import AwardBallot, BallotRefused, canonical_choices, check_ballot
from voting.award.ports import At, AwardBox
from voting.canonical import canonical_json
from voting.errors import BallotInvalid, RoundRefused, StoreConflict
from voting.jury.sheet import Ranks
from voting.record.log import EntryType

_ENTERED = "this channel was entered for this class already"
MOST = 100_000
"""Ballots of one count at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How often each choice was counted; choices as canonical ranks, none is an abstention."""

    counts: Mapping[Ranks, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def as_log(self) -> dict[str, int]:
        """The counts by the canonical JSON of their choices, as CHANNEL holds them."""
        return {
            canonical_json([list(rank) for rank in choices]): n
            for choices, n in sorted(self.counts.items())
            if n
        }


class HandCounts:
    """Counts of hands and paper for the awards of a store. `key` makes the marks of figures, and is kept
    outside of the store: from a mark alone nobody can find its figures by trying."""

    def __init__(self, commits: AwardCommits, box: AwardBox, key: bytes) -> None:
        self._commits, self._box, self._key = commits, box, key

    async def first(
        self, event: EventId, award: AwardId, place: Place, figures: Figures, who: str, actor: str
    ) -> None:
        """The first person's figures. Raises BallotInvalid for choices that the rules do not allow."""
        if await self._is_in(At(event, award, RoundId(place.round)), place):
            raise AwardRefused("entered", handcounts.COUNT, _ENTERED)

        def plan(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            new = handcounts.named(place, self._mark(event, rules, run, place, figures), who, actor)
            return Done(run=handcounts.name_first(rules, run, new), body=_body(place))

        await self._commits.commit(event, award, actor, "award_count", plan)

    async def second(
        self, event: EventId, award: AwardId, place: Place, figures: Figures, who: str, actor: str
    ) -> None:
        """The second person's figures: when they are the first one's, the ballots go into the box.

        Raises AwardRefused, BallotInvalid, RoundRefused when the box takes nothing any more.
        """
        at = At(event, award, RoundId(place.round))
        was_in = await self._is_in(at, place)

        def name(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            found = handcounts.find(run, place)
            if was_in and (found is None or len(found.by) < 2):
                raise AwardRefused("entered", handcounts.COUNT, _ENTERED)  # and these are other figures
            new = handcounts.named(place, self._mark(event, rules, run, place, figures), who, actor)
            return Done(run=handcounts.name_second(rules, run, new), body=_body(place))

        def unname(rules: Award, run: AwardRun, now: int, of: Event) -> Done:
            return Done(run=handcounts.unname(run, place), body=_body(place))

        await self._commits.commit(event, award, actor, "award_confirm", name)
        try:
            await self._enter(at, place, figures)
        except RoundRefused as error:
            # The name is taken back only from what can never get into the box: another press of the same two
            # may be on its way there, and what is in must be logged.
            if error.code == "closed" and not await self._is_in(at, place):
                await self._commits.commit(event, award, actor, "award_unconfirm", unname)
                raise
            if error.code not in ("closed", "entered"):
                raise
            # It went in before, and what followed was broken off.

        def log(rules: Award, run: AwardRun, now: int, of: Event) -> Done | None:
            found = handcounts.find(run, place)
            if found is None or len(found.by) < 2:
                return None  # the close was faster, and has logged it
            body = {**_body(place), "counts": figures.as_log(), "by": list(found.by)}
            return Done(run=handcounts.done(run, place), said=[(EntryType.CHANNEL, body)], body=_body(place))

        await self._commits.commit(event, award, actor, "award_channel", log)

    async def _is_in(self, at: At, place: Place) -> bool:
        """Whether the box has the count of this channel and class."""
        of_class = (await self._box.turnout(at)).get(place.voter_class)
        return of_class is not None and bool(of_class.cast.get(place.channel, 0))

    async def _enter(self, at: At, place: Place, figures: Figures) -> None:
        for _ in range(TRIES):
            try:
                return await self._enter_once(at, place, figures)
            except StoreConflict:
                continue  # another class was faster: numbered anew
        raise StoreConflict("other counts are being entered; press again")

    async def _enter_once(self, at: At, place: Place, figures: Figures) -> None:
        turnout = await self._box.turnout(at)
        before = sum(of_class.cast.get(place.channel, 0) for of_class in turnout.values())
        texts: dict[str, str] = {}
        for choices, n in sorted(figures.counts.items()):
            for _ in range(n):
                receipt = f"{place.channel}-{before + len(texts) + 1:04d}"
                texts[receipt] = ballot_text(
                    round_id=place.round,
                    voter_class=place.voter_class,
                    choices=choices,
                    receipt=receipt,
                    salt="",
                    channel=place.channel,
                )
        await self._box.enter(at, place.channel, place.voter_class, texts, before)

    def _mark(self, event: EventId, award: Award, run: AwardRun, place: Place, figures: Figures) -> str:
        check_figures(award, run, place, figures)
        text = canonical_json([event, award.id, *place, figures.as_log()])
        return hmac.digest(self._key, text.encode(), hashlib.sha256).hex()


def check_figures(award: Award, run: AwardRun, place: Place, figures: Figures) -> None:
    """Raise BallotInvalid unless each choice can stand on a ballot of the round, and one is counted."""
    rules = round_of(award, run, place.round)
    if not isinstance(rules, VoteRound):
        raise AwardRefused("gone", handcounts.COUNT, "this award has no such vote")
    if not 0 < figures.total <= MOST:
        raise BallotInvalid(
            "no_ballots", f"Expected from 1 to {MOST} ballots; a count of none needs no entry."
        )
    known = standing(award, run, place.round)
    for choices in figures.counts:
        try:
            check_ballot(
                rules,
                AwardBallot(voter_class=ClassId(place.voter_class), choices=canonical_choices(choices)),
                known,
            )
        except BallotRefused as error:
            raise BallotInvalid("bad_ballot", f"This is no ballot of this vote: {error}.") from None


def log_of_counts(
    run: AwardRun, round_id: RoundId, ballots: Mapping[str, str]
) -> tuple[AwardRun, list[Said]]:
    """What the close of a round still has to log of counts that two have named, from what is in the box;
    and the run in which none of this round waits."""
    said: list[Said] = []
    lines = [json.loads(text) for text in ballots.values()]
    for one in run.counts:
        counts: dict[str, int] = {}
        if one.round != round_id or len(one.by) < 2:
            continue
        for line in lines:
            if (line["channel"], line["class"]) == (one.channel, one.voter_class):
                choices = canonical_json(line["choices"])
                counts[choices] = counts.get(choices, 0) + 1
        if counts:
            body = {**_body(handcounts.place_of(one)), "counts": counts, "by": list(one.by)}
            said.append((EntryType.CHANNEL, body))
    return replace(run, counts=tuple(one for one in run.counts if one.round != round_id)), said


def _body(place: Place) -> dict[str, str]:
    return {"round": place.round, "channel": place.channel, "class": place.voter_class}
