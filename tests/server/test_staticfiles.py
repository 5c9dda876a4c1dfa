"""Static files over the wire."""

import importlib
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.exceptions import HTTPException

from server.staticfiles import STATIC, CachedStatic, StaticUrl


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


@pytest.mark.parametrize("path", ["js/socket.js", "js/phone.js", "css/phone.css", "mark.svg"])
async def test_only_an_address_with_the_present_hash_is_kept_for_long(
    client: httpx.AsyncClient, path: str
) -> None:
    content = (STATIC / path).read_bytes()
    url = StaticUrl(STATIC)(path)
    kept = await client.get(url.removeprefix("/static"))
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert kept.content == content
    digits = next(part for part in re.findall("[0-9a-f]{10}", url))
    for other in (f"/{path}", f"/{path}?v=abc", url.removeprefix("/static").replace(digits, "0" * 10)):
        answer = await client.get(other)
        assert answer.headers["cache-control"] == "no-cache", other
        assert answer.content == content


def test_every_module_of_a_page_has_the_same_hash_in_its_path() -> None:
    url = StaticUrl(STATIC)
    folders = {url(f"js/{path.name}").rsplit("/", 1)[0] for path in (STATIC / "js").glob("*.js")}
    assert len(folders) == 1


@pytest.mark.parametrize("path", ["/v-0000000000/../config.yaml", "/v-", "/v-/", "/v-12/v-34/js/phone.js"])
async def test_an_address_that_leads_nowhere_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    with pytest.raises(HTTPException) as raised:
        await client.get(path)
    assert raised.value.status_code == 404


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


def test_modules_lose_their_comments_and_nothing_else() -> None:
    source = (
        b"/*! kept */\n/**\n * gone\n */\n// gone\n"
        b'const a = /* stays */ "//";\n/** stays */ const b = 1;\n  // gone\n'
    )
    bare = importlib.import_module("hatch_build").COMMENTS.sub(b"", source)
    assert bare == b'/*! kept */\nconst a = /* stays */ "//";\n/** stays */ const b = 1;\n'
