"""QR codes of many links that differ in their ends only: thousands in a moment.

A library searches the best of eight masks for each code anew, which took most of the time of a sheet. Here
the first link gets the mask that this search finds, and the others share it: readers learn the mask from the
code itself (ISO/IEC 18004, "format information"), and none asks whether it was the best.

With version, level and mask fixed, each module of a QR code is a sum over GF(2) of the data's bits: placing,
Reed-Solomon codewords and mask are all linear. So it is enough to have segno draw the first code and one for
each bit that can differ; every further code is the first, changed by what its characters change.
"""

import re
from collections.abc import Sequence
from functools import reduce
from operator import xor

import segno

_BITS = 7
"""Bits of an ASCII character."""
_RUN = re.compile("1+")


def svgs(start: str, ends: Sequence[str]) -> list[str]:
    """A QR code as SVG, without a quiet zone, of `start` with each of the ends.

    Level M: a fold or a stain of 15 % does no harm. Raises ValueError unless the ends are ASCII
    and of one length.
    """
    tails = [end.encode("ascii") for end in ends]
    if not tails:
        return []
    if len({len(tail) for tail in tails}) > 1:
        raise ValueError("the ends of the links have different lengths")
    head, first = start.encode(), tails[0]
    drawn = _draw(head + first)
    side, base = len(drawn.matrix), _modules(drawn)
    changes: list[dict[int, int]] = []
    for place, present in enumerate(first):
        flips = []
        for bit in range(_BITS):
            other = bytes([*first[:place], present ^ 1 << bit, *first[place + 1 :]])
            flips.append(base ^ _modules(_draw(head + other, drawn)))
        changes.append({char: _sum(flips, char ^ present) for char in {tail[place] for tail in tails}})
    return [
        _svg(reduce(xor, (of[char] for of, char in zip(changes, tail, strict=True)), base), side)
        for tail in tails
    ]


def _draw(data: bytes, like: segno.QRCode | None = None) -> segno.QRCode:
    """The code of `data`, of the version and mask of another one if there is one."""
    version, mask = (None, None) if like is None else (like.version, like.mask)
    return segno.make(
        data, error="m", mode="byte", micro=False, boost_error=False, version=version, mask=mask
    )


def _modules(code: segno.QRCode) -> int:
    """The modules as bits of one number, row by row, each with a light one more that ends its runs."""
    return int("".join("".join("1" if dark else "0" for dark in row) + "0" for row in code.matrix), 2)


def _sum(flips: Sequence[int], bits: int) -> int:
    """What changes when these bits of a character change."""
    return reduce(xor, (flip for bit, flip in enumerate(flips) if bits >> bit & 1), 0)


def _svg(modules: int, side: int) -> str:
    """The code as one path: a stroke for each run of dark modules in a row."""
    stride = side + 1
    strokes = []
    for run in _RUN.finditer(format(modules, f"0{side * stride}b")):
        y, x = divmod(run.start(), stride)
        strokes.append(f"M{x} {y}.5h{run.end() - run.start()}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}">'
        f'<path stroke="#000" d="{"".join(strokes)}"/></svg>'
    )
