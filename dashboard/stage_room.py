"""How the stage's room is shared out between the question and its chart, in px of 1920x1080.

The page's stylesheet has the same sizes; both take the question's size from here, so the chart is
drawn for the height that is left to it.
"""

from dashboard.figure_text import wrap

WIDTH = 1368
"""Width of question and chart: 1920 less the sides (2 x 64), the join rail (352) and its gap (72)."""

HEIGHT = 788
"""Height of question and chart together: 1080 less header (96), footer (148) and the space around (48)."""

GAP = 32
"""Between the question's block and the chart."""

ABOVE_SMALL = 10
"""Between the question and what stands below it."""

QUESTION_SIZES = (64, 56, 48, 40)
QUESTION_LINES = 3
LEADING = 1.14
SMALL, SMALL_LINE = 28, 38
MOST_LINES = 7
LEAST_CHART = 240


def question_size(question: str) -> int:
    """The largest type size in which the question takes at most three lines; the smallest if none does."""
    return next(
        (size for size in QUESTION_SIZES if _lines(question, size) <= QUESTION_LINES), QUESTION_SIZES[-1]
    )


def chart_height(*, question: str, small: tuple[str, ...]) -> int:
    """The height left for the chart under the question and the `small` lines below it.

    The same while voting is open and afterwards, so that lines sort where they stand.
    """
    size = question_size(question)
    used = _lines(question, size) * size * LEADING + GAP
    used += sum(_lines(text, SMALL) * SMALL_LINE for text in small if text)
    used += ABOVE_SMALL if any(small) else 0
    return max(LEAST_CHART, HEIGHT - round(used))


def _lines(text: str, size: int) -> int:
    return len(wrap(text, size, WIDTH, lines=MOST_LINES))
