"""A request as browsers send it, whole in one piece, read in place; everything else is for the libraries.

What is read here is exactly what the standard asks for and nothing that could be understood in two ways:
a GET of HTTP/1.1 without a body, each header once and on one line, nothing before it and nothing behind it.

Source: RFC 9112 §2 and §3, RFC 9110 §5.
"""

import re
from typing import NamedTuple

_PLAIN = re.compile(
    rb"GET (/[!-~]*) HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)+)\r\n"
)
_WITH_A_BODY = frozenset({"content-length", "transfer-encoding", "expect", "trailer"})


class PlainRequest(NamedTuple):
    """A GET. `path` and `query` are as they were sent; `headers` has names in small letters."""

    path: str
    query: str
    headers: dict[str, str]


def read_plain(data: bytes) -> PlainRequest | None:
    """The request that `data` is; None when it is not wholly plain, and a library has to look at it."""
    found = _PLAIN.fullmatch(data)
    if found is None:
        return None
    target, block = found.groups()
    lines = block.decode("latin-1").split("\r\n")
    lines.pop()
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip(" \t")
    if len(headers) < len(lines) or "host" not in headers or not _WITH_A_BODY.isdisjoint(headers):
        return None
    path, _, query = target.decode("ascii").partition("?")
    return PlainRequest(path, query, headers)
