"""From "something changed" to every screen: read once, count once, render once per audience, fan out.

Stages get at most `stage_hz` states a second, phones at most `phone_hz` results a second; a change by
a person (opened, closed, revealed) goes to everyone at once.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from polls.errors import IllegalTransition
from polls.lifecycle import Action, PollState
from polls.model import PollId
from polls.ports import Snapshot
from server import moderation, watch
from server.award.stand import Stand, read_stand
from server.clock import monotonic_ms, now_ms
from server.live import pushes
from server.live.event import LiveEvent, NoSuchEvent
from server.live.hub import Topic
from server.wire import Bye, Tick, encode
from voting.errors import VotingError

if TYPE_CHECKING:
    from server.context import Context

log = structlog.get_logger()

STAGED = 256
"""How many pushes to a room's stages are remembered, to know what a stage shows by the offset it names."""

READS_PER_PUSH = 2
"""Something new is read more often than stages are redrawn, so that processes that share a store, whose
turns fall at different times, show a person's decision within half a turn of each other."""

REPORT_MS = 1_000
"""How often a process says how many phones it holds, in ms."""


class Publisher:
    """Keeps one event's screens up to date in this process."""

    def __init__(self, context: "Context", live: LiveEvent) -> None:
        self._context, self._live = context, live
        self._dirty, self._decided = asyncio.Event(), asyncio.Event()
        self._shown: dict[Topic, tuple[str, pushes.Content]] = {}
        self._sent_ms: dict[Topic, int] = {}
        self._stood: dict[Topic, tuple[str, Stand]] = {}
        self._looked_ms: dict[Topic, int] = {}
        self._marks: tuple[str, str, tuple[PollId, ...]] = ("", "", ())
        self._open: set[PollId] = set()
        self._deadlines: dict[tuple[str, int], tuple[int, int]] = {}
        self._reported: dict[str, int] = {}
        self._reported_ms = 0
        self._ticked_ms = monotonic_ms()
        # As they were when the first console could come in: a link may be renewed before our first turn.
        self._links: dict[str, int] | None = dict(live.snapshot.links) if live.is_read else None
        self.down_since_ms: int | None = None
        self._staged: dict[str, dict[int, tuple[str, int]]] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._work())

    def wake(self) -> None:
        """Something changed: read again at the next tick."""
        self._dirty.set()

    async def _listen(self) -> None:
        async for is_decided in self._context.store.wakes(self._live.id):
            self._dirty.set()
            if is_decided:
                self._decided.set()

    async def _work(self) -> None:
        pause_s = 1 / self._context.config.live.stage_hz / READS_PER_PUSH
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            self._decided.clear()
            try:
                await self._turn()
            except NoSuchEvent:
                self._context.forget(self._live.id)
                return
            except Exception as error:
                # Whatever goes wrong in one turn, the event's screens must not stop for good: say it, go on.
                if not isinstance(error, VotingError):
                    log.exception("publisher_failed", poll_event=self._live.id)
                if self.down_since_ms is None:
                    self.down_since_ms = now_ms()
                    log.warning("store_unavailable", poll_event=self._live.id, reason=str(error))
                self._tell_consoles()
            # Whatever ballots do waits for its turn; what a person did is shown at once.
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._decided.wait()

    async def _turn(self) -> None:
        await self._report()
        snapshot = await self._live.refresh()
        if self.down_since_ms is not None:
            log.info("store_back", poll_event=self._live.id)
            self.down_since_ms = None
        await self._close_what_is_due(snapshot)
        self._recount_what_closed()
        await self._publish_awards(self.publish())
        if self._live.take_behind():
            self._dirty.set()  # a count that is dear will be made at a later turn
        self._tick()

    # -- pushes ---------------------------------------------------------------------------------

    def publish(self) -> bool:
        """Bring every topic that has listeners up to date, but for awards'; tells whether somebody has
        decided something since the last time."""
        snapshot = self._live.snapshot
        # A freeze is decided too, though by no person and so without an entry in the audit log.
        frozen = tuple(poll for poll, run in snapshot.state.runs.items() if run.frozen)
        marks = (snapshot.epoch, snapshot.head, frozen)
        decided = marks != self._marks
        self._marks = marks
        if self._links is not None and snapshot.links != self._links:
            # A link was renewed: consoles that came by the old one are not let in again.
            self._context.hub.dismiss(self._live.id, "console", encode(Bye(window_ms=0)))
        self._links = dict(snapshot.links)
        for channel in ("papers", "results", "stage", "console"):
            for topic in self._context.hub.topics(self._live.id, channel):
                self._bring_up_to_date(topic, decided)
        return decided

    async def _publish_awards(self, decided: bool) -> None:
        """Bring the pages of awards up to date. A checkpoint is a decision, so they hear of it at once; of
        the turnout in the phones' own time. Whoever has just come is looked after at the next turn."""
        live, hub = self._live, self._context.hub
        for topic in hub.topics(live.id, "award"):
            award, now = live.state.event.award(topic.room), monotonic_ms()
            is_early = now - self._looked_ms.get(topic, 0) < 1000 / self._context.config.live.phone_hz - 5
            if award is None:
                continue
            if is_early and not decided and hub.has_newest(topic):
                self._dirty.set()  # too early: look again at the next turn
                continue
            snapshot, run = live.snapshot, live.state.award(award.id)
            stand = await read_stand(self._context.voters, live.id, award, run, topic.lang)
            self._looked_ms[topic] = now
            shown = (snapshot.epoch, stand)
            if self._stood.get(topic) != shown or not hub.has_newest(topic):
                self._stood[topic] = shown
                at = (snapshot.epoch, snapshot.offset, now_ms())
                hub.publish(topic, encode(pushes.award_push(stand, *at, hub.listeners(topic))))

    def _tell_consoles(self) -> None:
        """Consoles hear of a store that is away, with the last numbers that were read."""
        if self._live.is_read:
            for topic in self._context.hub.topics(self._live.id, "console"):
                self._bring_up_to_date(topic, decided=True)

    def staged(self, room: str, offset: int) -> tuple[str, int] | None:
        """The poll and its counted ballots in the push of this offset to a room's stages, if it is recent."""
        return self._staged.get(room, {}).get(offset)

    def prepare(self, topic: Topic) -> None:
        """Make sure a topic has a newest state before somebody joins it."""
        if not self._context.hub.has_newest(topic):
            if topic.channel == "award":
                self._dirty.set()
                return
            self._shown.pop(topic, None)
            self._bring_up_to_date(topic, decided=True)

    def _bring_up_to_date(self, topic: Topic, decided: bool) -> None:
        if topic.channel == "papers" and not decided and topic in self._shown:
            return  # papers change only with a recorded change
        now = monotonic_ms()
        live_config = self._context.config.live
        hz = live_config.stage_hz if topic.channel in ("stage", "console") else live_config.phone_hz
        is_early = now - self._sent_ms.get(topic, 0) < 1000 / hz - 5
        if is_early and not decided:
            self._dirty.set()  # too early: look again at the next turn
            return
        content = pushes.content(self._context, self._live, topic)
        if is_early and topic.channel == "results" and self._shows_the_same_polls(topic, content):
            self._dirty.set()  # newer counts are no decision: phones hear of them in their own time
            return
        # Everybody is to hear of a new epoch, so that phones offer their ballot again.
        shown = (self._live.snapshot.epoch, content)
        if self._shown.get(topic) == shown:
            return
        self._shown[topic] = shown
        self._sent_ms[topic] = now
        if isinstance(content, pushes.StageContent):
            recent = self._staged.setdefault(topic.room, {})
            recent[self._live.snapshot.offset] = (content.view.poll, content.view.counted)
            while len(recent) > STAGED:
                del recent[next(iter(recent))]
        frame = pushes.frame(content, topic.channel, self._live.snapshot, now_ms())
        self._context.hub.publish(topic, encode(frame))

    def _shows_the_same_polls(self, topic: Topic, content: pushes.Content) -> bool:
        """Whether a phone's results are of the polls and rounds that it has already."""
        epoch, before = self._shown.get(topic, ("", None))
        if epoch != self._live.snapshot.epoch or not isinstance(before, pushes.PhoneContent):
            return False
        assert isinstance(content, pushes.PhoneContent)
        shown, new = ([(card.poll, card.round) for card in one.cards] for one in (before, content))
        return shown == new

    def _tick(self) -> None:
        now = monotonic_ms()
        if now - self._ticked_ms >= self._context.config.live.tick_s * 1000:
            self._ticked_ms = now
            payload = encode(Tick(server_ms=now_ms()))
            for channel in ("papers", "stage", "console", "award"):
                self._context.hub.broadcast(self._live.id, channel, payload)

    # -- chores ---------------------------------------------------------------------------------

    async def _report(self) -> None:
        hub, event = self._context.hub, self._live.id
        words = {
            "phones": hub.phones(event),
            **hub.phones_by_place(event),
            "stages": hub.stages(event),
            "consoles": hub.consoles(event),
            "received": self._context.received.get(event, 0),
            **self._live.senders.counts,
        }
        now = monotonic_ms()
        is_due = now - self._reported_ms >= REPORT_MS
        if is_due and (words != self._reported or now - self._reported_ms >= 4 * REPORT_MS):
            self._reported, self._reported_ms = words, now
            await self._context.store.report_worker(event, self._context.worker, {**words, "ms": now_ms()})

    def _recount_what_closed(self) -> None:
        """Recount every round that has been closed since the last turn (law L4)."""
        runs = self._live.state.runs
        is_open = {poll_id for poll_id, run in runs.items() if run.state is PollState.OPEN}
        for poll_id in self._open - is_open:
            run = runs[poll_id]
            if run.state is not PollState.DRAFT and not run.frozen:
                work = watch.recheck(self._context, self._live.id, poll_id, run)
                self._context.tasks.add(task := asyncio.create_task(work))
                task.add_done_callback(self._context.tasks.discard)
        self._open = is_open

    async def _close_what_is_due(self, snapshot: Snapshot) -> None:
        """Issue the close of every countdown that ran out, by a clock that nobody can set."""
        due = moderation.due(snapshot.state)
        for poll_id, closes_ms in due.items():
            key = (poll_id, snapshot.state.run(poll_id).round)
            known = self._deadlines.get(key)
            if known is None or known[0] != closes_ms:
                known = self._deadlines[key] = (closes_ms, monotonic_ms() + closes_ms - now_ms())
            if monotonic_ms() >= known[1]:
                with suppress(IllegalTransition):  # somebody was faster
                    await moderation.act(
                        self._context.store,
                        self._live.id,
                        moderation.TIMER,
                        poll_id,
                        Action.CLOSE,
                        seen_round=key[1],
                    )
                await self._live.refresh()
