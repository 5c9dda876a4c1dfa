"""One round as this process counts it: the profile and the running counts, kept by the ballot log.

The tally is read whole when the round is first met, on a new epoch of the store, for a check now and then,
and when the log cannot tell what changed; in between only the lines that came since are applied. So neither
the reading nor the counting of points and pairs grows with the number of ballots or of their kinds.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence

import structlog

from polls.model import Poll, PollId, SegmentId
from server.clock import monotonic_ms
from voting.livepoll import LivePoll
from voting.result import Result

log = structlog.get_logger()

SLICE = 200
"""Distinct ballots that are counted before others get their turn: reading a box of 100,000 different rankings
as a whole must not hold up the hall."""

DEAR_MS = 10.0
"""A count that takes longer, in ms of this core, is not made at every tick."""

SHARE = 10
"""While a round is open, dear counts of it take at most one in so many parts of a core's time."""


class FollowedRound:
    """Applies what snapshots say of one round, and makes its Result.

    `opened_ms` tells the round from the same one of an event that was made anew.
    """

    def __init__(self, poll: Poll, round: int, opened_ms: int | None, segments: Sequence[SegmentId]) -> None:
        self.poll, self.round, self.opened_ms = poll, round, opened_ms
        self.segments = tuple(segments)
        self.line = ""
        """The line of the ballot log up to which it is counted; "" asks for the whole tally."""
        self.checked_ms = monotonic_ms()
        """When the whole tally was last read, by a clock that nobody can set."""
        self.is_behind = False
        """Whether somebody was given an older result because a newer one is dear."""
        self._live: LivePoll | None = LivePoll(poll, segments)
        self._is_applying = False
        self._counted: tuple[str, int] | None = None
        self._version = 0
        self._result: Result | None = None
        self._not_before = 0.0

    def is_of(self, poll: Poll, opened_ms: int | None, segments: Sequence[SegmentId]) -> bool:
        """Whether this still follows what is asked for."""
        return self.opened_ms == opened_ms and self.segments == tuple(segments) and self.poll == poll

    async def apply(
        self, changes: Mapping[str, int] | None, tally: Mapping[str, int] | None, line: str, size: int
    ) -> None:
        """Take a reading: the changes since `self.line`, or the whole tally, or both, which is a check.

        `line` is the newest of the log and `size` the number of ballots in the box at that moment.
        """
        if self._live is None:  # the last reading could not be; begin anew
            self._live, changes = LivePoll(self.poll, self.segments), None
        live, self._is_applying = self._live, True
        try:
            if changes is not None:
                await self._add(live, changes)
            if tally is not None:
                self.checked_ms = monotonic_ms()
                difference = live.difference(tally)
                if changes is not None and difference:
                    self._tell("live_count_differs", differences=len(difference))
                await self._add(live, difference)
            self.line = line
            if live.cast != size and tally is None:
                # Somebody else than the cast function wrote to the store: look at all of it next time.
                self._tell("live_count_differs", counted=live.cast, in_box=size)
                self.line = ""
        except ValueError as error:
            # The tally holds what cannot be: show nothing, the recount will freeze it.
            self._tell("tally_unreadable", reason=str(error))
            self._live, self._result, self.line = None, None, ""
        except BaseException:  # broken off halfway: what is counted now is of no reading at all
            self._live, self._result, self.line = None, None, ""
            raise
        finally:
            self._is_applying = False

    async def _add(self, live: LivePoll, changes: Mapping[str, int]) -> None:
        if changes:
            self._version += 1
        for number, (key, by) in enumerate(changes.items(), start=1):
            live.add(key, by)
            if number % SLICE == 0:
                await asyncio.sleep(0)

    def _tell(self, what: str, **words: object) -> None:
        log.error(what, poll=self.poll.id, round=self.round, **words)

    def result(self, *, is_open: bool, epoch: str, offset: int) -> Result | None:
        """The Result of what was applied last; None when that could not be.

        While the round is open and a count of it is dear, it may be the Result of a moment ago: `is_behind`
        says so, and that it should be asked for again.
        """
        if self._live is None or self._is_applying or self._counted == (epoch, self._version):
            return self._result
        now = time.monotonic()
        if is_open and self._result is not None and self._result.epoch == epoch and now < self._not_before:
            self.is_behind = True
            return self._result
        began = time.thread_time()
        self._result = self._live.result(self.round, epoch=epoch, offset=offset)
        took_s = time.thread_time() - began
        self._counted, self.is_behind = (epoch, self._version), False
        self._not_before = now + took_s * SHARE if took_s * 1000 > DEAR_MS else 0.0
        return self._result


Followed = dict[tuple[PollId, int], FollowedRound]
