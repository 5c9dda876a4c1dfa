"""Figures for Prometheus: what they say, where they can be read, and where not."""

import asyncio
import dataclasses
import re
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import structlog
import structlog.testing

from polls.lifecycle import Action
from polls.model import Event, PollId
from server import moderation
from server.config import Config
from server.live.frames import Push
from server.loading import load_event
from server.metrics import Histogram, Metrics
from server.rehearsal.phone import Phone
from server.wire import Own, Receipt, Reject
from tests.conftest import Running, serving
from tests.waiting import eventually


@pytest.fixture
async def counted(config: Config, store_url: str) -> AsyncIterator[Running]:
    """A server that shows its figures."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    metrics = dataclasses.replace(config.metrics, port=port)
    async with serving(dataclasses.replace(config, metrics=metrics), store_url) as started:
        yield started


async def figures(server: Running) -> dict[str, float]:
    """Every figure by its name and labels."""
    metrics = server.context.config.metrics
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://{metrics.host}:{metrics.port}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = re.findall(r"^([^#\s]\S*) (\S+)$", answer.text, re.MULTILINE)
    return {name: float(value) for name, value in lines}


async def test_figures_tell_of_ballots_connections_and_the_store(counted: Running, example: Event) -> None:
    poll = next(poll for _, poll in example.polls())
    await load_event(counted.store, example, actor="test")
    await moderation.act(counted.store, example.id, "test", PollId(poll.id), Action.OPEN)
    phones = [Phone(counted.base, example.join_code, example.id) for _ in range(3)]
    async with httpx.AsyncHTTPTransport(trust_env=False) as transport:
        for phone in phones:
            await phone.join(transport)
    for phone in phones:
        round = await phone.wait_for_paper(poll.id, 10)
        assert round is not None
        await phone.cast(poll.id, round, [str(poll.options[0].id)], twice=phone is phones[0])
        assert phone.sent[-1].acknowledged
    await phones[1].cast(poll.id, 7, [str(poll.options[0].id)])

    async def all_answered() -> bool:
        return sum(counted.context.metrics.ballots.values()) == 5

    await eventually(all_answered)
    said = await figures(counted)

    assert said['hemicycle_connections{kind="phone"}'] == 3
    assert said['hemicycle_connections{kind="stage"}'] == 0
    assert said['hemicycle_ballots_total{outcome="counted"}'] == 3
    assert said['hemicycle_ballots_total{outcome="again"}'] == 1
    assert said['hemicycle_ballots_total{outcome="other_round"}'] == 1
    assert said["hemicycle_ack_seconds_count"] == 5
    assert said['hemicycle_ack_seconds_bucket{le="+Inf"}'] == 5
    assert 0 < said["hemicycle_ack_seconds_sum"] < 10
    assert said["hemicycle_batch_ballots_sum"] in (4, 5), "a ballot of no round never reaches the store"
    assert said['hemicycle_store_call_seconds_count{function="hc_cast"}'] >= 1
    assert said['hemicycle_store_call_seconds_count{function="hc_snapshot"}'] >= 1
    assert said["hemicycle_broadcast_seconds_count"] >= 1
    assert said["hemicycle_frozen_rounds"] == 0
    assert said["hemicycle_recount_mismatches_total"] == 0
    assert said["process_resident_memory_bytes"] > 0

    await asyncio.gather(*(phone.leave() for phone in phones))
    await counted.store.freeze(example.id, poll.id, 1, "a test")

    async def shows_the_frozen_round() -> bool:
        said = await figures(counted)
        return said["hemicycle_frozen_rounds"] == 1 and said['hemicycle_connections{kind="phone"}'] == 0

    await eventually(shows_the_frozen_round)


async def test_figures_are_not_on_the_listener_of_phones_and_off_by_default(
    counted: Running, config: Config
) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{counted.base}/metrics")).status_code == 404
        metrics = counted.context.config.metrics
        other = await client.get(f"http://{metrics.host}:{metrics.port}/")
        assert other.status_code == 404
    assert config.metrics.port == 0


async def test_a_port_that_is_taken_stops_no_server(config: Config, store_url: str) -> None:
    with structlog.testing.capture_logs() as said, socket.create_server(("127.0.0.1", 0)) as taken:
        metrics = dataclasses.replace(config.metrics, port=taken.getsockname()[1])
        async with (
            serving(dataclasses.replace(config, metrics=metrics), store_url) as started,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            assert (await client.get(f"{started.base}/healthz")).status_code == 200
        assert "metrics_not_served" in [entry["event"] for entry in said]


def test_a_push_that_gave_way_to_a_newer_one_is_counted(running: Running) -> None:
    from server.live.protocol import LiveProtocol

    slow = LiveProtocol.__new__(LiveProtocol)
    slow._context, slow._slots = running.context, {}
    before = running.context.metrics.replaced

    for _ in range(3):
        slow.offer("papers", Push.of(b"{}"))
    slow.offer("results", Push.of(b"{}"))

    assert running.context.metrics.replaced == before + 2


def test_a_histogram_counts_up_to_and_with_each_bound() -> None:
    from prometheus_client.core import HistogramMetricFamily

    histogram = Histogram((1, 2))
    for value in (0.5, 1, 1.5, 9):
        histogram.observe(value)
    family = HistogramMetricFamily("h", "help")
    histogram.into(family)

    found = {sample.labels.get("le", sample.name): sample.value for sample in family.samples}
    assert found == {"1": 2, "2": 3, "+Inf": 4, "h_count": 4, "h_sum": 12}


def test_an_answer_counts_by_what_became_of_the_ballot() -> None:
    metrics = Metrics()
    own = Own(poll="p", round=1, rev=1, nonce="n" * 16, selections=("1",), counted_ms=1, at="10:00")
    metrics.answered(Receipt(ref=1, own=own, again=False), 0.01)
    metrics.answered(Receipt(ref=1, own=own, again=True), 0.01)
    metrics.answered(Reject(ref=1, code="closed", temporary=False, message="", poll="p"), 0.01)

    assert metrics.ballots == {"counted": 1, "again": 1, "closed": 1}
