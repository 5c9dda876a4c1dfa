"""Figures of one server process for Prometheus, on a listener of their own.

Counting costs a dictionary entry or a list element; everything else is done when somebody asks. Nothing here
names a person, a ballot's content or an address.
"""

import asyncio
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from server import wire

if TYPE_CHECKING:
    from server.context import Context

log = structlog.get_logger()

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
BALLOTS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
ASK_S = 5.0
"""How long a question for figures may take to arrive, in seconds."""

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


class Histogram:
    """How often a value fell between the bounds, and the sum of all values."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def into(self, family: HistogramMetricFamily, labels: Sequence[str] = ()) -> None:
        """Add a reading to what Prometheus is told: cumulative, as it wants it."""
        so_far, buckets = 0, []
        for bound, count in zip((*map(str, self._bounds), "+Inf"), self._counts, strict=True):
            so_far += count
            buckets.append((bound, float(so_far)))
        family.add_metric(list(labels), buckets, self._sum)


class Metrics:
    """What the live path counts; times in seconds."""

    def __init__(self) -> None:
        self.ballots: dict[str, int] = defaultdict(int)
        """Ballots by outcome: counted, again (a repeated one), or the code of the reject."""
        self.ack = Histogram(SECONDS)
        """From a ballot's frame to its receipt or reject."""
        self.batch = Histogram(BALLOTS)
        self.broadcast = Histogram(SECONDS)
        self.replaced = 0
        """Pushes that gave way to a newer one, because their client did not take what was sent."""
        self.cut = 0
        """Connections ended because their client took nothing for too long."""
        self.store: dict[str, Histogram] = defaultdict(lambda: Histogram(SECONDS))
        """By function of the store."""

    def answered(self, reply: wire.Reply, seconds: float) -> None:
        """Count one ballot that has been answered."""
        if isinstance(reply, wire.Receipt):
            self.ballots["again" if reply.again else "counted"] += 1
        else:
            self.ballots[reply.code] += 1
        self.ack.observe(seconds)

    def store_call(self, function: str, seconds: float) -> None:
        """Count one call of the store, whatever became of it."""
        self.store[function].observe(seconds)


class Reading(Collector):
    """What Prometheus is told of a context, made up when it asks."""

    def __init__(self, context: "Context") -> None:
        self._context = context

    def collect(self) -> Iterator[Family]:
        context, metrics = self._context, self._context.metrics
        connections = GaugeMetricFamily(
            "hemicycle_connections", "Open connections of this process.", labels=["kind"]
        )
        for kind, count in context.hub.kinds().items():
            connections.add_metric([kind], count)
        yield connections
        ballots = CounterMetricFamily(
            "hemicycle_ballots", "Ballots answered by this process.", labels=["outcome"]
        )
        for outcome, count in metrics.ballots.items():
            ballots.add_metric([outcome], count)
        yield ballots
        for name, meaning, histogram in (
            ("hemicycle_ack_seconds", "From a ballot's arrival to its receipt or reject.", metrics.ack),
            ("hemicycle_batch_ballots", "Ballots decided by one call of the store.", metrics.batch),
            (
                "hemicycle_broadcast_seconds",
                "From a push to the last connection it was offered to.",
                metrics.broadcast,
            ),
        ):
            family = HistogramMetricFamily(name, meaning)
            histogram.into(family)
            yield family
        calls = HistogramMetricFamily(
            "hemicycle_store_call_seconds", "Calls of the store's functions.", labels=["function"]
        )
        for function, histogram in metrics.store.items():
            histogram.into(calls, [function])
        yield calls
        rechecker = context.rechecker
        for name, meaning, count in (
            ("hemicycle_pushes_replaced", "Pushes that a slow client never got.", metrics.replaced),
            ("hemicycle_connections_cut", "Connections whose client took nothing for too long.", metrics.cut),
            ("hemicycle_recounts", "Recounts of a ballot log.", rechecker.runs),
            ("hemicycle_recount_mismatches", "Recounts that did not agree.", rechecker.mismatches),
        ):
            yield CounterMetricFamily(name, meaning, value=count)
        frozen = sum(
            bool(run.frozen)
            for live in context.live_events()
            if live.is_read
            for run in live.state.runs.values()
        )
        yield GaugeMetricFamily("hemicycle_frozen_rounds", "Rounds that take no ballots.", value=frozen)
        yield GaugeMetricFamily(
            "hemicycle_disk_low", "Whether too little disk is free for ballots.", value=context.is_low_on_disk
        )


class MetricsListener:
    """Answers `GET /metrics` on `metrics.host`, at `metrics.port` plus the number of the process."""

    def __init__(self, context: "Context") -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(Reading(context))
        self._host = context.config.metrics.host
        self._port = context.config.metrics.port + (context.number or 0)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. A port that is taken is only logged: a vote must not wait for its figures."""
        try:
            self._server = await asyncio.start_server(self._answer, self._host, self._port)
        except OSError as error:
            log.error("metrics_not_served", host=self._host, port=self._port, reason=error.strerror)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(ASK_S):
                head = await reader.readuntil(b"\r\n\r\n")
                if head.split(b" ", 2)[:2] == [b"GET", b"/metrics"]:
                    status, kind, body = "200 OK", CONTENT_TYPE_PLAIN_0_0_4, generate_latest(self._registry)
                else:
                    status, kind, body = "404 Not Found", "text/plain", b"The figures are at /metrics.\n"
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                    "Connection: close\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        writer.close()
