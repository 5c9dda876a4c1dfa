"""What the pages of an award ask again and again; newest checkpoint, record and misses are remembered."""

import asyncio
from collections.abc import Hashable

from polls.award.life import AwardRun, LogEnd
from polls.award.model import Award, AwardId, Electorate
from polls.model import Event, EventId
from server.award.awards import Awards, Head
from server.award.turns import Turns
from server.clock import monotonic_ms
from server.limits import Misses
from server.record.archive import write_record
from voting.award.codes import is_token
from voting.award.ports import At, CodeState
from voting.record.bundle import Record

MISS_BURST = 20
MISS_EVERY_MS = 15_000
AWARD_BURST = 200
AWARD_EVERY_MS = 1_000
"""Wrong codes that one address may send to an award, at once and then each so many ms; and all together."""


class TooManyMisses(Exception):
    """Typed codes are not looked up for now, because too many were wrong; try again after `wait_ms`."""

    def __init__(self, wait_ms: int) -> None:
        self.wait_ms = wait_ms
        super().__init__(f"too many wrong codes; wait {wait_ms} ms")


class VoterDesk:
    """One process's view of its awards for voters and for everybody."""

    def __init__(self, awards: Awards) -> None:
        self._awards = awards
        self._heads: dict[tuple[EventId, AwardId], tuple[LogEnd, Head | None]] = {}
        self._records: dict[tuple[EventId, AwardId], tuple[AwardRun, Record, bytes]] = {}
        self._packing = Turns()
        self._from_address = Misses(burst=MISS_BURST, every_ms=MISS_EVERY_MS)
        self._of_award = Misses(burst=AWARD_BURST, every_ms=AWARD_EVERY_MS)

    def check_wait(self, at: At, secret: str, network: str) -> None:
        """Raise TooManyMisses when too many wrong codes came, so that a typed code is not even looked up.

        Tokens of QR codes always are, since nobody can guess 128 bits: a hall behind one address is not
        shut out by somebody in its midst.
        """
        if is_token(secret.strip()):
            return
        now = monotonic_ms()
        wait_ms = max(misses.wait_ms(key, now) for misses, key in self._misses(at, network))
        if wait_ms:
            raise TooManyMisses(wait_ms)

    def missed(self, at: At, secret: str, network: str) -> None:
        """A code that is on no list came from a network."""
        if not is_token(secret.strip()):
            for misses, key in self._misses(at, network):
                misses.miss(key, monotonic_ms())

    def _misses(self, at: At, network: str) -> tuple[tuple[Misses, Hashable], ...]:
        return (
            (self._from_address, (network, at.event, at.award)),
            (self._of_award, (at.event, at.award)),
        )

    async def find_code(self, at: At, secret: str, network: str) -> CodeState | None:
        """The register's line of a token or typed code; None when there is none. Raises CodeInvalid (which
        is no miss: the check digit tells whoever types, and no guess was made), TooManyMisses."""
        hashed = self._awards.casting.hash_of(at.award, secret)
        self.check_wait(at, secret, network)
        found = await self._awards.box.find_code(at, hashed)
        if found is None:
            self.missed(at, secret, network)
        return found

    async def turnout(self, at: At, electorate: Electorate) -> tuple[int, int]:
        """Ballots in a vote's box and lines in its register (0 where devices vote), as of now."""
        classes = (await self._awards.box.turnout(at)).values()
        by_code = electorate is Electorate.CODES
        cast = sum(
            n for one in classes for channel, n in one.cast.items() if not by_code or channel == "code"
        )
        return cast, sum(one.register for one in classes)

    async def head(self, event: EventId, award: AwardId, run: AwardRun) -> Head | None:
        """The newest checkpoint; read anew only when the public log is another, since a rehearsal copy may be
        replaced by one whose log is as long."""
        known = self._heads.get((event, award))
        if known is None or known[0] != run.log:
            known = self._heads[event, award] = (run.log, await self._awards.head(event, award))
        return known[1]

    async def record(self, event: Event, award: Award, run: AwardRun) -> tuple[Record, bytes]:
        """The record of a published award and its zip, made once for all who ask at that moment. Raises
        AwardRefused before all is sealed."""
        key = (event.id, award.id)
        async with self._packing.of(key):
            known = self._records.get(key)
            if known is None or known[0] != run:
                record = await self._awards.record(event, award, run)
                packed = await asyncio.to_thread(write_record, record)
                known = self._records[key] = (run, record, packed)
        return known[1], known[2]
