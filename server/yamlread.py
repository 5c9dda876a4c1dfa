"""YAML by the rules of YAML 1.2, with the place of every value.

PyYAML follows YAML 1.1, where `[Yes, No]` becomes booleans, `12:30` the number 750 and `no` (Norwegian)
False. Here only `true`, `false`, `null`, `~` and plain numbers are anything but text.
Standard: YAML 1.2.2, section 10.3 (core schema). Refused besides bad syntax: a key given twice, tags of
one's own, more than one document.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import yaml

Path = tuple[Hashable, ...]
"""Where a value sits: ("sessions", 0, "title"); () is the whole document."""

MAX_VALUES = 200_000
"""Values in one document, aliases unfolded: a few lines of nested aliases can stand for billions."""

_TAG = "tag:yaml.org,2002:"

_BLANKS = "\0 \t\r\n\x85\u2028\u2029"
"""What ends a word: the end of the text, spaces and line ends."""


class YamlError(ValueError):
    """The text is not YAML we accept. `line` and `column` count from 1, `problem` says why in words."""

    def __init__(self, line: int, column: int, problem: str) -> None:
        super().__init__(f"line {line}, column {column}: {problem}")
        self.line = line
        self.column = column
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Marks:
    """Line and column, from 1, of every value in a document: of its key, or of itself in a list."""

    places: Mapping[Path, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: Path) -> tuple[int, int]:
        """(line, column) of the value, or of its nearest parent that is in the document."""
        for end in range(len(path), -1, -1):
            if (found := self.places.get(path[:end])) is not None:
                return found
        return (1, 1)

    def line(self, path: Path) -> int:
        """The line of the value, or of its nearest parent that is in the document."""
        return self.place(path)[0]


def read_yaml(text: str) -> tuple[object, Marks]:
    """One document as plain dict, list, str, int, float, bool and None, with its marks.

    An empty text is None. Raises YamlError.
    """
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
        if node is None:
            return None, Marks()
        builder = _Builder()
        return builder.build(node, ()), Marks(builder.places)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        column = error.position - (before.rfind("\n") + 1) + 1
        raise YamlError(before.count("\n") + 1, column, "a character that YAML does not allow") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlError(line, column, _in_words(error) + _opened(error, line)) from None
    except RecursionError:
        raise YamlError(1, 1, "nested too deeply") from None


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalar rules of YAML 1.2 in place of those of 1.1."""

    def scan_plain(self) -> yaml.ScalarToken:
        """A plain text, by PyYAML's own steps but for one: between brackets it ends a text at a question
        mark, which YAML 1.2.2 (section 7.3.3) does not, and people who ask something write {en: Tea?}."""
        chunks: list[str] = []
        spaces: list[str] = []
        start = end = self.get_mark()
        indent = self.indent + 1
        after_colon = _BLANKS + (",[]{}" if self.flow_level else "")
        while self.peek() != "#":
            length = 0
            while (char := self.peek(length)) not in _BLANKS:
                if char == ":" and self.peek(length + 1) in after_colon:
                    break
                if self.flow_level and char in ",[]{}":
                    break
                length += 1
            if not length:
                break
            self.allow_simple_key = False
            chunks += [*spaces, self.prefix(length)]
            self.forward(length)
            end = self.get_mark()
            spaces = self.scan_plain_spaces(indent, start) or []
            if not spaces or (not self.flow_level and self.column < indent):
                break
        return yaml.ScalarToken("".join(chunks), True, start, end)


_Loader.yaml_implicit_resolvers = {}
for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_pattern})\Z"), _first)


class _Builder:
    """Turns composed nodes into plain values and notes where each stood."""

    def __init__(self) -> None:
        self.places: dict[Path, tuple[int, int]] = {}
        self._values = 0

    def build(self, node: yaml.Node, path: Path) -> object:
        self._values += 1
        if self._values > MAX_VALUES:
            raise _at(node, f"more than {MAX_VALUES} values")
        self.places.setdefault(path, _place(node))
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        raise _at(node, f"the tag {node.tag} is not known here")

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[Hashable, object]:
        values: dict[Hashable, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _at(key_node, "a key must be a plain word or number")
            key = _scalar(key_node)
            if key in values:
                raise _at(key_node, f"the key {key_node.value!r} is here twice")
            self.places[*path, key] = _place(key_node)
            values[key] = self.build(value_node, (*path, key))
        return values


def _scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    text = node.value
    try:
        match node.tag.removeprefix(_TAG):
            case "str":
                return str(text)
            case "null":
                return None
            case "bool":
                return {"true": True, "false": False}[text.lower()]
            case "int":
                return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
            case "float":
                return float(re.sub(r"\.(inf|nan)\Z", r"\1", text.lower()))
    except (ValueError, KeyError):
        raise _at(node, f"{text[:40]!r} does not fit its type") from None
    raise _at(node, f"the tag {node.tag} is not known here")


def _place(node: yaml.Node) -> tuple[int, int]:
    return (node.start_mark.line + 1, node.start_mark.column + 1)


def _at(node: yaml.Node, problem: str) -> YamlError:
    return YamlError(*_place(node), problem)


def _opened(error: yaml.MarkedYAMLError, line: int) -> str:
    """Where the bracket or quotation mark stands that was not closed, if that is on a line before."""
    begun = error.context_mark.line + 1 if error.context_mark else line
    is_pair = (error.context or "").startswith(("while parsing a flow", "while scanning a quoted"))
    return f"; look from line {begun} on, where it was opened" if is_pair and begun < line else ""


def _in_words(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "not YAML"
    if match := re.match(r"found character '([^\\]+)' that cannot start any token", problem):
        return f"a text that begins with {match[1]} needs quotes"
    for start, words in (
        ("found character '\\t'", "a tab: indent with spaces"),
        (
            "mapping values are not allowed",
            "a second ': ' in one line, or wrong indentation; put text with ': ' in quotes",
        ),
        ("expected <block end>", "the indentation does not fit the lines above"),
        ("could not find expected ':'", "a ':' is missing after the key"),
        ("found unexpected end of stream", "a quote or bracket is not closed"),
        ("expected the node content", "a value or a closing bracket is missing"),
        ("expected ',' or", "a ',' or a closing bracket is missing"),
        ("expected a single document", "more than one document"),
        ("but found another document", "more than one document"),
        ("expected alphabetic or numeric character", "a text that begins with * or & needs quotes"),
        ("found unknown escape character", "a backslash in a text: write the text in single quotes"),
    ):
        if problem.startswith(start):
            return words
    return problem
