"""Server processes that are killed while an award is voted on: no answer was untrue, and no code is burnt."""

import asyncio
import csv
import io
import os
import secrets
import signal
import zipfile
from pathlib import Path
from typing import Any

import httpx
import redis

from server import keys
from server.store.embedded import running_url
from tests.server.cli.served import EVENT, Served, is_alive, store_pid
from tests.server.test_workers import workers_of
from tests.waiting import eventually, wait_until
from voting.record.receipt import RANDOM_BYTES, make_receipt

VOTERS, AT_ONCE = 36, 6
WORKER_DIES, ALL_DIE = 8, 18
"""After so many answers the first worker is killed, and then the parent, which takes everything along."""

AWARD = """\
awards:
  - id: prize
    title: A prize
    candidates: [{{id: ada, name: Ada}}, {{id: bram, name: Bram}}]
    vote: {{id: final, electorate: codes}}
    decision: {{blend: audience, ladder: [shared]}}
"""


def opened(served: Served, tmp_path: Path) -> tuple[str, list[str]]:
    """An event whose award is open; gives its id and the codes to type."""
    event = served.load(tmp_path, EVENT + AWARD)
    page = f"/organise/{event}/award/prize"
    with httpx.Client(
        base_url=served.base, headers=served.organiser(event), timeout=20, verify=False
    ) as staff:

        def post(act: str, **form: str) -> bytes:
            answer = staff.post(f"{page}/{act}", data=form)
            assert answer.status_code == 200, answer.text
            return answer.content

        stands = staff.get(f"{page}/status").json()
        (round_,) = stands["rounds"]
        assert round_["id"] == "final"
        post("freeze", typed="FREEZE", mark=stands["mark"])
        content = post("codes", **{f"count-{round_['classes'][0]}": str(VOTERS)})
        post("open", round="final")
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        rows = list(csv.DictReader(io.StringIO(files.read("codes.csv").decode("utf-8-sig"))))
    return event, [row["code"] for row in rows]


def ballot(code: str, choice: str) -> dict[str, Any]:
    made = make_receipt("prize", "final", secrets.token_hex(RANDOM_BYTES))
    return {
        "round": "final",
        "choices": [[choice]],
        "receipt": made.receipt,
        "salt": made.salt,
        "code": code,
    }


async def offer(base: str, event: str, paper: dict[str, Any]) -> dict[str, Any] | None:
    """The answer to a ballot, on a connection of its own; None when there is none."""
    try:
        async with httpx.AsyncHTTPTransport(trust_env=False, verify=False) as transport:
            request = httpx.Request("POST", f"{base}/vote/{event}/prize/cast", json=paper)
            response = await transport.handle_async_request(request)
            said: dict[str, Any] = httpx.Response(response.status_code, content=await response.aread()).json()
            return said
    except httpx.TransportError:
        return None


def held(data: Path, event: str) -> tuple[set[str], int]:
    """The receipts in the box, and how many codes are used; read from the store itself."""
    url = running_url(data)
    assert url is not None
    with redis.Redis.from_url(url, decode_responses=True) as client:
        box: Any = client.hkeys(keys.of_award(event, "box", "prize", "final"))
        spent: Any = client.scard(keys.of_award(event, "spent", "prize", "final"))
    return set(box), int(spent)


async def test_killed_while_codes_vote_every_answer_stays_true_and_no_code_is_burnt(tmp_path: Path) -> None:
    data = tmp_path / "data"
    served = await asyncio.to_thread(Served.start, data, "--workers", 2, "--empty")
    try:
        await eventually(lambda: len(workers_of(served)) == 2)
        event, codes = await asyncio.to_thread(opened, served, tmp_path)
        papers = [ballot(code, ("ada", "bram")[place % 2]) for place, code in enumerate(codes)]
        pids = [*workers_of(served), store_pid(served.data)]
        counted: list[dict[str, Any]] = []
        unanswered: list[dict[str, Any]] = []
        gate = asyncio.Semaphore(AT_ONCE)

        async def vote(paper: dict[str, Any]) -> None:
            async with gate:
                said = await offer(served.base, event, paper)
            if said is None or said["temporary"]:
                unanswered.append(paper)
                return
            assert said["code"] == "ok", said
            counted.append(paper)
            if len(counted) == WORKER_DIES:
                os.kill(pids[0], signal.SIGKILL)
            elif len(counted) == ALL_DIE:
                served.process.kill()

        await asyncio.gather(*map(vote, papers))
        assert len(counted) >= ALL_DIE and unanswered, "they were killed amidst the voting"
        served.process.wait(10)
        wait_until(lambda: not [pid for pid in pids if is_alive(pid)])

        served = await asyncio.to_thread(Served.start, data, "--empty")
        box, spent = held(served.data, event)
        assert {paper["receipt"] for paper in counted} <= box
        assert len(box) == spent, "a code is used together with its ballot, or not at all"
        again = [await offer(served.base, event, paper) for paper in papers]
        for paper, said in zip(papers, again, strict=True):
            assert said is not None and said["counted"]
            assert said["code"] == ("dup" if paper["receipt"] in box else "ok")
        other = await offer(served.base, event, ballot(codes[0], "bram"))
        assert other is not None and other["code"] == "used"
        assert held(served.data, event) == ({paper["receipt"] for paper in papers}, VOTERS)
    finally:
        await asyncio.to_thread(served.stop)
