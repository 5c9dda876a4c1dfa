"""Text inside a chart."""

from hypothesis import given
from hypothesis import strategies as st

from dashboard.figure_text import escape, label, plain, width, wrap


def test_lines_break_between_words_and_end_in_an_ellipsis() -> None:
    assert wrap("one two three", 28, 10_000) == ["one two three"]
    assert wrap("collaboration and sharing", 30, 240) == ["collaboration", "and sharing"]
    assert wrap("a " * 200, 30, 300)[-1].endswith("…")


def test_no_line_ends_at_a_no_break_blank() -> None:
    assert plain(" a \t 35\u00a0% ") == "a 35\u00a0%"
    assert wrap("collaboration 35\u00a0%", 30, width("collaboration 35", 30) + 5) == [
        "collaboration",
        "35\u00a0%",
    ]


def test_one_long_word_is_cut_and_wide_scripts_count_double() -> None:
    assert len(wrap("x" * 300, 30, 300)) == 2
    assert width("漢字", 30) > width("ab", 30)


def test_escape_leaves_no_markup() -> None:
    assert escape('<b a="1">&amp;') == '&lt;b a="1"&gt;&amp;amp;'


def test_control_and_direction_characters_are_dropped() -> None:
    assert plain("a\u202eb\x07c\r\nd\te\u200b") == "abc d e"


@given(st.text(max_size=300), st.integers(28, 48), st.integers(120, 1300), st.integers(1, 3))
def test_wrapped_text_stays_in_its_room(text: str, size: int, room: int, lines: int) -> None:
    wrapped = wrap(text, size, room, lines)
    assert 1 <= len(wrapped) <= lines
    assert all(width(line, size) <= room + size for line in wrapped)
    bare = label(wrapped).replace("<br>", "")
    assert "<" not in bare and ">" not in bare


@given(st.text(max_size=300), st.integers(200, 1300))
def test_wrapping_loses_nothing_but_what_the_ellipsis_stands_for(text: str, room: int) -> None:
    wrapped = wrap(text, 28, room, lines=50)
    assert "".join(wrapped).replace(" ", "") == plain(text).replace(" ", "")
