"""The colours of data and ground, by theme; tests hold every one of them to its contrast.

Data colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), told apart by people with
every common kind of colour vision. Quieter tones are the same hue mixed with the ground.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ThemeName = Literal["dark", "light"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours as #rrggbb. `hue` is the one colour of opinion polls, `quiet` the same for who does not
    lead; `identities` belong to candidates and segments by their order on the paper, and each stands
    beside a letter."""

    ground: str
    line: str
    text: str
    muted: str
    hue: str
    quiet: str
    identities: tuple[str, ...]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (
        part / 12.92
        if (part := int(colour[at : at + 2], 16) / 255) <= 0.04045
        else ((part + 0.055) / 1.055) ** 2.4
        for at in (1, 3, 5)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, ground: str, percent: int) -> str:
    """`percent` of a colour over a ground."""
    parts = (
        (int(colour[at : at + 2], 16) * percent + int(ground[at : at + 2], 16) * (100 - percent)) // 100
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)


def quieter(colour: str, ground: str) -> str:
    """The colour mixed with the ground as far as a mark may go: its contrast stays at least 3."""
    return next(
        (
            tone
            for percent in range(58, 100, 4)
            if contrast(tone := mix(colour, ground, percent), ground) >= 3
        ),
        colour,
    )


def text_on(colour: str) -> str:
    """Black or white, whichever reads better on `colour`."""
    return max(("#11161d", "#ffffff"), key=lambda text: contrast(text, colour))


def _theme(*, ground: str, line: str, text: str, muted: str, identities: tuple[str, ...]) -> Theme:
    return Theme(
        ground=ground,
        line=line,
        text=text,
        muted=muted,
        hue=identities[0],
        quiet=quieter(identities[0], ground),
        identities=identities,
    )


THEMES: Mapping[ThemeName, Theme] = {
    "dark": _theme(
        ground="#0e1116",
        line="#2a313c",
        text="#f5f7fa",
        muted="#a3adba",
        identities=("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442"),
    ),
    # On white, orange, sky and yellow fall below a contrast of 3: their darker neighbours stand in.
    "light": _theme(
        ground="#ffffff",
        line="#d5dbe3",
        text="#11161d",
        muted="#55606e",
        identities=("#0072B2", "#D55E00", "#00845F", "#A9518A", "#8A6100", "#4A5462"),
    ),
}
