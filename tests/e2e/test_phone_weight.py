"""What a phone fetches before it can vote, in bytes on the line as Chromium counts them, heads included."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import pytest

from polls.lifecycle import Action
from polls.model import Event, PollId
from server import moderation
from server.loading import load_event
from tests.conftest import Running, with_polls
from tests.e2e.conftest import People
from tests.e2e.phones import choose, send
from tests.e2e.questions import LUNCH, NEEDS, USEFUL, in_the_box
from tests.waiting import eventually

FIRST_BYTES = 14 * 1024
"""Page and styles: what is on the way before any script."""
ALL_BYTES = 40 * 1024
POLLS = (LUNCH, USEFUL, NEEDS)


@dataclass
class Line:
    """Everything that came over the line: bytes by kind, and what is still on its way."""

    kinds: dict[str, str] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def asked(self, event: dict[str, Any]) -> None:
        self.kinds[event["requestId"]] = event["type"]
        self.files.append(event["request"]["url"].rpartition("/")[2])
        self.under_way.add(event["requestId"])

    def came(self, event: dict[str, Any]) -> None:
        kind = self.kinds[event["requestId"]]
        self.bytes[kind] = self.bytes.get(kind, 0) + int(event["encodedDataLength"])
        self.under_way.discard(event["requestId"])

    def ended(self, event: dict[str, Any]) -> None:
        self.failed.append(self.kinds[event["requestId"]])
        self.under_way.discard(event["requestId"])


@pytest.mark.parametrize("poll", POLLS, ids=lambda poll: str(poll.kind))
async def test_a_phone_needs_few_bytes_before_it_can_vote(
    people: People, running: Running, example: Event, poll: Any
) -> None:
    event = dataclasses.replace(with_polls(example, *POLLS), segments=(), rooms=())
    await load_event(running.store, event, actor="test")
    await moderation.act(running.store, event.id, "test", PollId(poll.id), Action.OPEN)
    page = await (await people.context("phone")).new_page()
    line = Line()
    cdp = await page.context.new_cdp_session(page)
    cdp.on("Network.requestWillBeSent", line.asked)
    cdp.on("Network.loadingFinished", line.came)
    cdp.on("Network.loadingFailed", line.ended)
    await cdp.send("Network.enable")

    await page.goto(f"{running.base}/j/{event.join_code}")
    await eventually(lambda: running.context.hub.phones(event.id) == 1, what="the socket is open")
    await eventually(lambda: not line.under_way, what="everything has come")

    first = line.bytes["Document"] + line.bytes["Stylesheet"]
    in_all = sum(line.bytes.values())
    print(f"{poll.kind}: {first} bytes before any script, {in_all} in all: {line.bytes}")
    assert line.failed == []
    assert line.bytes["Script"] > 0, "else nothing was measured"
    assert len(line.files) == len(set(line.files)), "nothing is fetched twice"
    assert first <= FIRST_BYTES
    assert in_all <= ALL_BYTES
    if poll is LUNCH:
        await choose(page, "Good")
        await send(page)
        await eventually(lambda: in_the_box(running, event, "lunch"), what="it can vote with that")
