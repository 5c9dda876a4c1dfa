"""What the routes and sockets work with: one object, made in app.py, kept in `app.state.context`."""

import asyncio
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from polls.model import EventId
from polls.ports import EventStore
from server.auth import Keyring, Role, Seat, Visitor, is_own_origin
from server.award.awards import Awards
from server.award.facts import FactsReader
from server.award.voters import VoterDesk
from server.config import Config
from server.live.batch import Batchers
from server.live.event import LiveEvent, NoSuchEvent
from server.live.greeter import Greeter
from server.live.hub import Hub
from server.live.inbox import Inbox
from server.live.outbox import Outbox
from server.live.publisher import Publisher
from server.metrics import Metrics
from server.render import Renderer
from server.store.checks import Durability
from server.watch import Rechecker
from voting.award.ports import AwardBox
from voting.ports import BallotBox

if TYPE_CHECKING:
    from server.live.protocol import LiveProtocol


class Store(EventStore, BallotBox, Protocol):
    """Both ports in one: what every store of the server is."""

    async def connect(self) -> None: ...

    async def close(self) -> None: ...

    @property
    def awards(self) -> AwardBox: ...

    async def durability(self) -> Durability:
        """What the store itself says about how safe a counted ballot is."""
        ...


@dataclass(slots=True, kw_only=True)
class Context:
    """The running server. `worker` names this process among those that share the store; `number` counts
    it among those of one parent, None without one."""

    config: Config
    keyring: Keyring
    store: Store
    data: Path
    public_url: str
    render: Renderer
    metrics: Metrics = field(default_factory=Metrics)
    hub: Hub = field(init=False)
    inbox: Inbox = field(default_factory=Inbox)
    outbox: Outbox = field(default_factory=Outbox)
    greeter: Greeter = field(init=False)
    awards: Awards = field(init=False)
    award_facts: FactsReader = field(init=False)
    voters: VoterDesk = field(init=False)
    number: int | None = None
    worker: str = field(default_factory=lambda: secrets.token_hex(6))
    batchers: Batchers = field(init=False)
    is_low_on_disk: bool = False
    rechecker: Rechecker = field(init=False)
    received: dict[EventId, int] = field(default_factory=dict)
    slow: "dict[LiveProtocol, float]" = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _events: dict[EventId, LiveEvent] = field(default_factory=dict)
    _publishers: dict[EventId, Publisher] = field(default_factory=dict)
    _tasks: dict[EventId, asyncio.Task[None]] = field(default_factory=dict)
    _own_origins: frozenset[str] = field(init=False)
    _finding: WeakValueDictionary[EventId, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def __post_init__(self) -> None:
        public = urlsplit(self.public_url)
        allowed = self.config.server.allowed_origins
        self._own_origins = frozenset({f"{public.scheme}://{public.netloc}", *allowed})
        self.hub = Hub(self.metrics.broadcast.observe)
        self.batchers = Batchers(
            self.store, self.config.votes.batch_max, self.metrics.batch.observe, self.outbox
        )
        window_ms = int(self.config.live.reconnect_window_s * 1000)
        self.greeter = Greeter(self.store, window_ms, self.outbox, self.tasks)
        self.rechecker = Rechecker(self.store)
        self.awards = Awards(self.store, self.data, self.keyring.codes_key())
        self.award_facts = FactsReader(self.awards)
        self.voters = VoterDesk(self.awards)

    # -- events ---------------------------------------------------------------------------------

    def known_event(self, event_id: str) -> LiveEvent | None:
        """The live event of this id if this process follows it already."""
        return self._events.get(EventId(event_id))

    async def event(self, event_id: str) -> LiveEvent:
        """The live event of this id; starts following it the first time. Raises NoSuchEvent."""
        key = EventId(event_id)
        live = self._events.get(key)
        if live is not None:
            return live
        lock = self._finding.setdefault(key, asyncio.Lock())
        async with lock:  # one reads, the others of a hall that comes all at once wait for it
            live = self._events.get(key)
            if live is None:
                check_s = self.config.votes.recheck_s
                live = LiveEvent(key, self.store, check_s, read_awards=self.award_facts.read)
                await live.refresh()
                self._events[key] = live
                publisher = Publisher(self, live)
                self._publishers[key] = publisher
                self._tasks[key] = asyncio.create_task(publisher.run(), name=f"publish {key}")
            return live

    async def event_by_code(self, code: str) -> LiveEvent:
        """The live event of a join code in canonical form. Raises NoSuchEvent."""
        event_id = await self.store.find_by_code(code)
        if event_id is None:
            raise NoSuchEvent(code)
        return await self.event(event_id)

    def live_events(self) -> list[LiveEvent]:
        """The events this process follows."""
        return list(self._events.values())

    def event_that_is_read(self, join_code: str) -> LiveEvent | None:
        """The event of this join code if this process follows it and has a reading of it."""
        for live in self._events.values():
            if live.is_read and live.state.event.join_code == join_code:
                return live
        return None

    def publisher(self, event_id: EventId) -> Publisher:
        return self._publishers[event_id]

    def forget(self, event_id: EventId) -> None:
        """Stop following an event that is gone."""
        self._events.pop(event_id, None)
        self._publishers.pop(event_id, None)
        task = self._tasks.pop(event_id, None)
        if task is not None:
            task.cancel()

    async def stop(self) -> None:
        """End every task of this context."""
        tasks = [*self._tasks.values(), *self.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- who asks -------------------------------------------------------------------------------

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def device_cookie(self) -> str:
        return "__Host-hc_device" if self.is_https else "hc_device"

    def seat_cookie(self, event_id: str) -> str:
        return f"hc_seat_{event_id}"

    def role_cookie(self, event_id: str, role: Role) -> str:
        return f"hc_{role}_{event_id}"

    def device(self, visitor: Visitor) -> str | None:
        """The device a request comes from, by its signed cookie."""
        return self.keyring.read_device(visitor.cookies.get(self.device_cookie))

    def seat(self, visitor: Visitor, event_id: str) -> Seat:
        return self.keyring.read_seat(event_id, visitor.cookies.get(self.seat_cookie(event_id)))

    def role(self, visitor: Visitor, live: LiveEvent) -> Role | None:
        """The strongest role this request holds at the event, by its cookies or an Authorization token."""
        tokens = [visitor.cookies.get(self.role_cookie(live.id, role)) for role in Role]
        scheme, _, token = visitor.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            tokens.append(token.strip())
        return self.keyring.best_role(live.id, tokens, live.snapshot.links)

    def is_own_origin(self, visitor: Visitor) -> bool:
        headers = visitor.headers
        return is_own_origin(
            headers.get("origin"), headers.get("sec-fetch-site"), headers.get("host"), self._own_origins
        )

    def join_url(self, join_code: str) -> str:
        return f"{self.public_url}/j/{join_code}"
