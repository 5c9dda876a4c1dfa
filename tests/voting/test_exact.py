"""Counting is exact and knows no chance: read off the source of the package itself (law L6)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import voting

SOURCES = sorted(Path(voting.__path__[0]).rglob("*.py"))
FORBIDDEN_MODULES = {"random", "secrets", "statistics", "decimal", "cmath", "numpy", "time"}
EXACT_OF_MATH = {"gcd", "lcm", "comb", "perm", "factorial", "isqrt", "prod"}
"""What of `math` is exact and may be used."""


def inexact(tree: ast.AST) -> Iterator[str]:
    """Every place where a float or chance could come into a figure."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Constant(value=float() | complex()):
                yield f"line {line}: the literal {node.value!r}"
            case (
                ast.Name(id="float" | "complex")
                | ast.Attribute(attr="as_integer_ratio" | "limit_denominator")
            ):
                yield f"line {line}: {ast.unparse(node)}"
            case ast.Call(func=ast.Name(id="round")):
                yield f"line {line}: {ast.unparse(node)} rounds halves to even"
            case ast.BinOp(op=ast.Div(), left=left, right=right) if not (_fraction(left) or _fraction(right)):
                yield f"line {line}: {ast.unparse(node)} divides; say Fraction(a, b) or //"
            case ast.AugAssign(op=ast.Div()):
                yield f"line {line}: {ast.unparse(node)} divides"
            case ast.Import(names=names):
                for name in names:
                    if name.name.split(".")[0] in FORBIDDEN_MODULES | {"math"}:
                        yield f"line {line}: imports {name.name}"
            case ast.ImportFrom(module=str(module), names=names):
                if module.split(".")[0] in FORBIDDEN_MODULES:
                    yield f"line {line}: imports from {module}"
                if module == "math" and any(name.name not in EXACT_OF_MATH for name in names):
                    yield f"line {line}: imports from math what is not exact"


def _fraction(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fraction"


def test_the_package_is_read_whole() -> None:
    names = {source.name for source in SOURCES}
    assert {"percent.py", "count.py", "plurality.py", "rating.py"} <= names
    assert {"borda.py", "irv.py", "irv_papers.py", "live.py", "pairwise.py", "blt.py", "cvr.py"} <= names


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_no_float_and_no_chance_comes_near_a_count(source: Path) -> None:
    assert list(inexact(ast.parse(source.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    ["x = 0.5", "x = float(y)", "x: float", "x = round(y)", "x = a / b", "x /= 2", "import random"]
    + ["from random import choice", "import math", "from math import sqrt", "from statistics import mean"],
)
def test_the_reading_finds_what_it_looks_for(code: str) -> None:
    assert list(inexact(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["x = a // b", "x = Fraction(a, b) / 2", "def f(*, round: int): ...", "x = f(round=1)"]
)
def test_the_reading_lets_exact_code_pass(code: str) -> None:
    assert list(inexact(ast.parse(code))) == []
