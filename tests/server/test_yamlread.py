"""YAML 1.2: what is text stays text, and every error knows its line."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from server.yamlread import YamlError, _Loader, read_yaml


def value(text: str) -> object:
    content, _ = read_yaml(f"key: {text}\n")
    assert isinstance(content, dict)
    return content["key"]


@pytest.mark.parametrize(
    "text", ["Yes", "no", "on", "Off", "y", "12:30", "2020-11-17", "1_000", "0b1", "1e", ".", "+", "=", "<<"]
)
def test_what_yaml_1_1_would_change_stays_text(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Yes, No]", ["Yes", "No"]),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("007", 7),
        ("-12", -12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        ("-.INF", -math.inf),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("{a: {b: []}}", {"a": {"b": []}}),
        ("{en: Tea or coffee?, de: Tee?}", {"en": "Tea or coffee?", "de": "Tee?"}),
        ("[Why?, Who? When?, a?b]", ["Why?", "Who? When?", "a?b"]),
        ("[Why\n    not?, {x: y?}]", ["Why not?", {"x": "y?"}]),
        ("[Why? # so\n  ]", ["Why?"]),
        ("{Why?: a}", {"Why?": "a"}),
    ],
)
def test_scalars_of_the_core_schema(text: str, expected: object) -> None:
    assert value(text) == expected
    assert type(value(text)) is type(expected)


def test_an_empty_text_is_none() -> None:
    content, marks = read_yaml("# nothing\n")

    assert content is None
    assert marks.place(("any",)) == (1, 1)


def test_marks_know_the_line_of_every_value() -> None:
    _, marks = read_yaml("sessions:\n  - title: Opening\n    polls:\n      - a\n      - b\n")

    assert marks.place(("sessions",)) == (1, 1)
    assert marks.place(("sessions", 0, "title")) == (2, 5)
    assert marks.place(("sessions", 0, "polls", 1)) == (5, 9)


def test_marks_fall_back_to_the_nearest_parent() -> None:
    _, marks = read_yaml("a: 1\nsessions:\n  - title: Opening\n")

    assert marks.line(("sessions", 0, "title", "en")) == 3
    assert marks.line(("sessions", 7)) == 2
    assert marks.line(("none",)) == 1


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "'a' is here twice"),
        ("a:\n\t- b\n", 2, 1, "tab"),
        ("a: b: c\n", 1, 5, "second ': '"),
        ("a: [1, 2\n", 2, 1, "bracket"),
        ("a: 'x\n", 2, 1, "not closed"),
        ("a:\n  - b\n c: d\n", 3, 2, "indentation"),
        ("--- 1\n--- 2\n", 2, 1, "more than one document"),
        ("a: !!python/name:os.system\n", 1, 4, "tag"),
        ("a: !mine [1]\n", 1, 4, "tag"),
        ("a: !!int x\n", 1, 4, "does not fit"),
        ("b: 1\na: *b\n", 2, 4, "alias"),
        ("? [a]\n: b\n", 1, 3, "key"),
        ("a: 1\nb: \x01\n", 2, 4, "character"),
        ("a: " + "9" * 5000, 1, 4, "does not fit"),
    ],
)
def test_an_error_has_line_column_and_words(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(YamlError) as caught:
        read_yaml(text)

    assert (caught.value.line, caught.value.column) == (line, column)
    assert words in caught.value.problem
    assert str(caught.value).startswith(f"line {line}, column {column}: ")


def test_aliases_that_stand_for_billions_of_values_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    with pytest.raises(YamlError, match="more than"):
        read_yaml("\n".join(lines))


@pytest.mark.parametrize("text", ["&a [*a]", "[" * 5000])
def test_bottomless_nesting_is_refused(text: str) -> None:
    with pytest.raises(YamlError, match="nested too deeply"):
        read_yaml(text)


@given(st.text(alphabet="ab:-[]{}'\"&*!|>%@#?,\n\t 01.~\x00é", max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        read_yaml(text)
    except YamlError as error:
        assert error.line >= 1
        assert error.column >= 1
        assert error.problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("key: @home", "line 1, column 6: a text that begins with @ needs quotes"),
        ("key: `x`", "a text that begins with ` needs quotes"),
        ("key: 5\nother: %x", "line 2, column 8: a text that begins with % needs quotes"),
        ("- *bold*", "needs quotes"),
        ('key: "C:\\dir"', "single quotes"),
        ("a: {b: c\nd: 1\ne: {f: g}", "look from line 1 on, where it was opened"),
        ('a: {b: "c}\nd: {e: "f"}', "look from line 1 on, where it was opened"),
    ],
)
def test_what_is_wrong_says_what_to_do_and_where_it_began(text: str, said: str) -> None:
    """A bracket or quotation mark that is not closed was only found many lines later, at the next one."""
    with pytest.raises(YamlError) as caught:
        read_yaml(text)
    assert said in str(caught.value)


TEXTS = st.lists(st.text("ab?: ,[]{}#-\n\"'", min_size=1, max_size=8), min_size=1, max_size=3)


@given(TEXTS)
def test_between_brackets_a_text_without_question_marks_reads_as_pyyaml_reads_it(texts: list[str]) -> None:
    """The scanner is PyYAML's but for the question mark: with a letter in its place both say the same."""
    written = f"[{', '.join(texts)}]".replace("?", "q")

    def read(loader: type[yaml.SafeLoader]) -> object:
        try:
            return yaml.load(written, loader)
        except yaml.YAMLError:
            return "refused"

    plain = type("Plain", (yaml.SafeLoader,), {"yaml_implicit_resolvers": _Loader.yaml_implicit_resolvers})
    assert read(_Loader) == read(plain)
