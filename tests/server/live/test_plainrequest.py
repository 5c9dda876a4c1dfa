"""Whatever is read in place is read as the library reads it; whatever is not plain is left to the library."""

from __future__ import annotations

from typing import Any

import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.live.plainrequest import read_plain

REQUEST = (
    b"GET /j/ABC?x=1 HTTP/1.1\r\nHost: vote.example\r\n"
    b"Accept-Language: de;q=0.8\r\nX-Empty:\r\nCookie: a=b\r\n\r\n"
)


class Heard:
    """What the library says about some bytes."""

    def __init__(self, data: bytes) -> None:
        self.url, self.headers, self.messages, self.body = b"", list[tuple[bytes, bytes]](), 0, b""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.messages += 1


_NAMES = st.sampled_from([b"Host", b"Accept", b"Connection", b"X-A", b"Content-Length", b"Transfer-Encoding"])
_VALUES = st.binary(max_size=12) | st.sampled_from([b" keep-alive", b"\t5 ", b" chunked", b" vote.example"])


@st.composite
def requests(draw: Any) -> bytes:
    """A request, often a little wrong."""
    lines = [
        draw(
            st.sampled_from(
                [b"GET /j/A HTTP/1.1", b"GET /j/A?b=c HTTP/1.1", b"POST / HTTP/1.1", b"GET / HTTP/1.0"]
            )
        )
    ]
    for name, value in draw(st.lists(st.tuples(_NAMES, _VALUES), max_size=5)):
        lines.append(name + draw(st.sampled_from([b":", b": ", b" :", b""])) + value)
    data = bytearray(draw(st.sampled_from([b"\r\n", b"\r\n", b"\n"])).join(lines) + b"\r\n\r\n")
    for at, byte in draw(st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255)), max_size=2)):
        data[at] = byte
    return bytes(data)


@given(requests())
@example(REQUEST)
@example(REQUEST.replace(b"a=b", b"a=b\xa0\x85"))
def test_what_is_read_in_place_is_what_the_library_reads(data: bytes) -> None:
    found = read_plain(data)
    if found is None:
        return
    try:
        heard = Heard(data)
    except httptools.HttpParserUpgrade:
        assert "upgrade" in found.headers
        return
    assert heard.parser.get_method() == b"GET" and heard.parser.get_http_version() == "1.1"
    target = found.path + (f"?{found.query}" if found.query else "")
    assert heard.url.decode("ascii").removesuffix("?") == target
    read = [(name.decode().lower(), value.decode("latin-1").rstrip("\t ")) for name, value in heard.headers]
    assert read == list(found.headers.items())
    assert heard.messages == 1 and not heard.body


def test_request_of_a_browser_is_read() -> None:
    found = read_plain(REQUEST)
    assert found is not None
    assert (found.path, found.query) == ("/j/ABC", "x=1")
    assert found.headers == {
        "host": "vote.example",
        "accept-language": "de;q=0.8",
        "x-empty": "",
        "cookie": "a=b",
    }


@pytest.mark.parametrize("length", range(len(REQUEST)))
def test_part_of_a_request_is_not_read(length: int) -> None:
    assert read_plain(REQUEST[:length]) is None


@pytest.mark.parametrize(
    "data",
    [
        REQUEST + REQUEST,
        REQUEST + b"x",
        b"\r\n" + REQUEST,
        REQUEST.replace(b"GET", b"HEAD"),
        REQUEST.replace(b"HTTP/1.1", b"HTTP/1.0"),
        REQUEST.replace(b"Host:", b"Host :"),
        REQUEST.replace(b"Host: vote.example\r\n", b""),
        REQUEST.replace(b"X-Empty:", b"host: other.example"),
        REQUEST.replace(b"X-Empty:", b" folded"),
        REQUEST.replace(b"X-Empty:", b"Content-Length: 5"),
        REQUEST.replace(b"X-Empty:", b"Transfer-Encoding: chunked"),
        REQUEST.replace(b"X-Empty:", b"Expect: 100-continue"),
        REQUEST.replace(b"/j/ABC", b"http://vote.example/j/ABC"),
        REQUEST.replace(b"/j/ABC", b"/j/A\xc3\xa4"),
        REQUEST.replace(b"\r\n", b"\n"),
        REQUEST.replace(b"a=b", b"a=\0"),
    ],
)
def test_whatever_is_not_plain_is_left_to_the_library(data: bytes) -> None:
    assert read_plain(data) is None
