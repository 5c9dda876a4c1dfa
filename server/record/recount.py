#!/usr/bin/env python3
"""Recounts an award from its published record, with Python 3.9 or newer and nothing else:

    python3 recount.py record.zip        (or the folder with the unpacked files)

It shares no code with the program that ran the vote. It ends with 0 when everything fits, else with 1.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from typing import Any

FILES = "rules.json register.txt spent.txt ballots.jsonl sheets.jsonl log.jsonl result.json key.txt".split()
BESIDE = {"recount.py", "README.txt"}
LARGEST = 200_000_000  # bytes of all files together: more is no record of a vote
NOBODY = "nobody"
HEX, RECEIPT = re.compile("[0-9a-f]{64}"), re.compile("[a-z2-7]{12}")
MARKS = ("mean", "trimmed", "median", "ranksum", "points")
REASONS = ("own-entry", "employer", "family", "business", "other")
SIGNED = ("CHECKPOINT", "CLOSE", "SEAL", "RESULT")
S, N, B = str, int, bool
BODIES: dict[str, Any] = {
    "RULES": {"rules_hash": S}, "REGISTER": {"round": S, "lines": N, "hash": S, "classes": (N,)},
    "OPEN": {"round": S}, "CHECKPOINT": {"round": S, "count": N, "root": S},
    "CLOSE": {"round": S, "count": N, "root": S}, "PAUSE": {"round": S}, "RESUME": {"round": S},
    "CHANNEL": {"round": S, "channel": S, "class": S, "counts": (N,), "by": [S]},
    "APPROVE": {"round": S, "root": S, "scrutineer": S},
    "SEAL": {"round": S, "root": S, "spent": S, "admitted": [S]},
    "WITHDRAWN": {"candidate": S, "reason": S, "by": [S]}, "VOIDED": {"receipt": S, "reason": S, "by": [S]},
    "CHAIR": {"candidate": S, "name": S}, "DRAW": {"text": S}, "RUNOFF": {"round": S, "candidates": [S]},
    "RESULT": {"result_hash": S}, "REVEAL": {}, "CORRECTION": {"text": S},
}  # fmt: skip
RULES: dict[str, Any] = {
    "version": N, "event": S, "award": S, "title": S, "candidates": [{"id": S, "name": S}],
    "rounds": [{"id": S, "kind": S, "publish": S}], "approvals": N, "scrutineers": [{"id": S, "name": S}],
    "checkpoint": {"every_s": N, "min_new": N},
    "decision": {"blend": S, "jury_round": S, "jury_weight": N, "audience_weight": N, "jury_table": [N],
                 "audience_table": [N], "jury_only_without_audience": B, "ladder": [S]},
}  # fmt: skip
JURY: dict[str, Any] = {
    "jurors": [{"id": S, "name": S, "group": S}], "rule": S, "shortlist": N, "boundary": S, "drop": N,
    "criteria": [{"id": S, "weight": N, "low": N, "high": N}], "table": [N], "picks": N, "unranked": S,
    "quorum_min": N, "quorum_share": S,
}  # fmt: skip
VOTE: dict[str, Any] = {
    "electorate": S, "classes": [{"id": S, "weight": N}], "form": S, "method": S, "least": N, "most": N,
    "ties": B, "abstain": B, "unranked": S, "min_turnout": N,
}  # fmt: skip
Ranks = list[list[str]]
Voice = tuple[Ranks, set[str], int]  # an order, all whom it compares, its weight


class Broken(Exception):
    """The record cannot be read any further."""


def need(fine: Any, text: str) -> None:
    if not fine:
        raise Broken(text)


def shape(value: Any, spec: Any, where: str) -> None:
    """Raises Broken unless the value has at least this shape: [x] a list, (x,) an object of any keys."""
    if isinstance(spec, dict):
        need(isinstance(value, dict), f"{where} is not an object")
        for key, inner in spec.items():
            need(key in value, f"{where} lacks “{key}”")
            shape(value[key], inner, f"{where}, {key}")
    elif isinstance(spec, (list, tuple)):
        need(isinstance(value, list if isinstance(spec, list) else dict), f"{where} is of the wrong kind")
        for inner in value if isinstance(value, list) else value.values():
            shape(inner, spec[0], where)
    else:
        need(type(value) is spec, f"{where} is of the wrong kind: {str(value)[:40]!r}")


def sha(data: str | bytes) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def parse(text: str, where: str) -> Any:
    def no_float(number: str) -> Any:
        raise Broken(f"{where} holds a number that is not whole: {number[:20]}")

    try:
        value = json.loads(text, parse_float=no_float, parse_constant=no_float)
    except (ValueError, RecursionError):
        raise Broken(f"{where} is not JSON") from None
    need(canonical(value) == text, f"{where} is not canonical JSON (keys sorted, no spaces, each key once)")
    need(unicodedata.is_normalized("NFC", text), f"{where} is not in Unicode form NFC")
    return value


def lines_of(text: str, where: str) -> list[str]:
    need(not text or text.endswith("\n"), f"{where} does not end with a line end")
    return text.split("\n")[:-1]


def load(path: str) -> dict[str, str]:
    """The files of a record, by name."""
    raw: dict[str, bytes] = {}
    try:
        if os.path.isdir(path):
            names = os.listdir(path)
            need(
                sum(os.path.getsize(os.path.join(path, n)) for n in names) <= LARGEST,
                "the record is too large",
            )
            for name in set(names) & set(FILES):
                with open(os.path.join(path, name), "rb") as file:
                    raw[name] = file.read()
        else:
            with zipfile.ZipFile(path) as box:
                names = box.namelist()
                need(len(set(names)) == len(names), "the zip holds a file name twice")
                need(sum(i.file_size for i in box.infolist()) <= LARGEST, "the record is too large")
                raw = {name: box.read(name) for name in names if name in FILES}
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise Broken(f"{path} cannot be read as a zip or a folder: {error}") from None
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma"):
            raise Broken(f"{path} is damaged") from None
        raise
    for name in FILES:
        need(name in raw, f"{name} is missing")
    strange = sorted(set(names) - set(FILES) - BESIDE)
    need(not strange, f"a file that is no part of a record: {(strange or [''])[0]}")
    try:
        return {name: data.decode("utf-8") for name, data in raw.items()}
    except UnicodeDecodeError as error:
        raise Broken(f"a file is not UTF-8: {error}") from None


# --- signatures: Ed25519, RFC 8032, section 5.1.7 ------------------------------------------------------

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]  # extended homogeneous coordinates


def add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def decode_point(data: bytes) -> Point | None:
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if len(data) != 32 or y >= P or (x * x - x2) % P or (not x and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def powers(point: Point) -> list[list[Point]]:
    """d · 16^w · point for each digit d and place w: a multiplication is then 64 additions."""
    table = []
    for _ in range(64):
        row = [(0, 1, 1, 0)]
        for _ in range(15):
            row.append(add(row[-1], point))
        table.append(row)
        point = add(row[-1], point)
    return table


def multiply(table: list[list[Point]], number: int, start: Point) -> Point:
    for row in table:
        start = add(start, row[number & 15])
        number >>= 4
    return start


class Key:
    """A public key that checks signatures."""

    def __init__(self, public: bytes) -> None:
        base, key = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little")), decode_point(public)
        if base is None or key is None:
            raise Broken("key.txt holds no public key of Ed25519")
        self.public, self.base = public, powers(base)
        self.minus_key = powers((-key[0] % P, key[1], 1, -key[3] % P))

    def signed(self, message: bytes, signature: bytes) -> bool:
        s = int.from_bytes(signature[32:], "little")
        if len(signature) != 64 or s >= L:
            return False
        k = int.from_bytes(hashlib.sha512(signature[:32] + self.public + message).digest(), "little") % L
        x, y, z, _ = multiply(self.minus_key, k, multiply(self.base, s, (0, 1, 1, 0)))
        z = pow(z, -1, P)
        return ((y * z % P) | (x * z % P & 1) << 255).to_bytes(32, "little") == signature[:32]


# --- the tree of RFC 6962 -------------------------------------------------------------------------------


def leaf_of(line: str) -> bytes:
    return hashlib.sha256(b"\0" + line.encode()).digest()


def roots(leaves: list[bytes], counts: set[int]) -> dict[int, str]:
    """The root of the first n leaves, for each n."""
    found, stack = {0: sha(b"")}, []
    for n, leaf in enumerate(leaves, start=1):
        stack.append((1, leaf))
        while len(stack) > 1 and stack[-2][0] == stack[-1][0]:
            (size, left), (_, right) = stack[-2:]
            stack[-2:] = [(2 * size, hashlib.sha256(b"\1" + left + right).digest())]
        if n in counts:
            root = stack[-1][1]
            for _, left in reversed(stack[:-1]):
                root = hashlib.sha256(b"\1" + left + root).digest()
            found[n] = root.hex()
    return found


# --- counting -------------------------------------------------------------------------------------------


def by_figure(figures: dict[str, Any], lowest_first: bool = False) -> Ranks:
    values = sorted(set(figures.values()), reverse=not lowest_first)
    return [sorted(c for c in figures if figures[c] == value) for value in values]


def only(ranks: Iterable[Collection[str]], kept: Collection[str]) -> Ranks:
    return [rank for rank in (sorted(c for c in rank if c in kept) for rank in ranks) if rank]


def spread(ranks: Ranks, table: Sequence[int]) -> dict[str, Fraction]:
    """The values of a table by place; those who share places get the mean of them."""
    points, place = {}, 0
    for rank in ranks:
        points.update(dict.fromkeys(rank, Fraction(sum(table[place : place + len(rank)]), len(rank))))
        place += len(rank)
    return points


def naming(voices: list[Voice], who: Iterable[str]) -> dict[str, int]:
    return {c: sum(weight for ranks, _, weight in voices if any(c in r for r in ranks)) for c in who}


def borda(voices: list[Voice], who: Iterable[str], unranked: str) -> dict[str, Fraction]:
    figures = dict.fromkeys(who, Fraction())
    for ranks, covers, weight in voices:
        named = [c for rank in ranks for c in rank]
        rest = sorted(covers - set(named)) if unranked == "average" else []
        best = len(named) if unranked == "length" else len(covers)
        for c, points in spread([*ranks, rest] if rest else ranks, range(best, 0, -1)).items():
            figures[c] += points * weight
    return figures


def leaving(tallies: list[dict[str, int]]) -> tuple[list[str], list[str], list[str]]:
    """Of an instant runoff's round: who is tied for last, by which rungs that is parted, who leaves."""
    tally = tallies[-1]
    fewest = min(tally.values())
    last = left = sorted(c for c in tally if tally[c] == fewest)
    if len(last) == len(tally):
        return last, ["undecided"], []
    if len(last) == 1:
        return [], [], last
    for earlier in reversed(tallies[:-1]):
        left = [c for c in left if earlier[c] == min(earlier[other] for other in left)]
        if len(left) == 1:
            return last, ["previous-rounds"], left
    rungs = ["previous-rounds", "first-preferences", "together"]
    if fewest * len(last) < min(votes for votes in tally.values() if votes > fewest):
        return last, rungs, last
    return last, [*rungs, "undecided"], []


def irv(voices: list[Voice], who: Iterable[str]) -> tuple[dict[str, Any], Ranks, list[Any]]:
    stay, figures, gone = sorted(who), dict[str, Any](), list[list[str]]()
    steps, tallies = list[Any](), list[dict[str, int]]()
    while True:
        tally = dict.fromkeys(stay, 0)
        for ranks, _, weight in voices:
            singles = ([c for c in rank if c in tally] for rank in ranks)
            target = next((found[0] for found in singles if len(found) == 1), None)
            if target is not None:
                tally[target] += weight
        tallies.append(tally)
        figures.update(tally)
        counting = sum(tally.values())
        elected = [c for c in stay if tally[c] > counting // 2]
        tied, rungs, out = ([], [], []) if elected else leaving(tallies)
        steps.append({"tally": tally, "exhausted": sum(v[2] for v in voices) - counting, "elected": elected,
                      "threshold": counting // 2 + 1, "eliminated": out, "tied": tied, "rungs": rungs})  # fmt: skip
        if not out:
            return figures, (by_figure(tally) if elected else [stay]) + gone, steps
        gone.insert(0, out)
        stay = [c for c in stay if c not in out]


def schulze(voices: list[Voice], who: Iterable[str]) -> tuple[dict[str, Any], Ranks]:
    pairs = {(x, y): 0 for x in who for y in who if x != y}
    for ranks, covers, weight in voices:
        below = set(covers)
        for rank in ranks:
            below -= set(rank)
            for pair in ((x, y) for x in rank for y in below):
                pairs[pair] += weight
    path = {(x, y): votes if votes > pairs[y, x] else 0 for (x, y), votes in pairs.items()}
    for z in who:
        for x, y in path:
            if z not in (x, y):
                path[x, y] = max(path[x, y], min(path[x, z], path[z, y]))
    ahead = {x: {y for y in who if x != y and path[x, y] > path[y, x]} for x in who}
    left, ranking = set(who), Ranks()
    while left:
        ranking.append(sorted(x for x in left if not any(x in ahead[y] for y in left)))
        left -= set(ranking[-1])
    return {x: len(ahead[x]) for x in who}, ranking


def by_method(
    method: str, voices: list[Voice], who: list[str], unranked: str
) -> tuple[Any, Ranks, list[Any]]:
    """Figures, ranking and steps of one of the methods that read orders."""
    if method == "irv":
        return irv(voices, who)
    if method == "schulze-winning":
        return (*schulze(voices, who), [])
    figures = borda(voices, who, unranked) if method == "borda" else naming(voices, who)
    return figures, by_figure(figures), []


class Hidden(Exception):
    """A rung asks for ballots or sheets that the record does not hold."""


class Count:
    """A round as it was counted: `result` is its part of result.json, the rest is for the tie ladder."""

    def __init__(self, kind: str, ballots: int, valid: int, weight: int, turnout: tuple[int, int]) -> None:
        self.result: dict[str, Any] = {"kind": kind, "ballots": ballots, "valid": valid, "weight": weight,
            "abstentions": ballots - valid, "percent": {}, "not_rated": [], "fallback": False, "admitted": [],
            "turnout": {"register": turnout[0], "spent": turnout[1]}}  # fmt: skip
        self.voices: list[Voice] = []
        self.givers: dict[str, int] | None = None
        self.criteria: dict[str, dict[str, Fraction]] = {}
        self.hidden = False

    def say(self, figures: dict[str, Any], ranking: Ranks, steps: list[Any]) -> Count:
        self.figures, self.ranking = {c: Fraction(f) for c, f in figures.items()}, ranking
        texts = {c: str(figure) for c, figure in self.figures.items()}
        self.result.update({"figures": texts, "ranking": ranking, "steps": steps})
        return self


def count_jury(rd: dict[str, Any], sheets: list[dict[str, Any]], stand: list[str]) -> Count:
    rule, weights = rd["rule"], {k["id"]: k["weight"] for k in rd["criteria"]}
    table, unranked, jurors = rd["table"], rd["unranked"], rd["jurors"]
    fits, said = [], []
    for sheet in sheets:
        may = {c for c in stand if c not in sheet["recused"]}
        said.append(only([sheet["picks"]] if rule == "approval" else sheet.get("ranking", []), may))
        marks = sheet.get("marks", {})
        full = {c for c in may if weights.keys() <= marks.get(c, {}).keys()}
        fits.append(full if rule in MARKS else may if said[-1] else set())
    share, counting = (
        Fraction(rd["quorum_share"]),
        {c: [i for i, f in enumerate(fits) if c in f] for c in stand},
    )
    able = {c: len(jurors) - sum(c in sheet["recused"] for sheet in sheets) for c in stand}
    rated = {c for c in stand if len(counting[c]) >= max(1, rd["quorum_min"], -(-share * able[c] // 1))}
    valid = sum(map(bool, fits))
    count = Count("jury", len(sheets), valid, valid, (len(jurors), len(sheets)))
    count.result["not_rated"] = sorted(set(stand) - rated)

    def mean(values: Collection[Any]) -> Fraction:
        return Fraction(sum(values)) / len(values)

    def mark(i: int, c: str) -> Fraction:
        return Fraction(sum(w * sheets[i]["marks"][c][k] for k, w in weights.items()), sum(weights.values()))

    if rule in MARKS:
        group = {j["id"]: j["group"] or (j["id"],) for j in jurors}
        voters: dict[Any, list[int]] = {}
        for i, sheet in enumerate(sheets):
            voters.setdefault(group[sheet["juror"]] if rule == "points" else i, []).append(i)
        for members in voters.values():
            marks = {c: [mark(i, c) for i in members if i in counting[c]] for c in rated}
            means = {c: mean(values) for c, values in marks.items() if values}
            count.voices.append((by_figure(means), set(means), 1))
        for k in weights:
            given = {c: [sheets[i]["marks"][c][k] for i in counting[c]] for c in stand}
            count.criteria[k] = {c: mean(values) for c, values in given.items() if values}
    else:
        for sheet, ranks in zip(sheets, said):  # noqa: B905
            count.voices.append((only(ranks, rated), rated - sheet["recused"].keys(), 1))
    voices = count.voices = [voice for voice in count.voices if voice[0]]
    partial = any(covers != rated for _, covers, _ in voices)
    values = {c: sorted(mark(i, c) for i in counting[c]) for c in rated} if rule in MARKS else {}
    drop = rd["drop"] if rule == "trimmed" else 0
    if drop and any(len(marks) < 2 * drop + 3 for marks in values.values()):
        drop, count.result["fallback"] = 0, True
    if not voices:
        return count.say(dict.fromkeys(rated, 0), [], [])
    if rule in ("mean", "trimmed"):
        figures: dict[str, Any] = {c: mean(marks[drop : len(marks) - drop]) for c, marks in values.items()}
    elif rule == "median":
        figures = {c: (v[(len(v) - 1) // 2] + v[len(v) // 2]) / 2 for c, v in values.items()}
    elif rule == "ranksum":
        ranks_of: dict[str, list[Fraction]] = {c: [] for c in rated}
        for ranks, covers, _ in voices:
            for c, place in spread(ranks, range(1, len(covers) + 1)).items():
                ranks_of[c].append((place - Fraction(1, 2)) / len(covers) if partial else place)
        figures = {c: mean(places) for c, places in ranks_of.items()}
        return count.say(figures, by_figure(figures, lowest_first=True), [])
    elif rule == "points":
        points = [spread(ranks, table) for ranks, _, _ in voices]
        count.givers = {c: sum(p.get(c, 0) > 0 for p in points) for c in rated}
        figures = {c: sum(p.get(c, Fraction()) for p in points) for c in rated}
        if partial:
            figures = {c: f / (table[0] * sum(c in v[1] for v in voices)) for c, f in figures.items()}
    else:
        count.givers = naming(voices, rated) if rule in ("approval", "borda") else None
        figures, ranking, _ = by_method(rule, voices, sorted(rated), unranked)
        if rule != "borda" or not partial:
            return count.say(figures, ranking, [])
        figures = {c: f / (sum(len(v[1]) for v in voices if c in v[1]) or 1) for c, f in figures.items()}
    return count.say(figures, by_figure(figures), [])


def shortlist(rd: dict[str, Any], count: Count, stand: list[str], ladder: list[str]) -> list[str]:
    chosen, size = set[str](), rd["shortlist"]
    groups = list(count.ranking)
    while groups and len(chosen) < size:
        group = groups.pop(0)
        if len(chosen) + len(group) > size and rd["boundary"] == "ladder":
            for rung in ladder:
                if len(chosen) + len(group) > size and rung not in ("audience", "chair", "lot", "shared"):
                    parts = refine(rung, group, count)
                    while len(chosen) + len(parts[0]) <= size and len(chosen) < size:
                        chosen |= set(parts.pop(0))
                    group = parts[0] if len(chosen) < size else []
        chosen |= set(group)
    return [c for c in stand if c in chosen or not size]


def count_vote(
    rd: dict[str, Any], ballots: list[dict[str, Any]], stand: list[str], turnout: tuple[int, int]
) -> Count:
    """`ballots` without the voided ones."""
    weight_of = {k["id"]: k["weight"] for k in rd["classes"]}
    profile: dict[str, int] = {}
    valid = 0
    for ballot in ballots:
        ranks = only(ballot["choices"], stand)
        if ranks:
            valid += 1
            profile[canonical(ranks)] = profile.get(canonical(ranks), 0) + weight_of[ballot["class"]]
    weight = sum(profile.values())
    count = Count("vote", len(ballots), valid, weight, turnout)
    count.voices = [(json.loads(ranks), set(stand), n) for ranks, n in profile.items()]
    count.givers = naming(count.voices, stand)
    figures, ranking, steps = dict[str, Any].fromkeys(stand, 0), Ranks(), list[Any]()
    if weight:
        figures, ranking, steps = by_method(rd["method"], count.voices, stand, rd["unranked"])
    if rd["method"] in ("plurality", "approval", "irv"):
        half_up = {c: (200 * f + weight) // (2 * weight) if weight else 0 for c, f in figures.items()}
        count.result["percent"] = {c: str(percent) for c, percent in half_up.items()}
    took_place = weight and len(ballots) >= rd["min_turnout"]
    return count.say(figures, ranking if took_place else [], steps if took_place else [])


def above(voices: list[Voice], x: str, y: str) -> int:
    """The weight of the voices that compare x and y and put x above."""
    found = 0
    for ranks, _, weight in voices:
        first = next(([c for c in rank if c in (x, y)] for rank in ranks if x in rank or y in rank), [])
        found += weight if first == [x] else 0
    return found


def refine(rung: str, group: list[str], count: Count) -> Ranks:
    """The group parted by a rung that reads one round; as it was when the rung does not apply."""
    voices = count.voices
    if count.hidden:
        raise Hidden
    value: dict[str, Any] = {}
    if rung == "groups" and count.givers is not None:
        value = count.givers
    elif rung == "countback":
        value = {c: [0] * (1 + max((len(v[1]) for v in voices), default=0)) for c in group}
        for ranks, _, weight in voices:
            place = 0
            for rank in ranks:
                for c in set(rank) & set(group):
                    value[c][place] += weight
                place += len(rank)
        value = {c: tuple(places) for c, places in value.items()}
    elif rung == "head-to-head":
        value = dict.fromkeys(group, 0)
        for x in group:
            for y in group:
                pair = [v for v in voices if x in v[1] and y in v[1]]
                won, lost = above(pair, x, y), above(pair, y, x)
                value[x] += 0 if x == y else 1 + (won > lost) - (won < lost)
    elif rung.startswith("criterion:"):
        value = count.criteria.get(rung[len("criterion:") :], {})
    return by_figure({c: value[c] for c in group}) if value.keys() >= set(group) else [group]


def decide(
    rules: dict[str, Any], counts: dict[str, Count], stand: list[str], told: dict[str, Any]
) -> dict[str, Any]:
    """The award's part of result.json; `stand` are those it is decided between, `told` what the log added."""
    how, regular = rules["decision"], [r["id"] for r in rules["rounds"]]
    vote = next((counts[r["id"]] for r in rules["rounds"] if r["kind"] == "vote"), None)
    jury, blend, jury_only = counts.get(how["jury_round"]), how["blend"], False
    figures: dict[str, Any] = {}
    ranking: Ranks = []
    if vote and vote.ranking and blend == "audience":
        figures, ranking = vote.figures, only(vote.ranking, stand)
    elif jury:
        rated = [c for c in stand if c in jury.figures]
        judged, both = only(jury.ranking, rated), [*rated, *({NOBODY} & set(stand))]
        heard = vote is not None and bool(vote.ranking)
        shares = [sum(side.figures.get(c, 0) for c in both) for side in (jury, vote) if side]
        if blend == "shares" and rated and not shares[0]:
            judged = []
        elif blend == "jury" or not (heard and (blend != "shares" or shares[1])):
            jury_only = blend != "jury"
            if not jury_only or how["jury_only_without_audience"]:
                figures, ranking = {c: jury.figures[c] for c in rated}, judged
        elif judged and vote:
            points = spread(judged, how["jury_table"])
            tables = spread(only(vote.ranking, both), how["audience_table"])
            for c in both:
                figures[c] = points.get(c, Fraction()) + tables[c]
                if blend == "shares":
                    figures[c] = how["jury_weight"] * jury.figures.get(c, 0) / shares[0]
                    figures[c] += how["audience_weight"] * vote.figures[c] / shares[1]
            ranking = by_figure(figures)
    result: dict[str, Any] = {"kind": "no-valid-votes", "winners": [], "ranking": ranking, "ties": [],
                              "jury_only": jury_only and bool(ranking), "combined": {}}  # fmt: skip
    if not ranking:
        return result
    result["combined"] = {c: str(figure) for c, figure in figures.items() if c in set(sum(ranking, []))}
    top, result["kind"] = ranking[0], "winner"
    if len(top) > 1 and NOBODY in top:
        groups = [[NOBODY], [c for c in top if c != NOBODY]]
        tie = {"candidates": top, "rung": NOBODY, "tried": [NOBODY], "parted": groups}
        result.update({"ties": [tie], "ranking": groups + ranking[1:]})
    elif len(top) > 1:
        side = vote if blend == "audience" and not jury_only else jury
        tie, pending = climb(rules, counts, top, side, vote, told, regular)
        result.update({"ties": [tie], "ranking": tie["parted"] + ranking[1:]})
        if len(tie["parted"][0]) > 1:
            result["kind"] = "undecided" if pending else "shared"
    if result["ranking"][0] == [NOBODY]:
        result["kind"] = NOBODY
    result["winners"] = result["ranking"][0] if result["kind"] in ("winner", "shared") else []
    return result


def climb(rules: dict[str, Any], counts: dict[str, Count], tied: list[str], side: Count | None,
          vote: Count | None, told: dict[str, Any], regular: list[str]) -> tuple[dict[str, Any], bool]:  # fmt: skip
    """The tie as the ladder leaves it, and whether it waits for somebody."""
    top, behind, tried, pending = tied, Ranks(), list[str](), False
    juries = [r["id"] for r in rules["rounds"] if r["kind"] == "jury"]
    judged = counts.get(rules["decision"]["jury_round"] or (juries or [""])[-1])
    ladder = [rung for rung in rules["decision"]["ladder"] if rung != "shared"] + ["shared"]
    for rung in ladder:
        if len(top) == 1 or pending:
            break
        steps = [rung]
        if rung in ("chair", "lot", "shared"):
            steps = [r for r in counts if r not in regular and r not in tried] + [rung]
        for step in steps:
            parts = [top]
            if step in counts and step not in regular:
                if sorted(counts[step].figures) != top or not counts[step].ranking:
                    continue
                parts = only(counts[step].ranking, top)
            elif step == "audience":
                parts = only(vote.ranking, top) if vote and vote.ranking else parts
            elif step == "chair":
                pending = told["chair"] not in top
                parts = parts if pending else [[told["chair"]], [c for c in top if c != told["chair"]]]
            elif step == "lot":
                pending = not told["draw"]
                draws = {c: sha(f"{told['root']}|{c}|{told['draw']}") for c in top}
                parts = parts if pending else by_figure(draws, lowest_first=True)
            elif step.startswith("criterion:"):
                parts = refine(step, top, judged) if judged else parts
            elif step != "shared" and side:
                parts = refine(step, top, side)
            tried.append(step)
            top, behind = parts[0], [*parts[1:], *behind]
            if len(top) == 1 or pending:
                break
    return {"candidates": tied, "rung": tried[-1], "tried": tried, "parted": [top, *behind]}, pending


# --- the audit ------------------------------------------------------------------------------------------


class Audit:
    """Goes through a record once; `checks` are what was looked at, with the faults found."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files, self.unproved = files, list[str]()
        self.checks: list[tuple[str, str, list[str]]] = []
        self.rules, self.result = (
            parse(files["rules.json"], "rules.json"),
            parse(files["result.json"], "result.json"),
        )
        self.lists = {name: [parse(line, f"{name}.jsonl, line {i}") for i, line in
                      enumerate(lines_of(files[f"{name}.jsonl"], f"{name}.jsonl"), start=1)]
                      for name in ("ballots", "sheets", "log")}  # fmt: skip
        self.counts: dict[str, Count] = {}
        shape(self.rules, RULES, "rules.json")
        for rd in self.rules["rounds"]:
            shape(rd, JURY if rd["kind"] == "jury" else VOTE, f"rules.json, round {rd['id']}")
        shape(self.result, {"rounds": ({},)}, "result.json")
        for name, inner in (("ballots", {"round": S}), ("sheets", {"round": S})):
            shape(self.lists[name], [inner], f"{name}.jsonl")
        self.log = self.lists["log"]
        entry = {"seq": N, "prev": S, "at_ms": N, "type": S, "body": {}, "hash": S, "sig": S}
        shape(self.log, [entry], "log.jsonl")
        for e in self.log:
            need(e["type"] in BODIES, f"log.jsonl, entry {e['seq']}: unknown type {e['type'][:20]!r}")
            shape(e["body"], BODIES[e["type"]], f"log.jsonl, entry {e['seq']}")

    def check(self, title: str, figures: str, faults: list[str]) -> None:
        self.checks.append((title, figures, faults))

    def run(self) -> None:
        self.check("Every file is there and in canonical form", f"{len(self.files)} files", [])
        for part in (self.chain, self.story, self.boxes, self.recount):
            part()

    def chain(self) -> None:
        """The log's chain of hashes and the signatures on its heads."""
        faults, prev, heads = list[str](), "0" * 64, 0
        text = self.files["key.txt"].strip()
        need(HEX.fullmatch(text), "key.txt holds no public key of Ed25519 in 64 hexadecimal digits")
        key = Key(bytes.fromhex(text))
        for seq, e in enumerate(self.log, start=1):
            where = f"log entry {seq}"
            if e["seq"] != seq:
                faults.append(f"{where} has the number {e['seq']}: entries are missing or out of order")
            if e["prev"] != prev:
                faults.append(f"{where} does not continue the entry before it")
            prev = sha(canonical({k: v for k, v in e.items() if k not in ("hash", "sig")}))
            if e["hash"] != prev:
                faults.append(f"{where} was altered: its hash does not fit its content")
            if e["type"] in SIGNED:
                heads += 1
                good = re.fullmatch("[0-9a-f]{128}", e["sig"])
                if not good or not key.signed(bytes.fromhex(prev), bytes.fromhex(e["sig"])):
                    faults.append(f"{where} ({e['type']}): the signature is not valid for the key in key.txt")
            elif e["sig"]:
                faults.append(f"{where} has a signature where there is none to be")
        self.check("The log is one unbroken chain, its heads are signed", f"{len(self.log)} entries, {heads} signatures; key {text[:16]}…", faults)

    def story(self) -> None:
        """What happened, in its order: self.held has the rounds, self.told what people added."""
        faults, rules, frozen = list[str](), self.rules, sha(self.files["rules.json"])
        self.rounds = {rd["id"]: rd for rd in rules["rounds"]}
        self.names = {c["id"]: c["name"] for c in rules["candidates"]}
        people = {s[key]: s["id"] for s in rules["scrutineers"] for key in ("name", "id")}
        needed = rules["approvals"] if people else 1
        self.held: dict[str, dict[str, Any]] = {}
        self.registers: dict[str, Any] = {}
        self.gone: dict[str, int] = {}
        self.voided: set[str] = set()
        self.told: dict[str, Any] = {"chair": "", "draw": "", "runoffs": {}, "root": ""}
        self.channels: dict[tuple[str, str, str], dict[str, int]] = {}
        vote = next((rd for rd in rules["rounds"] if rd["kind"] == "vote"), None)
        sealed = [""]
        done = False
        if not self.log or self.log[0]["type"] != "RULES":
            faults.append("the log does not begin with RULES")
        for e in self.log:
            kind, body, where = e["type"], e["body"], f"log entry {e['seq']} ({e['type']})"
            def say(text: str, where: str = where) -> None:
                faults.append(f"{where}: {text}")
            if done and kind not in ("REVEAL", "CORRECTION"):
                say("nothing changes after the RESULT")
            if kind == "RULES" and (e["seq"] != 1 or body["rules_hash"] != frozen):
                say("rules.json is not what was frozen" if e["seq"] == 1 else "the rules were changed later")
            if kind in ("WITHDRAWN", "VOIDED"):
                by = {people.get(name) for name in body["by"]} - {None} if people else set(body["by"])
                if len(by) < needed:
                    say(f"{len(by)} scrutineers stand behind it, {needed} must")
                if not body["reason"].strip():
                    say("no reason is given")
                if kind == "VOIDED":
                    self.voided.add(body["receipt"])
                elif body["candidate"] not in self.names or body["candidate"] == NOBODY:
                    say(f"unknown candidate {body['candidate']}")
                else:
                    self.gone.setdefault(body["candidate"], e["seq"])
            if kind == "RUNOFF":
                if vote is None or body["round"] in self.rounds or not set(body["candidates"]) <= self.names.keys():
                    say("no such run-off is possible")
                    continue
                self.rounds[body["round"]] = vote | {"id": body["round"]}
                self.told["runoffs"][body["round"]] = body["candidates"]
            if kind == "DRAW":
                if self.told["draw"] or any("seal" not in h for h in self.held.values()):
                    say("the draw is entered once, when all rounds are sealed")
                self.told["draw"] = body["text"]
            if kind == "CHAIR":
                self.told["chair"] = body["candidate"]
            if kind == "RESULT":
                done = True
                if body["result_hash"] != sha(self.files["result.json"]):
                    say("result.json is not the result that was logged")
            if "round" not in body:
                continue
            name = body["round"]
            if name not in self.rounds:
                say(f"unknown round {name}")
                continue
            at = self.held.get(name, {})
            if kind == "REGISTER":
                if at or name in self.registers:
                    say("the register was changed after it was fixed")
                self.registers[name] = body
            elif kind == "OPEN":
                before = list(self.rounds)[: list(self.rounds).index(name)]
                if at or any("seal" not in self.held.get(other, {}) for other in before):
                    say("opened again, or before the round before it was sealed")
                self.held[name] = {"open": e["seq"], "marks": [], "by": {}}
            elif not at or ("close" in at) != (kind in ("APPROVE", "SEAL")) or "seal" in at:
                if kind != "RUNOFF":
                    say("this cannot happen to the round as it stands")
            elif kind in ("CHECKPOINT", "CLOSE"):
                last = at["marks"][-1][0] if at["marks"] else 0
                fewest = max(1, rules["checkpoint"]["min_new"]) if kind == "CHECKPOINT" else 0
                if body["count"] < last + fewest:
                    say(f"{body['count']} ballots after {last}: at least {fewest} new ones belong to a checkpoint")
                at["marks"].append((body["count"], body["root"], where))
                if kind == "CLOSE":
                    at["close"] = body
            elif kind == "CHANNEL":
                if len({by.strip() for by in body["by"]} - {""}) < 2:
                    say("two different people must confirm the counts")
                counts = self.channels.setdefault((name, body["channel"], body["class"]), {})
                for choices, n in body["counts"].items():
                    counts[choices] = counts.get(choices, 0) + n
            elif kind == "APPROVE":
                if people and body["scrutineer"] not in people:
                    say(f"{body['scrutineer'][:40]} is no scrutineer of this award")
                else:
                    who = people.get(body["scrutineer"], body["scrutineer"])
                    at["by"].setdefault(body["root"], set()).add(who)
            elif kind == "SEAL":
                approved = len(at["by"].get(body["root"], ()))
                if body["root"] != at["close"]["root"]:
                    say("the box that was sealed is not the one that was closed")
                if approved < needed:
                    say(f"{approved} scrutineers approved this box, {needed} must")
                at.update({"seal": body, "gone": set(self.gone)})
        if not done:
            faults.append("the log holds no RESULT")
        faults += [f"round {name} was not sealed" for name, at in self.held.items() if "seal" not in at]
        faults += [f"round {rd['id']} was not held" for rd in rules["rounds"] if rd["id"] not in self.held]
        self.check("The log tells a possible story, everything countersigned", f"{len(self.held)} rounds, {len(self.gone)} withdrawals, {len(self.voided)} voided ballots, {needed} approvals each", faults)
        need(not any(f.startswith("round ") for f in faults), "the rounds are not complete, so nothing can be counted")

    def standing(self, name: str, gone: Collection[str]) -> list[str]:
        """The candidates of a round, in the order of the paper."""
        rd, ids = self.rounds[name], list(self.names)
        if name in self.told["runoffs"]:
            ids = [c for c in ids if c in self.told["runoffs"][name]]
        else:
            at = list(self.rounds).index(name)
            if at:
                admitted = self.held[list(self.rounds)[at - 1]]["seal"]["admitted"]
                ids = [c for c in ids if c in admitted or c == NOBODY]
            ids = [c for c in ids if c != NOBODY or rd["kind"] == "vote"]
        return [c for c in ids if c not in gone]

    def boxes(self) -> None:
        """The registers, and each round's box: leaves, roots, and every ballot or sheet against the rules."""
        tree, voters, papers = list[str](), list[str](), list[str]()
        lists: dict[str, dict[str, list[str]]] = {}
        for file in ("register.txt", "spent.txt"):
            lines = lines_of(self.files[file], file)
            if lines != sorted(set(lines)):
                voters.append(f"{file} is not sorted, or holds a line twice")
            per: dict[str, list[str]] = {}
            for line in lines:
                parts = line.split(" ")
                need(len(parts) == 3 and HEX.fullmatch(parts[2]), f"{file}: not “round class hash”: {line[:60]!r}")
                if parts[0] not in self.rounds:
                    voters.append(f"{file} names the unknown round {parts[0]}")
                per.setdefault(parts[0], []).append(line)
            lists[file] = per
        self.register, self.spent = lists["register.txt"], lists["spent.txt"]
        total = 0
        for name, at in self.held.items():
            rd = self.rounds[name]
            file = "sheets" if rd["kind"] == "jury" else "ballots"
            box = [item for item in self.lists[file] if item["round"] == name]
            total += len(box)
            if rd["publish"] == "totals":
                for item in box:
                    need(item.keys() == {"round", "leaf"} and HEX.fullmatch(str(item["leaf"])), f"{file}.jsonl: round {name} publishes totals, but a line is no leaf")
                leaves = [bytes.fromhex(item["leaf"]) for item in box]
                self.unproved.append(f"Round {name} publishes its totals only: its figures are taken as given.")
            else:
                leaves = [leaf_of(canonical(item)) for item in box]
            wanted = {count for count, _, _ in at["marks"]}
            found, start = roots(leaves, wanted), 0
            for count, root, where in at["marks"]:
                if found.get(count) != root:
                    tree.append(f"{where}: the root of the first {count} ballots of {name} is another one")
                if sorted(leaves[start:count]) != leaves[start:count]:
                    tree.append(f"{where}: the ballots of this batch are not sorted by their hashes")
                start = count
            closed = at["close"]["count"]
            if len(box) > closed:
                tree.append(f"round {name}: {len(box) - closed} ballots were added after the close")
            if len(box) < closed:
                tree.append(f"round {name}: {closed - len(box)} ballots of the closed box are missing")
            at["box"] = box
            if rd["publish"] != "totals":
                known = self.standing(name, {c for c, seq in self.gone.items() if seq < at["open"]})
                papers += self.sheets(rd, box, known) if rd["kind"] == "jury" else self.ballots(rd, box, known)
            voters += self.voters(name, rd, at)
        every = {item.get("receipt") for item in self.lists["ballots"]}
        papers += [f"the voided ballot {r} is not in the box" for r in sorted(self.voided - every)]
        stray = [i for name in ("ballots", "sheets") for i in self.lists[name] if i["round"] not in self.held or (self.rounds[i["round"]]["kind"] == "jury") != (name == "sheets")]
        papers += [f"a line belongs to no round of its kind: {stray[0]['round']}"] if stray else []
        self.check("Each box is what the checkpoints, the close and the seal say", f"{total} ballots and sheets, {sum(len(a['marks']) for a in self.held.values())} roots", tree)
        self.check("Codes: used ones are registered, as many as ballots", f"{sum(map(len, self.register.values()))} registered, {sum(map(len, self.spent.values()))} used", voters)
        self.check("Every ballot and sheet is valid, receipts are unique", f"{len(every - {None})} receipts", papers)

    def voters(self, name: str, rd: dict[str, Any], at: dict[str, Any]) -> list[str]:
        """The register and the used codes of one round."""
        faults, used, box = list[str](), self.spent.get(name, []), at["box"]
        enrolled = self.register.get(name, [])
        if at["seal"]["spent"] != sha("".join(line + "\n" for line in used)):
            faults.append(f"round {name}: spent.txt is not what was sealed")
        if name in self.registers or enrolled:
            said, classes = self.registers.get(name), dict[str, int]()
            for line in enrolled:
                classes[line.split(" ")[1]] = classes.get(line.split(" ")[1], 0) + 1
            if not said or said["hash"] != sha("".join(line + "\n" for line in enrolled)) or said["lines"] != len(enrolled) or {c: n for c, n in said["classes"].items() if n} != classes:
                faults.append(f"round {name}: register.txt is not what was logged before the opening")
        elif name in self.told["runoffs"]:
            vote = next(r["id"] for r in self.rules["rounds"] if r["kind"] == "vote")
            enrolled = [f"{name} {line.split(' ', 1)[1]}" for line in self.register.get(vote, [])]
        strangers = set(used) - set(enrolled)
        if strangers:
            faults.append(f"round {name}: {len(strangers)} used codes are not in the register")
        if rd["kind"] == "jury" or rd["electorate"] != "codes":
            return faults + ([f"round {name} has no codes, but spent.txt has some"] if used else [])
        for group in [k["id"] for k in rd["classes"]] if rd["publish"] != "totals" else [""]:
            codes = sum(not group or line.split(" ")[1] == group for line in used)
            cast = sum(not group or (b["class"], b["channel"]) == (group, "code") for b in box)
            if codes != cast:
                faults.append(f"round {name}{', class ' + group if group else ''}: {codes} used codes, but {cast} ballots by code")
        return faults

    def ballots(self, rd: dict[str, Any], box: list[dict[str, Any]], known: list[str]) -> list[str]:
        faults, receipts = list[str](), set[str]()
        classes, ranked = {k["id"] for k in rd["classes"]}, rd["form"] == "ranking"
        own = "code" if rd["electorate"] == "codes" else "device"
        entered: dict[tuple[str, str, str], dict[str, int]] = {}
        spec = {"round": S, "class": S, "choices": [[S]], "receipt": S, "salt": S, "channel": S}
        for b in box:
            shape(b, spec, f"a ballot of round {rd['id']}")
            need(b.keys() == spec.keys(), f"a ballot of round {rd['id']} has unknown fields")
            choices, channel, receipt = b["choices"], b["channel"], b["receipt"]
            def say(text: str, receipt: str = receipt) -> None:
                faults.append(f"ballot {receipt}: {text}")
            named = [c for rank in choices for c in rank]
            if receipt in receipts:
                say("the receipt comes twice")
            receipts.add(receipt)
            if b["class"] not in classes:
                say(f"unknown class {b['class']}")
            if channel in ("hands", "paper"):
                counts = entered.setdefault((rd["id"], channel, b["class"]), {})
                counts[canonical(choices)] = counts.get(canonical(choices), 0) + 1
                if not re.fullmatch(channel + r"-\d{4,}", receipt) or b["salt"]:
                    say("not a receipt of this channel")
            elif channel != own:
                say(f"the channel {channel} is not open in this round")
            elif not RECEIPT.fullmatch(receipt) or not re.fullmatch("[0-9a-f]{32}", b["salt"]):
                say("the receipt or the salt is not of the right form")
            for c in sorted(set(named) - set(known)):
                say(f"names {c}, who does not stand in this round")
            if not named:
                if choices or not rd["abstain"]:
                    say("an abstention, which the rules do not allow")
            elif len(set(named)) < len(named) or any(rank != sorted(rank) or not rank for rank in choices):
                say("a candidate twice, an empty rank, or a rank that is not sorted")
            elif ranked and not rd["ties"] and len(choices) < len(named):
                say("tied ranks, which the rules do not allow")
            elif (not ranked and len(choices) > 1) or (rd["form"] == "single" and len(named) > 1):
                say(f"does not have the form {rd['form']}")
            else:
                most = 1 if rd["form"] == "single" else rd["most"] or len(known)
                least = 1 if named == [NOBODY] else min(rd["least"], len(known), most)
                if not least <= len(named) <= most:
                    say(f"names {len(named)} candidates, the rules allow {least} to {most}")
        logged = {key: counts for key, counts in self.channels.items() if key[0] == rd["id"]}
        if entered != logged:
            faults.append(f"round {rd['id']}: ballots by hands or paper are not the confirmed counts")
        return faults

    def sheets(self, rd: dict[str, Any], box: list[dict[str, Any]], known: list[str]) -> list[str]:
        faults, seen = list[str](), set[str]()
        jurors, scale = {j["id"] for j in rd["jurors"]}, {k["id"]: k for k in rd["criteria"]}
        field = "marks" if rd["rule"] in MARKS else "picks" if rd["rule"] == "approval" else "ranking"
        spec: dict[str, Any] = {"round": S, "juror": S, "salt": S, "recused": (S,)}
        spec[field] = {"marks": ((N,),), "picks": [S], "ranking": [[S]]}[field]
        for sheet in box:
            shape(sheet, spec, f"a sheet of round {rd['id']}")
            need(sheet.keys() == spec.keys(), f"a sheet of round {rd['id']} has unknown fields")
            who, given = sheet["juror"], sheet[field]
            if who not in jurors or who in seen:
                faults.append(f"sheet of {who}: no juror of round {rd['id']}, or a second sheet")
            seen.add(who)
            named = list(given) if field == "marks" else given if field == "picks" else sum(given, [])
            if set(named) - set(known) or set(sheet["recused"]) - set(known) or len(set(named)) < len(named):
                faults.append(f"sheet of {who}: somebody who does not stand in this round, or a candidate twice")
            if set(sheet["recused"].values()) - set(REASONS):
                faults.append(f"sheet of {who}: unknown reason for keeping out")
            if field == "picks" and rd["picks"] and len(given) > rd["picks"]:
                faults.append(f"sheet of {who}: {len(given)} picks, the rules allow {rd['picks']}")
            for k, mark in ((k, m) for marks in given.values() for k, m in marks.items()) if field == "marks" else ():
                if k not in scale or not scale[k]["low"] <= mark <= scale[k]["high"]:
                    faults.append(f"sheet of {who}: the mark {mark} for {k} is not on the scale")
        return faults

    def recount(self) -> None:
        """Counts everything again and compares it with result.json."""
        rules, given, faults = self.rules, self.result, list[str]()
        gone, last, totals = set(self.gone), "", list[str]()
        for name, at in self.held.items():
            rd, stand = self.rounds[name], self.standing(name, gone)
            if name not in self.told["runoffs"]:
                last = name
            if rd["publish"] == "totals":
                totals.append(name)
                count = self.as_given(rd, name, at, stand)
            elif rd["kind"] == "jury":
                now = self.standing(name, at["gone"])
                ladder = rules["decision"]["ladder"]
                short = shortlist(rd, count_jury(rd, at["box"], now), now, ladder)
                if at["seal"]["admitted"] != short:
                    faults.append(f"round {name}: {', '.join(at['seal']['admitted'])} went on, the recount gives {', '.join(short)}")
                count = count_jury(rd, at["box"], stand)
            else:
                spent = len(self.spent.get(name, [])) if rd["electorate"] == "codes" else len(at["box"])
                live = [b for b in at["box"] if b["receipt"] not in self.voided]
                count = count_vote(rd, live, stand, (len(self.register.get(name, [])), spent))
            count.result["admitted"] = at["seal"]["admitted"]
            self.counts[name] = count
            self.told["root"] = at["seal"]["root"]
        stand = self.standing(last, gone)
        if rules["decision"]["blend"] == "jury":
            stand = [c for c in stand if c != NOBODY]
        try:
            found = decide(rules, self.counts, stand, self.told)
        except Hidden:
            found = {k: given.get(k) for k in ("kind", "winners", "ranking", "ties", "combined", "jury_only")}
            self.unproved.append("The tie was parted by ballots or sheets that are not published: taken as given.")
        votes = [b for rd in rules["rounds"] if rd["kind"] == "vote" for b in self.held[rd["id"]]["box"] if "choices" in b and b["receipt"] not in self.voided]
        found.update({"award": rules["award"], "rules_hash": sha(self.files["rules.json"]), "withdrawn": sorted(gone),
                      "rounds": {name: count.result for name, count in self.counts.items()},
                      "withdrawn_votes": {c: sum(any(c in rank for rank in b["choices"]) for b in votes) for c in gone}})
        if totals and vote_hidden(self.rounds, totals):
            found["withdrawn_votes"] = given.get("withdrawn_votes")
        self.found = found
        faults += differences(given, found, "result.json")
        self.check("The recount gives the published result", self.verdict(found), faults)

    def as_given(self, rd: dict[str, Any], name: str, at: dict[str, Any], stand: list[str]) -> Count:
        """A round whose ballots are not published, with the figures of result.json."""
        said = self.result["rounds"].get(name, {})
        spec = {"ballots": N, "valid": N, "weight": N, "figures": (S,), "ranking": [[S]], "not_rated": [S], "percent": (S,),
                "fallback": B, "steps": [{}], "turnout": {"register": N, "spent": N}}
        shape(said, spec, f"result.json, round {name}")
        count = Count(rd["kind"], said["ballots"], said["valid"], said["weight"], (said["turnout"]["register"], said["turnout"]["spent"]))
        count.hidden = True
        count.result.update({key: said[key] for key in ("not_rated", "fallback", "percent")})
        count.say({c: fraction(text) for c, text in said["figures"].items()}, said["ranking"], said["steps"])
        if sorted([*said["figures"], *said["not_rated"]]) != sorted(stand):
            raise Broken(f"result.json, round {name}: the figures are not those of the candidates who stand")
        return count

    def verdict(self, found: dict[str, Any]) -> str:
        names = ", ".join(self.names.get(c, c) for c in found["winners"] or [])
        return {"winner": f"{names} wins", "shared": f"shared by {names}", NOBODY: "nobody gets the award"}.get(str(found["kind"]), str(found["kind"]))


def vote_hidden(rounds: dict[str, Any], totals: list[str]) -> bool:
    return any(rounds[name]["kind"] == "vote" for name in totals)


def fraction(text: str) -> Fraction:
    need(re.fullmatch(r"-?\d{1,60}(/[1-9]\d{0,60})?", text), f"result.json: not a figure: {text[:40]!r}")
    return Fraction(text)


def differences(given: Any, found: Any, where: str) -> list[str]:
    """Where two results differ, in words."""
    if isinstance(given, dict) and isinstance(found, dict):
        return [text for key in sorted({*given, *found})
                for text in differences(given.get(key), found.get(key), f"{where}, {key}")]
    said, says = canonical(given), canonical(found)
    return [] if said == says else [f"{where}: the record says {said[:200]}, the recount gives {says[:200]}"]


CANNOT = (
    "Whether each code went to one entitled person, and nobody was pressed or paid.",
    "Whether phones and pages showed and sent what people chose: each voter can check that by the receipt.",
    "Whether whoever ran the server could see who voted how while the vote was open.",
    "Whether the key and the roots are those that the hall saw: compare them with your own notes.",
)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("Say which record: python3 recount.py record.zip")
        return 1
    stop, audit = "", None
    try:
        audit = Audit(load(arguments[0]))
        audit.run()
    except Broken as error:
        stop = str(error)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        stop = f"the record is malformed ({type(error).__name__}: {error})"
    checks = audit.checks if audit else []
    bad = bool(stop) or any(faults for _, _, faults in checks)
    if audit:
        print(f"Recount of “{audit.rules['title']}” (award {audit.rules['award']})\n")
    for title, figures, faults in checks:
        print(f"{'FAULT' if faults else 'fine '}  {title}: {figures}.")
        for fault in faults[:8]:
            print(f"       - {fault}")
        if len(faults) > 8:
            print(f"       - and {len(faults) - 8} more")
    if stop:
        print(f"FAULT  The recount stopped: {stop}")
    for line in audit.unproved if audit else []:
        print(f"note   {line}")
    print("\nWhat no recount can prove:")
    for line in CANNOT:
        print(f"- {line}")
    print("\nThis record does NOT fit." if bad else "\nEverything fits. The published result is the recount's.")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
