"""One event as this process knows it: the newest snapshot, its results, and its round keys."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from dashboard.award_facts import AwardFacts
from polls.award.model import AwardId
from polls.desk import EventState
from polls.lifecycle import PollState
from polls.model import PLENARY, Event, EventId, Poll, PollId, SegmentId, Session
from polls.ports import EventStore, Snapshot
from server.clock import monotonic_ms, now_ms
from server.live.following import Followed, FollowedRound
from server.live.rounds import LiveRound, received_key
from server.live.senders import Senders
from voting.ballot import fill_in
from voting.errors import VotingError
from voting.result import Result
from voting.voterkey import VoterKeys

WORKER_FRESH_MS = 10_000
"""A server process that has said nothing for this long no longer counts its phones, in ms."""

KINDS_REMEMBERED = 4_096
"""Different ballots whose canonical form is remembered, per event."""

Round = tuple[PollId, int]

ReadAwards = Callable[[Snapshot], Awaitable[Mapping[AwardId, AwardFacts]]]
"""Reads what screens need of the awards on stages, to go with a snapshot."""


def segment_ids(event: Event) -> tuple[SegmentId, ...]:
    """The segments of an event, in its order."""
    return tuple(segment.id for segment in event.segments)


class NoSuchEvent(Exception):
    """There is no event of this id."""


class LiveEvent:
    """Reads an event and keeps what was read. State is replaced whole, never changed in place."""

    def __init__(
        self,
        event_id: EventId,
        store: EventStore,
        check_s: float = 60.0,
        *,
        read_awards: ReadAwards | None = None,
    ) -> None:
        """`check_s`: how often the counts that follow the ballot log are compared with the whole tally."""
        self.id = event_id
        self._store = store
        self._check_ms = int(check_s * 1000)
        self._read_awards = read_awards
        self.awards: Mapping[AwardId, AwardFacts] = {}
        """Of the awards on stages and of open votes; read with the snapshot, and replaced with it."""
        self._snapshot: Snapshot | None = None
        self._followed: Followed = {}
        self._keys: dict[Round, tuple[int, bytes, VoterKeys]] = {}
        self._asked: dict[tuple[str, int], LiveRound] = {}
        self._asked_of: Snapshot | None = None
        self._reading = asyncio.Lock()
        self._asking_key = asyncio.Lock()
        self._indexed: Event | None = None
        self._polls: dict[str, Poll] = {}
        self._canonicals: dict[tuple[str, tuple[str, ...], str], str] = {}
        self.senders = Senders()

    @property
    def snapshot(self) -> Snapshot:
        """The newest reading. Raises NoSuchEvent before the first one."""
        if self._snapshot is None:
            raise NoSuchEvent(self.id)
        return self._snapshot

    @property
    def is_read(self) -> bool:
        """Whether there is a reading at all."""
        return self._snapshot is not None

    @property
    def state(self) -> EventState:
        return self.snapshot.state

    def find_poll(self, poll_id: str) -> Poll | None:
        """A poll of the event, found without going through the run of show for every ballot."""
        event = self.state.event
        if event is not self._indexed:
            self._indexed, self._polls = event, {poll.id: poll for _, poll in event.polls()}
            self._canonicals.clear()
        return self._polls.get(poll_id)

    def find_round(self, poll_id: str, round: int) -> LiveRound | None:
        """What the ballots of a round need; None when the event has no such poll.

        Remembered until the next reading, which may know otherwise.
        """
        if self._snapshot is not self._asked_of:
            self._asked.clear()
            self._asked_of = self._snapshot
        found = self._asked.get((poll_id, round))
        if found is None:
            poll = self.find_poll(poll_id)
            if poll is None:
                return None
            run = self.state.run(poll.id)
            is_open = run.round == round and run.state is PollState.OPEN
            found = LiveRound(
                poll=poll,
                received=received_key(poll.id, round) if is_open else "",
                keys=self.known_voter_keys(poll.id, round),
                timezone=self.state.event.timezone,
            )
            if found.keys is not None:  # else it may become known before the next reading
                self._asked[poll_id, round] = found
        return found

    def fill_in(self, poll: Poll, selections: Sequence[str], segment: str) -> str:
        """The canonical ballot of `poll` (as `find_poll` gave it); `segment` may be one nobody declared.

        Raises BallotInvalid like voting.ballot.fill_in, whose answers are remembered here: a hall casts
        thousands of ballots of very few kinds.
        """
        kind = (poll.id, tuple(selections), segment)
        canonical = self._canonicals.get(kind)
        if canonical is None:
            declared = SegmentId(segment) if self.state.event.segment(segment) else None
            canonical = fill_in(poll, selections, declared)
            if len(self._canonicals) >= KINDS_REMEMBERED:
                self._canonicals.clear()
            self._canonicals[kind] = canonical
        return canonical

    async def refresh(self) -> Snapshot:
        """Read the event again. Raises NoSuchEvent, or StoreUnavailable and keeps the last reading."""
        async with self._reading:
            whole, since = self._reading_plan()
            snapshot = await self._store.snapshot(self.id, whole, since)
            if snapshot is None:
                self._snapshot = None
                raise NoSuchEvent(self.id)
            if self._needs_whole(snapshot):
                needed = self._rounds_of_interest(snapshot.state)
                snapshot = await self._store.snapshot(self.id, needed) or snapshot
            awards = {} if self._read_awards is None else await self._read_awards(snapshot)
            if self._snapshot is not None and snapshot.seq < self._snapshot.seq:
                # Another event under this id: a rehearsal copy that was replaced. Its rounds have other keys.
                self._keys.clear()
                self._followed.clear()
                self.senders.clear()
            await self._follow(snapshot)
            self._snapshot, self.awards = snapshot, awards
            self._asked.clear()  # of the last reading, and with keys that may have to be forgotten now
            for poll_id, round in list(self._keys):
                # Sealed, or reset: the secret is destroyed, here too (law L8).
                if round in snapshot.state.run(poll_id).sealed or self._known(poll_id, round) is None:
                    del self._keys[poll_id, round]
            self.senders.forget(snapshot.state)
            await self._know_keys_of_open_rounds()
            return snapshot

    def _reading_plan(self) -> tuple[list[Round], dict[Round, str]]:
        """The rounds to be read whole, and those of which the changes since a line are enough."""
        rounds = self._rounds_of_interest(self._snapshot.state) if self._snapshot else []
        since = {at: self._followed[at].line for at in rounds if at in self._followed}
        long_ago = monotonic_ms() - self._check_ms
        whole = [at for at in rounds if at not in since or self._followed[at].checked_ms < long_ago]
        return whole, since

    def _needs_whole(self, snapshot: Snapshot) -> bool:
        """Whether there is a round of interest that what was read does not tell enough of."""
        if self._snapshot is not None and snapshot.epoch != self._snapshot.epoch:
            return True
        segments = segment_ids(snapshot.state.event)
        return any(
            at not in snapshot.tallies
            and (at not in snapshot.changes or not self._is_followed(at, snapshot.state, segments))
            for at in self._rounds_of_interest(snapshot.state)
        )

    def _is_followed(self, at: Round, state: EventState, segments: Sequence[SegmentId]) -> bool:
        found, followed = state.event.find_poll(at[0]), self._followed.get(at)
        return (
            followed is not None
            and found is not None
            and followed.is_of(found[1], state.run(at[0]).opened_ms, segments)
        )

    async def _follow(self, snapshot: Snapshot) -> None:
        """Bring the counts of the rounds of interest to the moment of this reading; drop the others."""
        state, segments = snapshot.state, segment_ids(snapshot.state.event)
        kept: Followed = {}
        for at in self._rounds_of_interest(state):
            found, changes = state.event.find_poll(at[0]), snapshot.changes.get(at)
            if found is None or at not in snapshot.lines:
                continue
            if self._is_followed(at, state, segments):
                kept[at] = self._followed[at]
            else:
                kept[at] = FollowedRound(found[1], at[1], state.run(at[0]).opened_ms, segments)
                changes = None
            await kept[at].apply(changes, snapshot.tallies.get(at), snapshot.lines[at], snapshot.boxes[at])
        self._followed = kept

    async def _know_keys_of_open_rounds(self) -> None:
        # Before any phone sees the question: else a hall that answers at once asks for the key as often.
        for poll_id, run in self.state.runs.items():
            if run.state is PollState.OPEN and self.known_round_key(poll_id, run.round) is None:
                with suppress(VotingError):  # then the first ballot asks again
                    await self.round_key(poll_id, run.round)

    @staticmethod
    def _rounds_of_interest(state: EventState) -> list[Round]:
        """The rounds somebody may be looking at: open ones, and what stands on a stage."""
        on_stage = {desk.poll for desk in state.desks.values()}
        return [
            (poll.id, state.run(poll.id).round)
            for _, poll in state.event.polls()
            if state.run(poll.id).round
            and (state.run(poll.id).state is PollState.OPEN or poll.id in on_stage)
        ]

    def counted(self, poll_id: PollId) -> int:
        """Ballots in the box of a poll's present round."""
        return self.snapshot.boxes.get((poll_id, self.state.run(poll_id).round), 0)

    def newest_line(self, poll_id: PollId) -> str:
        """Id of the newest line of the ballot log of a poll's present round; "" without any."""
        return self.snapshot.lines.get((poll_id, self.state.run(poll_id).round), "")

    def result(self, poll: Poll) -> Result | None:
        """The present round's result, counted from the newest reading; None when it is not followed.

        While a round is open whose count is dear, it may be that of a moment ago (see FollowedRound).

        Whether anybody may see it is decided in dashboard.audience, not here.
        """
        snapshot = self.snapshot
        run = snapshot.state.run(poll.id)
        followed = self._followed.get((poll.id, run.round))
        if followed is None or followed.poll != poll:
            return None
        return followed.result(
            is_open=run.state is PollState.OPEN, epoch=snapshot.epoch, offset=snapshot.offset
        )

    def take_behind(self) -> bool:
        """Whether somebody was given an older result since this was last asked; then ask again soon."""
        behind = [followed for followed in self._followed.values() if followed.is_behind]
        for followed in behind:
            followed.is_behind = False
        return bool(behind)

    def phones(self) -> int:
        """Connected phones."""
        return self._sum("phones")

    def phones_for(self, session: Session, poll: Poll) -> int:
        """Connected phones that a poll of `session` is for: those in its room and of its segments."""
        if session.room == PLENARY and not poll.segments:
            return self.phones()
        words = {word for said in self.snapshot.workers.values() for word in said if word.count(":") == 2}
        places = {word: word.split(":") for word in words if word.startswith("phones:")}
        return sum(
            self._sum(word)
            for word, (_, room, segment) in places.items()
            if session.room in (PLENARY, room) and poll.is_for(SegmentId(segment) if segment else None)
        )

    def stages(self) -> int:
        return self._sum("stages")

    def consoles(self) -> int:
        return self._sum("consoles")

    def painted(self, room: str) -> list[dict[str, int | str]]:
        """The last words of the stages of a room that are still connected."""
        fresh_ms = now_ms() - WORKER_FRESH_MS
        alive = {name for name, words in self.snapshot.workers.items() if words.get("ms", 0) >= fresh_ms}
        return [
            dict(words)
            for stage, words in self.snapshot.painted.items()
            if words.get("room", "") == room and not words.get("gone") and stage.split("-")[0] in alive
        ]

    def received(self, poll_id: PollId, worker: str) -> int:
        """Devices whose ballots in a poll's present round reached a server, whatever became of them; `worker`
        is this process, whose own count is newer than what it last said."""
        key = received_key(poll_id, self.state.run(poll_id).round)
        return self.senders.counts[key] + self._sum(key, without=worker)

    def _sum(self, field: str, without: str = "") -> int:
        fresh_ms = now_ms() - WORKER_FRESH_MS
        words: Sequence[dict[str, int]] = [
            dict(w) for name, w in self.snapshot.workers.items() if name != without
        ]
        return sum(w.get(field, 0) for w in words if w.get("ms", 0) >= fresh_ms)

    def opened_ms(self, poll_id: PollId, round: int) -> int | None:
        """When a round was opened: tells it from the same round of an event that was made anew."""
        run = self.state.run(poll_id)
        if run.round == round:
            return run.opened_ms
        return next((past.opened_ms for past in run.past if past.round == round), None)

    def closed_ms(self, poll_id: PollId, round: int) -> int:
        """When a round was closed (Unix ms); 0 while it was not."""
        run = self.state.run(poll_id)
        if run.round == round:
            return run.closed_ms or 0
        return next((past.closed_ms for past in run.past if past.round == round), 0)

    def is_over(self, poll_id: PollId, round: int) -> bool:
        """Whether a round was closed, and so may be sealed at any moment."""
        return self.closed_ms(poll_id, round) > 0

    async def was_counted(self, poll_id: PollId, round: int, nonce: str) -> bool:
        """Whether a sealed round counted a ballot with this nonce."""
        return await self._store.was_counted(self.id, poll_id, round, nonce)

    def known_round_key(self, poll_id: PollId, round: int) -> bytes | None:
        """The round's secret if it was read before."""
        known = self._known(poll_id, round)
        return None if known is None else known[1]

    def known_voter_keys(self, poll_id: PollId, round: int) -> VoterKeys | None:
        """What makes the round's voter keys, if its secret was read before."""
        known = self._known(poll_id, round)
        return None if known is None else known[2]

    def _known(self, poll_id: PollId, round: int) -> tuple[int, bytes, VoterKeys] | None:
        known = self._keys.get((poll_id, round))
        return known if known is not None and known[0] == self.opened_ms(poll_id, round) else None

    async def round_key(self, poll_id: PollId, round: int) -> bytes | None:
        """The secret under which this round's voter keys are made; None for a round never opened."""
        key = self.known_round_key(poll_id, round)
        if key is None:
            async with self._asking_key:  # one asks, the others wait for its answer
                key = self.known_round_key(poll_id, round)
                if key is None:
                    opened_ms = self.opened_ms(poll_id, round)
                    key = await self._store.round_key(self.id, poll_id, round)
                    if key is not None and opened_ms is not None:
                        self._keys[(poll_id, round)] = (opened_ms, key, VoterKeys(key))
        return key
