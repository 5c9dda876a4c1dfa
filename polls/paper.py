"""The order in which one phone shows the options of a ballot paper."""

from polls.model import Option, OptionOrder, Poll

_OFFSET_BASIS = 0x811C9DC5
_PRIME = 0x01000193


def display_order(poll: Poll, seed: str) -> tuple[Option, ...]:
    """The options as the phone with `seed` shows them; the same for the same seed and poll, always.

    FIXED keeps the order of the paper. SHUFFLED sorts the options by a hash of
    `option id + ":" + poll id + ":" + seed`; equal hashes keep the order of the paper. The browser
    does the same in JavaScript, so the algorithm is fixed: FNV-1a with 32 bits
    (https://datatracker.ietf.org/doc/draft-eastlake-fnv/) over the bytes of the UTF-8 text,

        h = 0x811C9DC5
        for each byte b:  h = h XOR b;  h = h * 0x01000193 modulo 2**32

    and h is compared as an unsigned number (in JavaScript: `Math.imul(h, 0x01000193) >>> 0`).
    Vectors: "" gives 0x811C9DC5, "a" gives 0xE40C292C, "foobar" gives 0xBF9CF968. The seed "K7P"
    shows the options 1 to 6 of a poll "support" as 3 2 4 6 5 1, the seed "ä" as 6 2 4 5 3 1.

    The option id stands first because FNV-1a mixes the last bytes little: so every order of ids such as
    1, 2, 3 comes up about equally often.
    """
    if poll.order is OptionOrder.FIXED:
        return poll.options
    return tuple(sorted(poll.options, key=lambda option: fnv1a_32(f"{option.id}:{poll.id}:{seed}")))


def fnv1a_32(text: str) -> int:
    """FNV-1a of the UTF-8 bytes of `text`, from 0 to 2**32 - 1. Keeps no secret."""
    value = _OFFSET_BASIS
    for byte in text.encode():
        value = (value ^ byte) * _PRIME & 0xFFFFFFFF
    return value
