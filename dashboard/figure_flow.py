"""A runoff round by round: options down, rounds across, each with its ballots, what it gained, who left.

A bar's end in another colour is what an option gained from those who left before. A thin line in every
round is more than half of the ballots that still count in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.figure_parts import Field, Part, Words, bars, fixed_axis, optical, pixel_axes, texts
from dashboard.figure_plan import NOTE
from dashboard.figure_text import escape, label, width, wrap
from dashboard.flow import Flow, FlowCell, FlowRound
from dashboard.palette import Theme, quieter
from dashboard.stage_view import StageView
from dashboard.words import say

HEADER = 56
GAP = 36
"""Px between two rounds."""
SMALL = 28
MOST_ROUNDS = 5
"""So many rounds stand beside each other; of more, the first and the last ones."""
LOW_ROW, HIGH_ROW = 48, 104
LABEL_SHARE = 34
"""The most that the labels take of the width, in percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """Where rows and rounds stand, in px: `middles` of the rows by option, the last one (id "") being
    the ballots without a choice left."""

    row: int
    middles: dict[str, int]
    labels: int
    lefts: list[int]
    column: int


def flow_figure(view: StageView, theme: Theme, field: Field) -> tuple[list[Part], Part]:
    """Traces and layout of a runoff's rounds."""
    flow = view.flow
    if flow is None:
        raise ValueError("this view has no rounds")
    rounds = shown_rounds(flow)
    below = NOTE if rounds == flow.rounds else 2 * NOTE
    fit = (field.height - HEADER - below) // LOW_ROW - 1
    if fit < len(flow.rows):
        below = 2 * NOTE
        fit = max(2, (field.height - HEADER - below) // LOW_ROW - 1)
    rows = flow.rows[:fit]
    room = _room(rows, len(rounds), field, below)
    valid = max(rounds[0].total + rounds[0].exhausted, 1)
    longest = max(max(cell.votes for entry in rounds for cell in entry.cells), rounds[0].threshold)
    layout = pixel_axes(field) | {"shapes": []}
    data = [_labels(flow, rows, room, theme)]
    for number, (entry, left) in enumerate(zip(rounds, room.lefts, strict=True), start=2):
        axis = f"x{number}"
        layout[f"xaxis{number}"] = fixed_axis(
            0, round(longest * 100 / valid, 4), field.across(left, left + room.column), "y"
        )
        cells = [cell for cell in entry.cells if cell.option in room.middles]
        data += _bars(cells, room, theme, axis, valid)
        data += _figures(view, entry, cells, room, theme, left)
        layout["shapes"].append(_half(entry, room, theme, axis, valid))
    data.append(_notes(view, flow, rounds, len(flow.rows) - len(rows), theme, field))
    return data, layout


def shown_rounds(flow: Flow) -> Sequence[FlowRound]:
    """All rounds, or the first and the last ones when there are too many to stand beside each other."""
    if len(flow.rounds) <= MOST_ROUNDS:
        return flow.rounds
    return (flow.rounds[0], *flow.rounds[1 - MOST_ROUNDS :])


def _room(rows: Sequence[tuple[str, str]], rounds: int, field: Field, below: int) -> _Room:
    row = min(HIGH_ROW, (field.height - HEADER - below) // (len(rows) + 1))
    middles = {option: HEADER + at * row + row // 2 for at, (option, _) in enumerate(rows)}
    middles[""] = HEADER + len(rows) * row + row // 2
    widest = max(width(text, SMALL + 4) for _, text in rows)
    labels = min(max(widest, 240), field.width * LABEL_SHARE // 100)
    column = (field.width - labels - rounds * GAP) // rounds
    lefts = [labels + GAP + at * (column + GAP) for at in range(rounds)]
    return _Room(row=row, middles=middles, labels=labels, lefts=lefts, column=column)


def _labels(flow: Flow, rows: Sequence[tuple[str, str]], room: _Room, theme: Theme) -> Part:
    lines = 2 if room.row >= 2 * SMALL + 16 else 1
    winners = {cell.option for cell in flow.rounds[-1].cells if cell.is_winner}
    words = [
        Words(
            id=option,
            x=0,
            y=room.middles[option],
            text=label(wrap(text, SMALL, room.labels, lines=lines)),
            colour=theme.text,
            weight=700 if option in winners else 400,
        )
        for option, text in rows
    ]
    words.append(
        Words(id="exhausted", x=0, y=room.middles[""], text=escape(flow.exhausted), colour=theme.muted)
    )
    return texts(words, SMALL, "middle right")


def _bar_y(room: _Room, option: str) -> int:
    return room.middles[option] + SMALL // 2 + _thickness(room) // 2


def _thickness(room: _Room) -> int:
    return max(6, min(30, room.row - SMALL - 18))


def _text_y(room: _Room, option: str) -> int:
    return room.middles[option] - _thickness(room) // 2 + optical(SMALL) - 2


def _bars(cells: Sequence[FlowCell], room: _Room, theme: Theme, axis: str, valid: int) -> list[Part]:
    """What an option has, in the colour of gains, and over it what it had in the round before."""

    def drawn(votes: list[int], colours: list[str], ids: list[str]) -> Part:
        return bars(
            ids=ids,
            shares=[round(count * 100 / valid, 4) for count in votes],
            at=[_bar_y(room, cell.option) for cell in cells],
            thickness=_thickness(room),
            counts=votes,
            colours=colours,
            x=axis,
            y="y",
        )

    tones = [_tone(cell, theme) for cell in cells]
    ids = [cell.option for cell in cells]
    return [
        drawn([cell.votes for cell in cells], [gain(theme) for _ in cells], ids),
        drawn([cell.votes - max(cell.gained, 0) for cell in cells], tones, [f"{id}-kept" for id in ids]),
    ]


def gain(theme: Theme) -> str:
    """The colour of what an option gained: another one than that of what it had."""
    return theme.identities[1]


def _tone(cell: FlowCell, theme: Theme) -> str:
    if cell.is_winner:
        return theme.hue
    return theme.muted if cell.is_out else quieter(theme.hue, theme.ground)


def _figures(
    view: StageView, entry: FlowRound, cells: Sequence[FlowCell], room: _Room, theme: Theme, left: int
) -> list[Part]:
    """The round's title, every option's ballots, and beside them what it gained or that it leaves."""
    counts, gains, leaving = [], [], []
    for cell in cells:
        y = _text_y(room, cell.option)
        counts.append(
            Words(
                id=cell.option,
                x=left,
                y=y,
                text=str(cell.votes),
                colour=theme.muted if cell.is_out else theme.text,
                weight=700 if cell.is_winner else 500,
            )
        )
        x = left + width(str(cell.votes), SMALL) + 14
        if cell.gained > 0:
            gained = say(view.lang, "flow_gained", n=cell.gained)
            gains.append(Words(id=cell.option, x=x, y=y, text=escape(gained), colour=gain(theme), weight=600))
            x += width(gained, SMALL) + 14
        if cell.is_out:
            out = escape(say(view.lang, "flow_out"))
            leaving.append(Words(id=cell.option, x=x, y=y, text=out, colour=theme.muted))
    y = room.middles[""] + optical(SMALL)
    exhausted = Words(id="exhausted", x=left, y=y, text=str(entry.exhausted), colour=theme.muted)
    title = Words(
        id=f"round-{entry.number}",
        x=left,
        y=HEADER // 2 - 4,
        text=label(wrap(entry.title, SMALL, room.column, lines=1)),
        colour=theme.text,
        weight=600,
    )
    return [texts(words, SMALL, "middle right") for words in ([title, *counts, exhausted], gains, leaving)]


def _half(entry: FlowRound, room: _Room, theme: Theme, axis: str, valid: int) -> Part:
    """The line that a winner has to reach."""
    at = round(entry.threshold * 100 / valid, 4)
    return {
        "type": "line",
        "x0": at,
        "x1": at,
        "y0": HEADER,
        "y1": room.middles[""] - room.row // 2,
        "xref": axis,
        "yref": "y",
        "line": {"color": theme.muted, "width": 2, "dash": "dot"},
    }


def _notes(
    view: StageView, flow: Flow, rounds: Sequence[FlowRound], more: int, theme: Theme, field: Field
) -> Part:
    left_out = []
    if len(rounds) < len(flow.rounds):
        left_out.append(say(view.lang, "flow_skipped", n=len(flow.rounds) - len(rounds)))
    if more:
        left_out.append(say(view.lang, "more_options", n=more))
    said = [say(view.lang, "flow_half"), *([" ".join(left_out)] if left_out else [])]
    words = [
        Words(
            id=f"note{place}",
            x=0,
            y=field.height - NOTE * (len(said) - place) + NOTE // 2,
            text=label(wrap(note, SMALL, field.width, lines=1)),
            colour=theme.muted,
        )
        for place, note in enumerate(said)
    ]
    return texts(words, SMALL, "middle right")
