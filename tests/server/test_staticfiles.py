"""Static files over the wire."""

from collections.abc import AsyncIterator

import httpx
import pytest

from server.staticfiles import STATIC, CachedStatic


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(CachedStatic()), base_url="http://test"
    ) as one:
        yield one


async def test_a_stylesheet_comes_packed_to_whoever_takes_it(client: httpx.AsyncClient) -> None:
    content = (STATIC / "css" / "phone.css").read_bytes()
    packed = await client.get("/css/phone.css", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["content-type"].startswith("text/css")
    assert packed.content == content
    assert int(packed.headers["content-length"]) < len(content) / 2
    plain = await client.get("/css/phone.css", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == content
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"


async def test_an_unchanged_file_is_not_sent_again(client: httpx.AsyncClient) -> None:
    for encoding in ("gzip", "identity"):
        first = await client.get("/js/socket.js", headers={"accept-encoding": encoding})
        again = await client.get(
            "/js/socket.js", headers={"accept-encoding": encoding, "if-none-match": first.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")


async def test_only_an_address_with_a_hash_is_kept_for_long(client: httpx.AsyncClient) -> None:
    assert (await client.get("/js/socket.js")).headers["cache-control"] == "no-cache"
    assert "immutable" in (await client.get("/js/socket.js?v=abc")).headers["cache-control"]


async def test_phone_needs_little_over_the_wire(client: httpx.AsyncClient) -> None:
    sizes = {}
    for kind, names in {
        "css": ("tokens", "base", "phone"),
        "js": ("socket", "outbox", "phone_link", "phone_paper", "phone_results", "phone"),
    }.items():
        answers = [await client.get(f"/{kind}/{name}.{kind}") for name in names]
        sizes[kind] = sum(int(answer.headers["content-length"]) for answer in answers)
    assert sizes["css"] < 7_000
    assert sizes["js"] < 16_000
