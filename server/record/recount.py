#!/usr/bin/env python3
# fmt: off
# ruff: noqa: B905, E701
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
import zlib
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from typing import Any

FILES = ["rules.json", "register.txt", "spent.txt", "ballots.jsonl", "sheets.jsonl",
    "log.jsonl", "result.json", "key.txt"]
LARGEST = 200_000_000  # bytes of all files together: more is no record of a vote
NOBODY, HEX, MARKS = "nobody", re.compile("[0-9a-f]{64}"), ("mean", "trimmed", "median", "ranksum", "points")
REASONS = {"own-entry", "employer", "family", "business", "other"}
SIGNED = ("CHECKPOINT", "CLOSE", "SEAL", "RESULT")
BODIES = {"RULES": "rules_hash", "REGISTER": "round lines:int hash classes:ints", "OPEN": "round",
    "REVEAL": "", "CHECKPOINT": "round count:int root", "CLOSE": "round count:int root",
    "PAUSE": "round", "DRAW": "text", "CHANNEL": "round channel class counts:ints by:texts",
    "APPROVE": "round root scrutineer", "SEAL": "round root spent admitted:texts",
    "WITHDRAWN": "candidate reason by:texts", "RESUME": "round", "VOIDED": "receipt reason by:texts",
    "CHAIR": "candidate name", "RUNOFF": "round candidates:texts", "RESULT": "result_hash",
    "CORRECTION": "text"}
RULES = "version:int event award title candidates:objects rounds:objects approvals:int scrutineers:objects"
DECISION = ("blend jury_round jury_weight:int audience_weight:int jury_table:list audience_table:list "
    "jury_only_without_audience:bool ladder:texts")
JURY = ("rule shortlist:int boundary drop:int table:list picks:int unranked quorum_min:int quorum_share "
    "jurors:objects criteria:objects publish")
VOTE = ("electorate classes:objects form method least:int most:int ties:bool abstain:bool min_turnout:int "
    "publish")
COUNTED = ("ballots:int valid:int weight:int figures:map percent:map ranking:list not_rated:texts "
    "fallback:bool turnout:map steps:list")
KINDS: dict[str, Any] = {"str": str, "int": int, "bool": bool, "list": list, "map": dict}
Ranks = list[list[str]]
Voice = tuple[Ranks, set[str], int]  # an order, all whom it compares, its weight

class Broken(Exception):
    """The record cannot be read any further."""

class Hidden(Exception):
    """A rung of the tie ladder asks for ballots or sheets that the record does not hold."""

def need(fine: Any, text: str) -> None:
    if not fine: raise Broken(text)

def shape(value: Any, fields: str, where: str) -> None:
    """Raises Broken unless the value is an object with these fields, each text or of the kind named."""
    need(type(value) is dict, f"{where} is not an object")
    for field in fields.split():
        name, _, kind = field.partition(":")
        need(name in value, f"{where} lacks “{name}”")
        held, wrong = value[name], f"{where}: “{name}” is of the wrong kind"
        if kind in ("texts", "objects", "ints"):
            inner = {"texts": str, "objects": dict, "ints": int}[kind]
            need(type(held) is (dict if kind == "ints" else list), wrong)
            need(all(type(one) is inner for one in (held.values() if kind == "ints" else held)), wrong)
        else: need(type(held) is KINDS[kind or "str"], wrong)

def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)

def parse(text: str, where: str) -> Any:
    def no_float(number: str) -> Any: raise Broken(f"{where} holds a number that is not whole: {number[:20]}")
    try: value = json.loads(text, parse_float=no_float, parse_constant=no_float)
    except (ValueError, RecursionError): raise Broken(f"{where} is not JSON") from None
    need(canonical(value) == text, f"{where} is not canonical JSON (keys sorted, no spaces, each key once)")
    need(unicodedata.is_normalized("NFC", text), f"{where} is not in Unicode form NFC")
    return value

def load(path: str) -> dict[str, str]:
    """The files of a record, by name."""
    raw: dict[str, bytes] = {}
    try:
        if os.path.isdir(path):
            names = os.listdir(path)
            size = sum(os.path.getsize(os.path.join(path, name)) for name in names)
        else:
            with zipfile.ZipFile(path) as box:
                names, size = box.namelist(), sum(info.file_size for info in box.infolist())
        need(len(set(names)) == len(names), "the zip holds a file name twice")
        need(size <= LARGEST, "the record is too large")
        for name in set(names) & set(FILES):
            if os.path.isdir(path):
                with open(os.path.join(path, name), "rb") as file: raw[name] = file.read()
            else:
                with zipfile.ZipFile(path) as box: raw[name] = box.read(name)
        for name in FILES: need(name in raw, f"{name} is missing")
        for name in names: need(name in (*FILES, "recount.py", "README.txt"), f"no part of a record: {name}")
        return {name: data.decode("utf-8") for name, data in raw.items()}
    except UnicodeDecodeError as error: raise Broken(f"a file is not UTF-8: {error}") from None
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError) as error:
        raise Broken(f"{path} cannot be read as a zip or a folder: {error}") from None

# --- signatures: Ed25519, RFC 8032, section 5.1.7 ---
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]  # extended homogeneous coordinates

def add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def point_of(data: bytes) -> Point | None:
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if (x * x - x2) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    if len(data) != 32 or y >= P or (x * x - x2) % P or (not x and sign): return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P

def multiples(point: Point) -> list[list[Point]]:
    """d · 16^w · point for each digit d and place w: a multiplication is then 64 additions."""
    table: list[list[Point]] = []
    for _ in range(64):
        table.append([(0, 1, 1, 0)])
        for _ in range(15): table[-1].append(add(table[-1][-1], point))
        point = add(table[-1][-1], point)
    return table

class Key:
    """A public key that checks signatures."""
    def __init__(self, public: bytes) -> None:
        base, key = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little")), point_of(public)
        if base is None or key is None: raise Broken("key.txt holds no public key of Ed25519")
        self.public, self.tables = public, (multiples(base), multiples((-key[0] % P, key[1], 1, -key[3] % P)))
    def signed(self, message: bytes, signature: bytes) -> bool:
        s, point = int.from_bytes(signature[32:], "little"), (0, 1, 1, 0)
        if len(signature) != 64 or s >= L: return False
        k = int.from_bytes(hashlib.sha512(signature[:32] + self.public + message).digest(), "little") % L
        for table, number in ((self.tables[0], s), (self.tables[1], k)):
            for place, row in enumerate(table): point = add(point, row[number >> 4 * place & 15])
        z = pow(point[2], -1, P)
        return ((point[1] * z % P) | (point[0] * z % P & 1) << 255).to_bytes(32, "little") == signature[:32]

def roots(leaves: list[bytes], counts: set[int]) -> dict[int, str]:
    """The roots (RFC 6962, section 2.1) of the first n leaves, for each n."""
    found, stack = {0: sha("")}, list[tuple[int, bytes]]()
    for n, leaf in enumerate(leaves, start=1):
        stack.append((1, leaf))
        while len(stack) > 1 and stack[-2][0] == stack[-1][0]:
            (size, left), (_, right) = stack[-2:]
            stack[-2:] = [(2 * size, hashlib.sha256(b"\1" + left + right).digest())]
        if n in counts:
            root = stack[-1][1]
            for _, left in reversed(stack[:-1]): root = hashlib.sha256(b"\1" + left + root).digest()
            found[n] = root.hex()
    return found

# --- counting ---
def by_figure(figures: dict[str, Any], lowest_first: bool = False) -> Ranks:
    values = sorted(set(figures.values()), reverse=not lowest_first)
    return [sorted(c for c in figures if figures[c] == value) for value in values]

def only(ranks: Iterable[Collection[str]], kept: Collection[str]) -> Ranks:
    return [rank for rank in (sorted(c for c in rank if c in kept) for rank in ranks) if rank]

def mean(values: Collection[Any]) -> Fraction:
    return Fraction(sum(values)) / len(values)

def spread(ranks: Ranks, table: Sequence[int]) -> dict[str, Fraction]:
    """The values of a table by place; those who share places get the mean of them."""
    points, place = dict[str, Fraction](), 0
    for rank in ranks:
        points.update(dict.fromkeys(rank, Fraction(sum(table[place : place + len(rank)]), len(rank))))
        place += len(rank)
    return points

def naming(voices: list[Voice], who: Iterable[str]) -> dict[str, Any]:
    return {c: sum(weight for ranks, _, weight in voices if any(c in r for r in ranks)) for c in who}

def above(voices: list[Voice], x: str, y: str) -> int:
    """The weight of the voices that compare x and y and put x above."""
    both = [v for v in voices if x in v[1] and y in v[1]]
    firsts = (([c for c in r if c in (x, y)] for r in v[0] if x in r or y in r) for v in both)
    return sum(v[2] for v, first in zip(both, firsts) if next(first, []) == [x])

def borda(voices: list[Voice], who: Iterable[str], unranked: str) -> dict[str, Any]:
    figures = dict.fromkeys(who, Fraction())
    for ranks, covers, weight in voices:
        named = [c for rank in ranks for c in rank]
        rest = sorted(covers - set(named)) if unranked == "average" else []
        best = len(named) if unranked == "length" else len(covers)
        for c, n in spread([*ranks, rest] if rest else ranks, range(best, 0,
            -1)).items(): figures[c] += n * weight
    return figures

def leaving(tallies: list[dict[str, int]]) -> tuple[list[str], list[str], list[str]]:
    """In an instant runoff: who is tied for last, by which rungs that is parted, who leaves."""
    tally, fewest = tallies[-1], min(tallies[-1].values())
    last = left = sorted(c for c in tally if tally[c] == fewest)
    if len(last) == len(tally): return last, ["undecided"], []
    if len(last) == 1: return [], [], last
    for earlier in reversed(tallies[:-1]):
        left = [c for c in left if earlier[c] == min(earlier[other] for other in left)]
        if len(left) == 1: return last, ["previous-rounds"], left
    rungs = ["previous-rounds", "first-preferences", "together"]
    can_leave = fewest * len(last) < min(votes for votes in tally.values() if votes > fewest)
    return (last, rungs, last) if can_leave else (last, [*rungs, "undecided"], [])

def irv(voices: list[Voice], who: Iterable[str]) -> tuple[dict[str, Any], Ranks, list[Any]]:
    stay, figures, gone, steps, tallies = sorted(who), dict[str, Any](), Ranks(), list[Any](), list[Any]()
    while True:
        tally = dict.fromkeys(stay, 0)
        for ranks, _, weight in voices:
            singles = (found for found in ([c for c in rank if c in tally] for rank in ranks)
                if len(found) == 1)
            for target in next(singles, []): tally[target] += weight
        tallies.append(tally)
        figures.update(tally)
        counting = sum(tally.values())
        elected = [c for c in stay if tally[c] > counting // 2]
        tied, rungs, out = ([], [], []) if elected else leaving(tallies)
        steps.append({"tally": tally, "exhausted": sum(v[2] for v in voices) - counting,
            "elected": elected, "threshold": counting // 2 + 1, "eliminated": out, "tied": tied,
            "rungs": rungs})
        if not out: return figures, [*(by_figure(tally) if elected else [stay]), *gone], steps
        gone, stay = [out, *gone], [c for c in stay if c not in out]

def schulze(voices: list[Voice], who: Iterable[str]) -> tuple[dict[str, Any], Ranks, list[Any]]:
    pairs = {(x, y): 0 for x in who for y in who if x != y}
    for ranks, covers, weight in voices:
        below = set(covers)
        for rank in ranks:
            below -= set(rank)
            for pair in ((x, y) for x in rank for y in below): pairs[pair] += weight
    path = {(x, y): votes if votes > pairs[y, x] else 0 for (x, y), votes in pairs.items()}
    for z, (x, y) in ((z, pair) for z in who for pair in path):
        if z not in (x, y): path[x, y] = max(path[x, y], min(path[x, z], path[z, y]))
    ahead = {x: {y for y in who if x != y and path[x, y] > path[y, x]} for x in who}
    left, ranking = set(who), Ranks()
    while left:
        ranking.append(sorted(x for x in left if not any(x in ahead[y] for y in left)))
        left -= set(ranking[-1])
    return {x: len(ahead[x]) for x in who}, ranking, []

def by_method(method: str, voices: list[Voice], who: list[str], unranked: str) -> tuple[Any, Ranks,
    list[Any]]:
    """Figures, ranking and steps of one of the methods that read orders."""
    if method == "irv": return irv(voices, who)
    if method == "schulze-winning": return schulze(voices, who)
    need(method in ("plurality", "approval", "borda"), f"rules.json: unknown method {method}")
    figures = borda(voices, who, unranked) if method == "borda" else naming(voices, who)
    return figures, by_figure(figures), []

class Count:
    """A round as it was counted: `result` is its part of result.json, the rest is for the tie ladder."""
    def __init__(self, kind: str, ballots: int, valid: int, weight: int, turnout: tuple[int, int]) -> None:
        self.result: dict[str, Any] = {"kind": kind, "ballots": ballots, "valid": valid,
            "weight": weight, "abstentions": ballots - valid, "percent": {}, "not_rated": [],
            "fallback": False, "admitted": [], "turnout": {"register": turnout[0], "spent": turnout[1]}}
        self.voices: list[Voice] = []
        self.givers: dict[str, Any] = {}
        self.criteria: dict[str, dict[str, Any]] = {}
        self.hidden = False
    def say(self, figures: dict[str, Any], ranking: Ranks, steps: list[Any]) -> Count:
        self.figures, self.ranking = {c: Fraction(f) for c, f in figures.items()}, ranking
        texts = {c: str(figure) for c, figure in self.figures.items()}
        self.result.update({"figures": texts, "ranking": ranking, "steps": steps})
        return self
    def refine(self, rung: str, group: list[str]) -> Ranks:
        """The group parted by a rung that reads one round; as it was when the rung does not apply."""
        if self.hidden: raise Hidden
        value: dict[str, Any] = self.givers if rung == "groups" else {}
        if rung == "countback":
            places = {c: [0] * (1 + max((len(v[1]) for v in self.voices), default=0)) for c in group}
            for ranks, _, weight in self.voices:
                for at, rank in enumerate(ranks):
                    for c in set(rank) & set(group): places[c][sum(map(len, ranks[:at]))] += weight
            value = {c: tuple(found) for c, found in places.items()}
        elif rung == "head-to-head":
            duels = {(x, y): above(self.voices, x, y) for x in group for y in group if x != y}
            value = {x: sum(1 + (duels[x, y] > duels[y, x]) - (duels[x, y] < duels[y, x]) for y in group
                if y != x) for x in group}
        elif rung.startswith("criterion:"): value = self.criteria.get(rung[len("criterion:"):], {})
        return by_figure({c: value[c] for c in group}) if value.keys() >= set(group) else [group]

def count_jury(rd: dict[str, Any], sheets: list[dict[str, Any]], stand: list[str]) -> Count:
    rule, jurors, weights = rd["rule"], rd["jurors"], {k["id"]: k["weight"] for k in rd["criteria"]}
    fits, said, drop = [], list[Ranks](), rd["drop"] if rd["rule"] == "trimmed" else 0
    for sheet in sheets:
        may = {c for c in stand if c not in sheet["recused"]}
        said.append(only([sheet["picks"]] if rule == "approval" else sheet.get("ranking", []), may))
        full = {c for c in may if weights.keys() <= sheet.get("marks", {}).get(c, {}).keys()}
        fits.append(full if rule in MARKS else may if said[-1] else set())
    share, counting = Fraction(rd["quorum_share"]), {c: [i for i, f in enumerate(fits) if c in f]
        for c in stand}
    able = {c: len(jurors) - sum(c in sheet["recused"] for sheet in sheets) for c in stand}
    rated = {c for c in stand if len(counting[c]) >= max(1, rd["quorum_min"], -(-share * able[c] // 1))}
    valid = sum(map(bool, fits))
    count = Count("jury", len(sheets), valid, valid, (len(jurors), len(sheets)))
    count.result["not_rated"] = sorted(set(stand) - rated)
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
        count.criteria = {k: {c: mean([sheets[i]["marks"][c][k] for i in counting[c]]) for c in stand
            if counting[c]} for k in weights}
    else:
        count.voices = [(only(r, rated), rated - sheets[i]["recused"].keys(), 1) for i, r in enumerate(said)]
    voices = count.voices = [voice for voice in count.voices if voice[0]]
    partial = any(covers != rated for _, covers, _ in voices)
    values = {c: sorted(mark(i, c) for i in counting[c]) for c in rated} if rule in MARKS else {}
    if drop and any(len(marks) < 2 * drop + 3
        for marks in values.values()): drop, count.result["fallback"] = 0, True
    figures: dict[str, Any] = {}
    if not voices: return count.say(dict.fromkeys(rated, 0), [], [])
    if rule in ("mean", "trimmed"): figures = {c: mean(v[drop:len(v) - drop]) for c, v in values.items()}
    elif rule == "median": figures = {c: (v[(len(v) - 1) // 2] + v[len(v) // 2]) / 2 for c,
        v in values.items()}
    elif rule == "ranksum":
        at = [(spread(ranks, range(1, len(covers) + 1)), len(covers)) for ranks, covers, _ in voices]
        figures = {c: mean([(p[c] - Fraction(1, 2)) / n if partial else p[c] for p, n in at if c in p])
            for c in rated}
    elif rule == "points":
        points = [spread(ranks, rd["table"]) for ranks, _, _ in voices]
        count.givers = {c: sum(p.get(c, 0) > 0 for p in points) for c in rated}
        figures = {c: sum(p.get(c, Fraction()) for p in points) for c in rated}
        if partial: figures = {c: f / (rd["table"][0] * sum(c in v[1] for v in voices)) for c,
            f in figures.items()}
    else:
        count.givers = naming(voices, rated) if rule in ("approval", "borda") else {}
        figures, ranking, _ = by_method(rule, voices, sorted(rated), rd["unranked"])
        if rule != "borda" or not partial: return count.say(figures, ranking, [])
        figures = {c: f / (sum(len(v[1]) for v in voices if c in v[1]) or 1) for c, f in figures.items()}
    return count.say(figures, by_figure(figures, lowest_first=rule == "ranksum"), [])

def shortlist(rd: dict[str, Any], count: Count, stand: list[str], ladder: list[str]) -> list[str]:
    groups, before, chosen = count.ranking, 0, set[str]()
    for rung in ladder if rd["boundary"] == "ladder" else []:
        if rung in ("groups", "countback", "head-to-head") or rung.startswith("criterion:"):
            before, parted = 0, Ranks()
            for group in groups:
                straddles = before < rd["shortlist"] < before + len(group)
                parted += count.refine(rung, group) if straddles else [group]
                before += len(group)
            groups = parted
    for group in groups: chosen |= set(group) if len(chosen) < rd["shortlist"] else set()
    return [c for c in stand if c in chosen or not rd["shortlist"]]

def count_vote(rd: dict[str, Any], ballots: list[dict[str, Any]], stand: list[str], turnout: Any) -> Count:
    """`ballots` without the voided ones."""
    weight_of, profile, valid = {k["id"]: k["weight"] for k in rd["classes"]}, dict[str, int](), 0
    for ballot in ballots:
        text = canonical(only(ballot["choices"], stand))
        if text == "[]": continue
        valid += 1
        profile[text] = profile.get(text, 0) + weight_of[ballot["class"]]
    weight = sum(profile.values())
    count = Count("vote", len(ballots), valid, weight, turnout)
    count.voices = [(json.loads(ranks), set(stand), n) for ranks, n in profile.items()]
    count.givers = naming(count.voices, stand)
    figures, ranking, steps = dict[str, Any].fromkeys(stand, 0), Ranks(), list[Any]()
    if weight: figures, ranking, steps = by_method(rd["method"], count.voices, stand, rd["unranked"])
    if rd["method"] in ("plurality", "approval", "irv"):
        count.result["percent"] = {c: str((200 * f + weight) // (2 * weight or 1)) for c,
            f in figures.items()}
    took_place = weight and len(ballots) >= rd["min_turnout"]
    return count.say(figures, ranking if took_place else [], steps if took_place else [])

def combine(how: dict[str, Any], jury: Count | None, vote: Count | None, stand: list[str]) -> tuple[Any,
    Ranks, bool]:
    """The figures that decide, the ranking by them, and whether the jury had to decide alone."""
    blend, heard, figures = how["blend"], vote is not None and bool(vote.ranking), dict[str, Any]()
    if vote and heard and blend == "audience": return vote.figures, only(vote.ranking, stand), False
    if jury is None: return {}, [], False
    rated = [c for c in stand if c in jury.figures]
    judged, both = only(jury.ranking, rated), [*rated, *({NOBODY} & set(stand))]
    shares = [sum(side.figures.get(c, 0) for c in both) for side in (jury, vote) if side]
    if not judged or (blend == "shares" and not shares[0]): return {}, [], False
    if blend == "jury" or vote is None or not heard or (blend == "shares" and not shares[1]):
        may = blend == "jury" or how["jury_only_without_audience"]
        return {c: jury.figures[c] for c in rated}, judged if may else [], blend != "jury"
    points, tables = spread(judged, how["jury_table"]), spread(only(vote.ranking, both),
        how["audience_table"])
    for c in both:
        figures[c] = points.get(c, Fraction()) + tables[c]
        if blend == "shares":
            figures[c] = how["jury_weight"] * jury.figures.get(c, 0) / shares[0]
            figures[c] += how["audience_weight"] * vote.figures[c] / shares[1]
    return figures, by_figure(figures), False

def decide(rules: dict[str, Any], counts: dict[str, Count], stand: list[str], told: dict[str,
    Any]) -> dict[str, Any]:
    """The award's part of result.json; `stand` are those it is decided between, `told` what the log added."""
    how, regular = rules["decision"], {r["id"]: r["kind"] for r in rules["rounds"]}
    vote = next((counts[r] for r, kind in regular.items() if kind == "vote"), None)
    jury, juries = counts.get(how["jury_round"]), [r for r, kind in regular.items() if kind == "jury"]
    figures, ranking, jury_only = combine(how, jury, vote, stand)
    result: dict[str, Any] = {"kind": "winner", "winners": [], "ranking": ranking, "ties": [],
        "combined": {}, "jury_only": jury_only and bool(ranking)}
    if not ranking: return {**result, "kind": "no-valid-votes"}
    placed, top = {c for group in ranking for c in group}, ranking[0]
    result["combined"] = {c: str(figure) for c, figure in figures.items() if c in placed}
    if len(top) > 1:
        if NOBODY in top:
            parts = [[NOBODY], [c for c in top if c != NOBODY]]
            tie: dict[str, Any] = {"candidates": top, "rung": NOBODY, "tried": [NOBODY], "parted": parts}
        else:
            side = vote if how["blend"] == "audience" and not jury_only else jury
            judged = counts.get(how["jury_round"] or (juries or [""])[-1])
            tie, pending = climb(how["ladder"], counts, top, side, judged, vote, told)
            if len(tie["parted"][0]) > 1: result["kind"] = "undecided" if pending else "shared"
        result.update({"ties": [tie], "ranking": tie["parted"] + ranking[1:]})
    if result["ranking"][0] == [NOBODY]: result["kind"] = NOBODY
    result["winners"] = result["ranking"][0] if result["kind"] in ("winner", "shared") else []
    return result

def climb(ladder: list[str], counts: dict[str, Count], tied: list[str], side: Count | None,
    judged: Count | None, vote: Count | None, told: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The tie as the ladder leaves it, and whether it waits for somebody."""
    top, behind, tried, pending = tied, Ranks(), list[str](), False
    for rung in [*(rung for rung in ladder if rung != "shared"), "shared"]:
        runoffs = [name for name in told["runoffs"] if name in counts and name not in tried]
        for step in [*runoffs, rung] if rung in ("chair", "lot", "shared") else [rung]:
            if len(top) == 1 or pending: break
            parts, chair, draw = [top], told["chair"], told["draw"]
            if step in runoffs:
                if sorted(counts[step].figures) != top or not counts[step].ranking: continue
                parts = only(counts[step].ranking, top)
            elif step == "audience" and vote and vote.ranking: parts = only(vote.ranking, top)
            elif step == "chair": parts, pending = only([[chair], set(top) - {chair}], top), chair not in top
            elif step == "lot":
                lots, pending = {c: sha(f"{told['root']}|{c}|{draw}") for c in top}, not draw
                parts = [top] if pending else by_figure(lots, lowest_first=True)
            elif step.startswith("criterion:") and judged: parts = judged.refine(step, top)
            elif step in ("groups", "countback", "head-to-head") and side: parts = side.refine(step, top)
            tried.append(step)
            top, behind = parts[0], [*parts[1:], *behind]
    return {"candidates": tied, "rung": tried[-1], "tried": tried, "parted": [top, *behind]}, pending

# --- the audit ---
class Audit:
    """Goes through a record once; `checks` are what was looked at, with the faults found."""
    def __init__(self, files: dict[str, str]) -> None:
        self.files, self.unproved, self.faults, self.where = files, list[str](), list[str](), ""
        self.checks: list[tuple[str, str, list[str]]] = []
        self.rules, self.result = (parse(files[name], name) for name in ("rules.json", "result.json"))
        for name in FILES[1:6]: need(files[name][-1:] in ("", "\n"), f"{name} does not end with a line end")
        self.ballots, self.sheets, self.log = ([parse(line, f"{name}, line {i}") for i,
            line in enumerate(files[name].split("\n")[:-1], start=1)] for name in FILES[3:6])
        shape(self.rules, RULES + " checkpoint:map decision:map", "rules.json")
        shape(self.rules["decision"], DECISION, "rules.json, decision")
        shape(self.rules["checkpoint"], "every_s:int min_new:int", "rules.json, checkpoint")
        for one in self.rules["candidates"] + self.rules["scrutineers"]: shape(one, "id name", "rules.json")
        for rd in self.rules["rounds"]:
            shape(rd, "id kind", "rules.json, rounds")
            shape(rd, JURY if rd["kind"] == "jury" else VOTE, f"rules.json, round {rd['id']}")
            for one in rd.get("criteria", []): shape(one,
                "id weight:int low:int high:int", "rules.json, criteria")
            for one in rd.get("classes", []): shape(one, "id weight:int", "rules.json, classes")
            for one in rd.get("jurors", []): shape(one, "id name group", "rules.json, jurors")
        shape(self.result, "rounds:map", "result.json")
        for one in self.ballots + self.sheets: shape(one, "round", "a ballot or sheet")
        for e in self.log:
            shape(e, "seq:int prev at_ms:int type body:map hash sig", "log.jsonl")
            need(e["type"] in BODIES, f"log.jsonl, entry {e['seq']}: unknown type {e['type'][:20]!r}")
            shape(e["body"], BODIES[e["type"]], f"log.jsonl, entry {e['seq']}")
        self.rounds: dict[str, Any] = {rd["id"]: rd for rd in self.rules["rounds"]}
        self.names = {c["id"]: c["name"] for c in self.rules["candidates"]}
    def want(self, fine: Any, text: str) -> None:
        """Notes a fault unless all is fine; `where` says what is being looked at."""
        if not fine: self.faults.append(f"{self.where}{': ' if self.where else ''}{text}")
    def check(self, title: str, figures: str) -> None:
        self.checks.append((title, figures, self.faults))
        self.faults, self.where = [], ""
    def run(self) -> None:
        self.check("Every file is there and in canonical form", f"{len(self.files)} files")
        for part in (self.chain, self.story, self.boxes, self.recount): part()
    def chain(self) -> None:
        """The log's chain of hashes and the signatures on its heads."""
        prev, text = "0" * 64, self.files["key.txt"].strip()
        need(HEX.fullmatch(text), "key.txt holds no public key of Ed25519 in 64 hexadecimal digits")
        key, heads = Key(bytes.fromhex(text)), [e for e in self.log if e["type"] in SIGNED]
        for seq, e in enumerate(self.log, start=1):
            self.where = f"log entry {seq}"
            self.want(e["seq"] == seq, f"has the number {e['seq']}: entries are missing or out of order")
            self.want(e["prev"] == prev, "does not continue the entry before it")
            prev = sha(canonical({k: v for k, v in e.items() if k not in ("hash", "sig")}))
            self.want(e["hash"] == prev, "was altered: its hash does not fit its content")
            if e["type"] not in SIGNED: self.want(not e["sig"], "has a signature where there is none to be")
            else:
                good = re.fullmatch("[0-9a-f]{128}", e["sig"])
                self.want(good and key.signed(bytes.fromhex(prev),
                    bytes.fromhex(e["sig"])),
                    f"({e['type']}) the signature is not valid for the key in key.txt")
        self.check("The log is one unbroken chain, its heads are signed",
            f"{len(self.log)} entries, {len(heads)} signatures, key {text[:16]}…")
    def story(self) -> None:
        """What happened, in its order: `held` has the rounds, `told` what people added for the tie ladder."""
        rules, self.told = self.rules, dict[str, Any](chair="", draw="", runoffs={}, root="")
        self.held, self.gone, self.registers = dict[str, Any](), dict[str, int](), dict[str, Any]()
        self.voided, self.channels = set[str](), dict[tuple[str, str, str], dict[str, int]]()
        people = {s[key]: s["id"] for s in rules["scrutineers"] for key in ("name", "id")}
        needed, done, want = rules["approvals"] if people else 1, False, self.want
        want(self.log and self.log[0]["type"] == "RULES", "the log does not begin with RULES")
        for e in self.log:
            kind, body, self.where = e["type"], e["body"], f"log entry {e['seq']} ({e['type']})"
            name, by = body.get("round", ""), {people.get(who, "" if people else who)
                for who in body.get("by", [])}
            want(not done or kind in ("REVEAL", "CORRECTION"), "nothing changes after the RESULT")
            if kind == "RULES":
                want(e["seq"] == 1, "the rules were changed later")
                want(body["rules_hash"] == sha(self.files["rules.json"]), "rules.json is not what was frozen")
            elif kind in ("WITHDRAWN", "VOIDED"):
                want(len(by - {""}) >= needed, f"{len(by - {''})} scrutineers stand behind it, {needed} must")
                want(body["reason"].strip(), "no reason is given")
                if kind == "VOIDED": self.voided.add(body["receipt"])
                else:
                    want(body["candidate"] in self.names.keys() - {NOBODY},
                        f"unknown candidate {body['candidate']}")
                    self.gone.setdefault(body["candidate"], e["seq"])
            elif kind == "RUNOFF":
                vote = next((rd for rd in rules["rounds"] if rd["kind"] == "vote"), None)
                need(vote and name not in self.rounds
                    and set(body["candidates"]) <= self.names.keys() - {NOBODY},
                    f"{self.where}: no such run-off is possible")
                self.rounds[name], self.told["runoffs"][name] = {**(vote or {}),
                    "id": name}, body["candidates"]
            elif kind == "DRAW":
                want(not self.told["draw"] and all("seal" in at
                    for at in self.held.values()), "the draw is entered once, when all rounds are sealed")
                self.told["draw"] = body["text"]
            elif kind == "CHAIR": self.told["chair"] = body["candidate"]
            elif kind == "RESULT":
                done = True
                want(body["result_hash"] == sha(self.files["result.json"]),
                    "result.json is not what was logged")
            if not name or kind == "RUNOFF": continue
            need(name in self.rounds, f"{self.where}: unknown round {name}")
            at, before = self.held.get(name, {}), list(self.rounds)[:list(self.rounds).index(name)]
            if kind == "REGISTER":
                want(not at and name not in self.registers, "the register was changed after it was fixed")
                self.registers[name] = body
            elif kind == "OPEN":
                want(not at and all("seal" in self.held.get(other, {})
                    for other in before), "opened again, or before the round before it was sealed")
                self.held[name] = {"open": e["seq"], "heads": [(0, sha(""), self.where)], "by": {}}
            elif not at or ("close" in at) != (kind in ("APPROVE", "SEAL")) or "seal" in at:
                want(False, "this cannot happen to the round as it stands")
            elif kind in ("CHECKPOINT", "CLOSE"):
                last, fewest = at["heads"][-1][0], max(1,
                    rules["checkpoint"]["min_new"]) * (kind == "CHECKPOINT")
                want(body["count"] >= last + fewest,
                    f"{body['count']} ballots after {last}: at least {fewest} new ones make a checkpoint")
                at["heads"].append((body["count"], body["root"], self.where))
                if kind == "CLOSE": at["close"] = body
            elif kind == "CHANNEL":
                want(len({who.strip()
                    for who in body["by"]} - {""}) > 1, "two different people must confirm it")
                counts = self.channels.setdefault((name, body["channel"], body["class"]), {})
                for choices, n in body["counts"].items(): counts[choices] = counts.get(choices, 0) + n
            elif kind == "APPROVE":
                who = people.get(body["scrutineer"], "" if people else body["scrutineer"])
                want(who, f"{body['scrutineer'][:40]} is no scrutineer of this award")
                at["by"].setdefault(body["root"], set()).update({who} - {""})
            elif kind == "SEAL":
                n = len(at["by"].get(body["root"], ()))
                want(body["root"] == at["close"]["root"],
                    "the box that was sealed is not the one that was closed")
                want(n >= needed, f"{n} scrutineers approved this box, {needed} must")
                at.update({"seal": body, "gone": set(self.gone)})
        self.where, sealed = "", [name for name, at in self.held.items() if "seal" in at]
        want(done, "the log holds no RESULT")
        self.check("The log tells a possible story, everything is countersigned",
            f"{len(sealed)} rounds sealed, "
            f"{len(self.gone)} withdrawals, {len(self.voided)} voided ballots, {needed} approvals each")
        for name in self.rounds: need(name in sealed,
            f"round {name} was not sealed, so nothing can be counted")
    def standing(self, name: str, gone: Collection[str]) -> list[str]:
        """The candidates of a round, in the order of the paper."""
        before, stays = list(self.rounds)[:list(self.rounds).index(name)], set(self.names) - {NOBODY}
        if name in self.told["runoffs"]: stays = set(self.told["runoffs"][name])
        elif before: stays &= set(self.held[before[-1]]["seal"]["admitted"])
        if self.rounds[name]["kind"] == "vote" and name not in self.told["runoffs"]: stays.add(NOBODY)
        return [c for c in self.names if c in stays and c not in gone]
    def boxes(self) -> None:
        """Each round's box: leaves and roots; every ballot or sheet against the rules; codes."""
        tree, codes, papers, want, receipts = list[str](), list[str](), list[str](), self.want, list[str]()
        self.lists: dict[str, dict[str, list[str]]] = {name: {} for name in ("register.txt", "spent.txt")}
        for file, per in self.lists.items():
            lines, self.where = self.files[file].split("\n")[:-1], file
            want(lines == sorted(set(lines)), "is not sorted, or holds a line twice")
            for line in lines:
                parts = line.split(" ")
                need(len(parts) == 3
                    and HEX.fullmatch(parts[2]), f"{file}: not “round class hash”: {line[:60]!r}")
                want(parts[0] in self.rounds, f"unknown round {parts[0]}")
                per.setdefault(parts[0], []).append(line)
        codes, self.faults = self.faults, []
        for name, at in self.held.items():
            rd, jury = self.rounds[name], self.rounds[name]["kind"] == "jury"
            at["box"] = box = [item for item in (self.sheets if jury else self.ballots)
                if item["round"] == name]
            if rd["publish"] == "totals":
                for item in box: need(item.keys() == {"round", "leaf"}
                    and HEX.fullmatch(str(item["leaf"])),
                    f"round {name} publishes totals, but a line is no leaf")
                self.unproved.append(f"Round {name} publishes totals only: its figures are taken as given.")
            else:
                known = self.standing(name, {c for c, seq in self.gone.items() if seq < at["open"]})
                (self.check_sheets if jury else self.check_ballots)(rd, box, known)
                receipts += [] if jury else [b["receipt"] for b in box]
            papers, self.faults, self.where = papers + self.faults, [], f"round {name}"
            self.voters(name, rd, at)
            codes, self.faults = codes + self.faults, []
            leaves = [bytes.fromhex(item["leaf"]) if rd["publish"] == "totals"
                else hashlib.sha256(b"\0" + canonical(item).encode()).digest() for item in box]
            found, start, closed = roots(leaves, {head[0] for head in at["heads"]}), 0, at["close"]["count"]
            for count, root, self.where in at["heads"]:
                want(found.get(count) == root,
                    f"the root of the first {count} ballots of {name} is another one")
                want(sorted(leaves[start:count]) == leaves[start:count],
                    "its ballots are not sorted by their hashes")
                start = count
            self.where = f"round {name}"
            want(len(box) <= closed, f"{len(box) - closed} ballots were added after the close")
            want(len(box) >= closed, f"{closed - len(box)} ballots of the closed box are missing")
            tree, self.faults = tree + self.faults, []
        self.where, n = "", sum(len(at["box"]) for at in self.held.values())
        want(n == len(self.ballots + self.sheets), "some ballots or sheets belong to no round of their kind")
        for receipt in sorted(self.voided - set(receipts)): want(False,
            f"the voided ballot {receipt} is not in the box")
        papers, self.faults = papers + self.faults, tree
        self.check("Each box is what checkpoints, close and seal say",
            f"{n} ballots and sheets, {sum(len(at['heads']) - 1 for at in self.held.values())} roots")
        self.faults = codes
        used, enrolled = (sum(map(len, self.lists[file].values())) for file in ("spent.txt", "register.txt"))
        self.check("Codes: used ones are registered, as many as ballots",
            f"{enrolled} registered, {used} used")
        self.faults = papers
        self.check("Every ballot and sheet is valid, receipts are unique", f"{len(set(receipts))} receipts")
    def voters(self, name: str, rd: dict[str, Any], at: dict[str, Any]) -> None:
        """The register and the used codes of one round."""
        used, enrolled, box = *(self.lists[f].get(name, []) for f in ("spent.txt", "register.txt")), at["box"]
        hashes, said = [sha("".join(line + "\n" for line in lines)) for lines in (used,
            enrolled)], self.registers.get(name)
        self.want(at["seal"]["spent"] == hashes[0], "spent.txt is not what was sealed")
        if said or enrolled:
            listed = [line.split(" ")[1] for line in enrolled]
            fits = said and (said["hash"], said["lines"]) == (hashes[1],
                len(enrolled)) and all(listed.count(c) == said["classes"].get(c, 0) for c in {*listed,
                *said["classes"]})
            self.want(fits, "register.txt is not what was logged before the opening")
        elif name in self.told["runoffs"]:
            vote = next(r["id"] for r in self.rules["rounds"] if r["kind"] == "vote")
            enrolled = [f"{name} {line.split(' ', 1)[1]}" for line in self.lists["register.txt"].get(vote,
                [])]
        strangers = len(set(used) - set(enrolled))
        self.want(not strangers, f"{strangers} used codes are not in the register")
        by_code = rd["kind"] == "vote" and rd["electorate"] == "codes"
        self.want(by_code or not used, "has no codes, but spent.txt has some")
        for group in [k["id"] for k in rd["classes"]] if by_code and rd["publish"] != "totals" else []:
            codes = sum(line.split(" ")[1] == group for line in used)
            cast = sum(b["class"] == group and b["channel"] == "code" for b in box)
            self.want(codes == cast, f"class {group}: {codes} used codes, but {cast} ballots by code")
        if by_code and rd["publish"] == "totals": self.want(len(used) == len(box),
            f"{len(used)} used codes, but {len(box)} ballots")
    def check_ballots(self, rd: dict[str, Any], box: list[dict[str, Any]], known: list[str]) -> None:
        seen, entered, want = set[str](), dict[tuple[str, str, str], dict[str, int]](), self.want
        classes, form, own = {k["id"] for k in rd["classes"]}, rd["form"], rd["electorate"][:-1]
        most = 1 if form == "single" else rd["most"] or len(known)
        for b in box:
            shape(b, "round class choices:list receipt salt channel", f"a ballot of round {rd['id']}")
            need(len(b) == 6, f"a ballot of round {rd['id']} has unknown fields")
            choices, channel, receipt = b["choices"], b["channel"], b["receipt"]
            self.where = f"ballot {receipt}"
            named = [c for rank in choices for c in rank]
            want(receipt not in seen, "the receipt comes twice")
            seen.add(receipt)
            want(b["class"] in classes, f"unknown class {b['class']}")
            if channel in ("hands", "paper"):
                counts = entered.setdefault((rd["id"], channel, b["class"]), {})
                counts[canonical(choices)] = counts.get(canonical(choices), 0) + 1
            want(channel in (own, "hands", "paper"), f"the channel {channel} is not open in this round")
            pattern = r"[a-z2-7]{12} [0-9a-f]{32}" if channel == own else channel + r"-\d{4,} "
            want(re.fullmatch(pattern,
                f"{receipt} {b['salt']}"), "the receipt or the salt is not of the right form")
            for c in sorted(set(named) - set(known)): want(False,
                f"names {c}, who does not stand in this round")
            want(named or (not choices and rd["abstain"]), "an abstention, which the rules do not allow")
            want(len(set(named)) == len(named) and all(rank == sorted(rank) and rank
                for rank in choices), "a candidate twice, an empty rank, or a rank that is not sorted")
            want(form == "ranking" or len(choices) < 2, f"does not have the form {form}")
            want(form != "ranking" or rd["ties"]
                or len(choices) == len(named), "ties, which the rules do not allow")
            least = 1 if named == [NOBODY] else min(rd["least"], len(known), most)
            want(not named
                or least <= len(named) <= most, f"names {len(named)}, the rules allow {least} to {most}")
        self.where = f"round {rd['id']}"
        logged = {key: counts for key, counts in self.channels.items() if key[0] == rd["id"]}
        want(entered == logged, "ballots by hands or paper are not the confirmed counts")
    def check_sheets(self, rd: dict[str, Any], box: list[dict[str, Any]], known: list[str]) -> None:
        seen, want = set[str](), self.want
        jurors, scale = {j["id"] for j in rd["jurors"]}, {k["id"]: k for k in rd["criteria"]}
        field = "marks" if rd["rule"] in MARKS else "picks" if rd["rule"] == "approval" else "ranking"
        kind = {"marks": "map", "picks": "texts", "ranking": "list"}[field]
        for sheet in box:
            shape(sheet, f"round juror salt recused:map {field}:{kind}", f"a sheet of round {rd['id']}")
            need(len(sheet) == 5, f"a sheet of round {rd['id']} has unknown fields")
            who, given, self.where = sheet["juror"], sheet[field], f"sheet of {sheet['juror']}"
            want(who in jurors and who not in seen, f"no juror of round {rd['id']}, or a second sheet")
            seen.add(who)
            named = [c for rank in given for c in rank] if field == "ranking" else list(given)
            want({*named, *sheet["recused"]} <= set(known)
                and len(set(named)) == len(named),
                "somebody who does not stand in this round, or a candidate twice")
            want(set(sheet["recused"].values()) <= REASONS, "unknown reason for keeping out")
            if field == "picks": want(len(given) <= (rd["picks"]
                or len(given)), f"more than {rd['picks']} picks")
            for k, mark in ((k, m) for marks in given.values() for k,
                m in marks.items()) if field == "marks" else ():
                fits = type(mark) is int and k in scale and scale[k]["low"] <= mark <= scale[k]["high"]
                want(fits, f"the mark {mark} for {k} is not on the scale")
    def recount(self) -> None:
        """Counts everything again and compares it with result.json."""
        counts, gone, stand, rules = dict[str, Count](), set(self.gone), list[str](), self.rules
        for name, at in self.held.items():
            rd, who, box = self.rounds[name], self.standing(name, gone), at["box"]
            stand = stand if name in self.told["runoffs"] else who
            if rd["publish"] == "totals": counts[name] = self.as_given(rd, name, who)
            elif rd["kind"] == "jury":
                then, counts[name] = self.standing(name, at["gone"]), count_jury(rd, box, who)
                short = shortlist(rd, count_jury(rd, box, then), then, rules["decision"]["ladder"])
                self.want(at["seal"]["admitted"] == short,
                    f"round {name}: {', '.join(at['seal']['admitted'])} went on, "
                    f"the recount gives {', '.join(short)}")
            else:
                turnout = len(self.lists["register.txt"].get(name,
                    [])), len(self.lists["spent.txt"].get(name, []))
                turnout = turnout if rd["electorate"] == "codes" else (0, len(box))
                counts[name] = count_vote(rd, [b for b in box if b["receipt"] not in self.voided],
                    who, turnout)
            counts[name].result["admitted"], self.told["root"] = at["seal"]["admitted"], at["seal"]["root"]
        if rules["decision"]["blend"] == "jury": stand = [c for c in stand if c != NOBODY]
        try: found = decide(rules, counts, stand, self.told)
        except Hidden:
            found = {key: self.result.get(key) for key in ("kind", "winners", "ranking", "ties",
                "combined", "jury_only")}
            self.unproved.append("The tie was parted by sheets or ballots that are not published.")
        votes = [b["choices"] for b in self.ballots if "choices" in b and b["receipt"] not in self.voided
            and b["round"] not in self.told["runoffs"]]
        found.update({"award": rules["award"], "rules_hash": sha(self.files["rules.json"]),
            "withdrawn": sorted(gone), "rounds": {name: count.result for name,
            count in counts.items()}, "withdrawn_votes": {c: sum(any(c in rank for rank in ranks)
            for ranks in votes) for c in gone}})
        if any("leaf" in b
            for b in self.ballots): found["withdrawn_votes"] = self.result.get("withdrawn_votes")
        self.found = found
        self.faults += differences(self.result, found, "result.json")
        names = ", ".join(self.names.get(c, c) for c in found["winners"] or [])
        words = {"winner": f"{names} wins", "shared": f"shared by {names}", NOBODY: "nobody gets the award"}
        self.check("The recount gives the published result", words.get(str(found["kind"]),
            str(found["kind"])))
    def as_given(self, rd: dict[str, Any], name: str, stand: list[str]) -> Count:
        """A round whose ballots are not published, with the figures of result.json."""
        said, where = self.result["rounds"].get(name, {}), f"result.json, round {name}"
        shape(said, COUNTED, where)
        shape(said["turnout"], "register:int spent:int", where)
        need(sorted([*said["figures"],
            *said["not_rated"]]) == sorted(stand), f"{where}: not the figures of who stands")
        for text in said["figures"].values(): need(re.fullmatch(r"\d{1,99}(/[1-9]\d{0,99})?",
            str(text)), f"{where}: not a figure: {str(text)[:40]!r}")
        turnout = said["turnout"]["register"], said["turnout"]["spent"]
        count = Count(rd["kind"], said["ballots"], said["valid"], said["weight"], turnout)
        count.hidden = True
        count.result.update({key: said[key] for key in ("not_rated", "fallback", "percent")})
        return count.say(said["figures"], said["ranking"], said["steps"])

def differences(given: Any, found: Any, where: str) -> list[str]:
    """Where two results differ, in words."""
    if isinstance(given, dict) and isinstance(found, dict):
        return [text for key in sorted({*given, *found}) for text in differences(given.get(key),
            found.get(key), f"{where}, {key}")]
    said, says = canonical(given), canonical(found)
    return [] if said == says else [f"{where}: the record says {said[:200]}, the recount gives {says[:200]}"]

CANNOT = """
What no recount can prove:
- that each code went to one entitled person, and that nobody was pressed or paid;
- that phones and pages showed and sent what people chose: each voter can check that by the receipt;
- that whoever ran the server did not look who voted how while the vote was open;
- that the key and the roots are those that the hall saw: compare them with your own notes.
"""

def main(arguments: list[str]) -> int:
    stop, audit = "" if len(arguments) == 1 else "say which record: python3 recount.py record.zip", None
    try:
        if not stop:
            audit = Audit(load(arguments[0]))
            audit.run()
    except Broken as error: stop = str(error)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        stop = f"the record is malformed ({type(error).__name__}: {error})"
    if audit: print(f"Recount of “{audit.rules['title']}” (award {audit.rules['award']})\n")
    for title, figures, faults in audit.checks if audit else []:
        print(f"{'FAULT' if faults else 'fine '}  {title}: {figures}.")
        for fault in faults[:8]: print(f"       - {fault}")
        if len(faults) > 8: print(f"       - and {len(faults) - 8} more")
    for fault in audit.faults[:8] if audit else []: print(f"FAULT  {fault}")
    if stop: print(f"FAULT  The recount stopped: {stop}")
    for line in audit.unproved if audit else []: print(f"note   {line}")
    bad = bool(stop) or audit is None or any(faults for _, _, faults in audit.checks)
    print(CANNOT)
    print("This record does NOT fit." if bad else "Everything fits. The published result is the recount's.")
    return int(bad)

if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
