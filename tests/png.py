"""The pixels of a PNG file, so that no test needs an imaging library."""

import struct
import zlib


def grey(png: bytes) -> memoryview:
    """The picture as rows of grey values, from 0 to 255; transparent counts as white.

    Takes what Typst writes: eight bits a channel, red, green, blue and alpha, not interlaced.
    Source: PNG (Third Edition), sections 7 and 9.
    """
    packed, at = b"", 8
    width = height = 0
    while at < len(png):
        size, kind = struct.unpack_from(">I4s", png, at)
        body = png[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert (depth, colour, interlaced) == (8, 6, 0), "not the kind of PNG that is read here"
        elif kind == b"IDAT":
            packed += body
        at += size + 12
    lines, step = zlib.decompress(packed), 4
    above, pixels = bytearray(4 * width), bytearray()
    for row in range(height):
        how, *line = lines[row * (4 * width + 1) : (row + 1) * (4 * width + 1)]
        for i in range(4 * width if how else 0):
            left, up = (line[i - step] if i >= step else 0), above[i]
            corner = above[i - step] if i >= step else 0
            guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[how]
            line[i] = line[i] + guess & 255
        above = bytearray(line)
        alpha = above[3::4]
        pixels += bytes(255 - (255 - red) * a // 255 for red, a in zip(above[0::4], alpha, strict=True))
    return memoryview(pixels).cast("B", (height, width))


def _paeth(left: int, up: int, corner: int) -> int:
    whole = left + up - corner
    return min((left, up, corner), key=lambda value: abs(whole - value))
