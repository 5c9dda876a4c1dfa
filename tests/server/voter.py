"""The voter's page of an award asked without a browser: what the tests of its answers share."""

import dataclasses
import json
import secrets
from typing import Any

import pytest

from tests.server.booth import Booth, prize
from tests.server.test_join import PLAIN, House
from voting.record.receipt import make_receipt

EMPTY = dataclasses.replace(PLAIN, id="awards", join_code="K7P4QY")  # type: ignore[arg-type]


@pytest.fixture
async def booth(house: House) -> Booth:
    return await Booth.set_up(house.context, EMPTY, prize())


async def page(house: House, booth: Booth, **params: str) -> str:
    answer = await house.client.get(f"/vote/{booth.path}", params=params)
    assert answer.status_code == 200
    return answer.text


def ballot(booth: Booth, voter: int | None, *ranks: str, **changes: object) -> dict[str, Any]:
    made = make_receipt(booth.award.id, booth.round, secrets.token_hex(16))
    return {
        "round": booth.round,
        "choices": [rank.split("=") for rank in ranks],
        "receipt": made.receipt,
        "salt": made.salt,
        "code": "" if voter is None else booth.codes[voter].token,
        **changes,
    }


async def send(house: House, booth: Booth, sent: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = await house.client.post(f"/vote/{booth.path}/cast", json=sent)
    return answer.status_code, json.loads(answer.content)


async def ask(house: House, booth: Booth, code: str) -> tuple[int, dict[str, Any]]:
    answer = await house.client.post(f"/vote/{booth.path}/code", json={"code": code, "round": booth.round})
    return answer.status_code, json.loads(answer.content)
