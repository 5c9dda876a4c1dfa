#!/usr/bin/env python3
"""Recounts an award from its published record: python3 recount.py record.zip (or the unpacked folder).

Needs Python 3.9 or newer and nothing else, and shares no code with the program that ran the vote.
Ends with 0 when everything fits, else with 1.
"""
from __future__ import annotations
import functools, hashlib, json, os, re, sys, unicodedata, zipfile, zlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from typing import Any

FILES = ("rules.json register.txt spent.txt ballots.jsonl sheets.jsonl log.jsonl result.json key.txt").split()
LARGEST = 200_000_000  # bytes of all files together: more is no record of a vote
HEX, FRACTION = re.compile("[0-9a-f]{64}"), re.compile(r"\d{1,99}(/[1-9]\d{0,98})?")
NOBODY, MARKS, OWN = "nobody", ("mean", "trimmed", "median", "ranksum", "points"), ("irv", "schulze-winning")
REASONS = {"own-entry", "employer", "family", "business", "other"}
ENTRIES = {  # the log: what an entry holds, and the state in which its round must be
    "RULES": ("rules_hash", ""), "REGISTER": ("round lines:int hash classes:int%", ""), "OPEN": ("round", "waiting"),
    "CHECKPOINT": ("round count:int root", "open"), "CLOSE": ("round count:int root", "open"), "PAUSE": ("round", "open"),
    "CHANNEL": ("round channel class counts:int% by:str*", "open"), "APPROVE": ("round root scrutineer", "closed"),
    "SEAL": ("round root spent admitted:str*", "closed"), "WITHDRAWN": ("candidate reason by:str*", ""), "DRAW": ("text", ""),
    "VOIDED": ("receipt reason by:str*", ""), "CHAIR": ("candidate name", ""), "RUNOFF": ("round candidates:str*", ""),
    "RESULT": ("result_hash", ""), "REVEAL": ("", ""), "CORRECTION": ("text", ""), "RESUME": ("round", "open")}
SIGNED, AFTER = ("CHECKPOINT", "CLOSE", "SEAL", "RESULT"), ("REVEAL", "CORRECTION")
SHAPES = {  # every object: "name:kind" for each field, without kind a text; "kind*" is a list, "kind%" an object of that kind
    "rules": "version:int event award title candidates:named* rounds:round* approvals:int scrutineers:named* checkpoint:pace "
    "decision:decision", "named": "id name", "round": "id kind publish", "pace": "every_s:int min_new:int",
    "decision": "blend jury_round jury_weight:int audience_weight:int jury_table:int* audience_table:int* ladder:str* "
    "jury_only_without_audience:bool", "juror": "id name group", "criterion": "id weight:int low:int high:int",
    "jury": "rule shortlist:int boundary drop:int table:int* picks:int unranked quorum_min:int quorum_share jurors:juror* "
    "criteria:criterion*", "class": "id weight:int", "turnout": "register:int spent:int", "result": "rounds:map", "line": "round",
    "vote": "electorate classes:class* form method least:int most:int ties:bool abstain:bool unranked min_turnout:int",
    "counted": "ballots:int valid:int weight:int figures:str% percent:str% ranking:str** not_rated:str* fallback:bool "
    "turnout:turnout steps:list", "leaf": "round leaf", "ballot": "round class choices:str** receipt salt channel",
    "marks": "round juror salt recused:str% marks:int%%", "picks": "round juror salt recused:str% picks:str*",
    "ranking": "round juror salt recused:str% ranking:str**", "entry": "seq:int prev at_ms:int type body:map hash sig"}
EXACT = ("leaf", "ballot", "marks", "picks", "ranking", "entry")  # these have no other fields
KINDS: dict[str, Any] = {"str": str, "int": int, "bool": bool, "map": dict, "list": list}
FIELDS = {kind: [tuple(f"{field}:str".split(":")[:2]) for field in fields.split()]
    for kind, fields in [*SHAPES.items(), *((kind, fields) for kind, (fields, _) in ENTRIES.items())]}
Json, Ranks, Names = dict[str, Any], list[list[str]], Collection[str]
Voice = tuple[Ranks, set[str], int]  # an order, all whom it compares, its weight
Counted = tuple[Json, Ranks, list[Any]]  # figures, ranking, the steps of a runoff
class Broken(Exception): """The record cannot be read any further."""
class Hidden(Exception): """A rung of the tie ladder asks for ballots or sheets that the record does not hold."""
def need(fine: Any, text: str) -> None:
    if not fine: raise Broken(text)
def shape(value: Any, kind: str, where: str) -> None:
    """Raises Broken unless the value is of this kind: one of KINDS or FIELDS, a list (*) or an object (%) of them."""
    many = {"*": list, "%": dict}.get(kind[-1])
    if kind in KINDS or many: need(type(value) is (many or KINDS[kind]), f"{where} is of the wrong kind")
    else:
        need(type(value) is dict, f"{where} is not an object")
        for name, inner in FIELDS[kind]:
            need(name in value, f"{where} lacks “{name}”")
            shape(value[name], inner, f"{where}: “{name}”")
        need(kind not in EXACT or len(value) == len(FIELDS[kind]), f"{where} has unknown fields")
    for one in (value if many is list else value.values()) if many else (): shape(one, kind[:-1], where)
def sha(text: str) -> str: return hashlib.sha256(text.encode()).hexdigest()
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
    try:
        if os.path.isdir(path): sizes = [(name, os.path.getsize(os.path.join(path, name))) for name in os.listdir(path)]
        else: sizes = [(info.filename, info.file_size) for info in zipfile.ZipFile(path).infolist()]
        need(len(dict(sizes)) == len(sizes), "the zip holds a file name twice")
        need(sum(size for _, size in sizes) <= LARGEST, "the record is too large")
        for name, _ in sizes: need(name in (*FILES, "recount.py", "README.txt"), f"no part of a record: {name}")
        for name in FILES: need(name in dict(sizes), f"{name} is missing")
        def read(name: str) -> bytes:
            with open(os.path.join(path, name), "rb") if os.path.isdir(path) else zipfile.ZipFile(path).open(name) as file:
                return file.read()
        return {name: read(name).decode("utf-8") for name in FILES}
    except UnicodeDecodeError as error: raise Broken(f"a file is not UTF-8: {error}") from None
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError) as error:
        raise Broken(f"{path} cannot be read as a zip or a folder: {error}") from None

# --- signatures: Ed25519, RFC 8032, section 5.1.7; the tree of RFC 6962, section 2.1 ---
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]  # extended homogeneous coordinates
def add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P
def point_of(data: bytes) -> Point:
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if (x * x - x2) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    need(y < P and (x * x - x2) % P == 0 and (x or not sign), "key.txt holds no public key of Ed25519")
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
        self.public, self.tables = public, (multiples(base), multiples((-key[0] % P, key[1], 1, -key[3] % P)))
    def signed(self, message: bytes, signature: bytes) -> bool:
        s, point = int.from_bytes(signature[32:], "little"), (0, 1, 1, 0)
        if len(signature) != 64 or s >= L: return False
        k = int.from_bytes(hashlib.sha512(signature[:32] + self.public + message).digest(), "little") % L
        for table, number in ((self.tables[0], s), (self.tables[1], k)):
            for place, row in enumerate(table): point = add(point, row[number >> 4 * place & 15])
        z = pow(point[2], -1, P)
        return ((point[1] * z % P) | (point[0] * z % P & 1) << 255).to_bytes(32, "little") == signature[:32]
def roots(leaves: list[bytes], counts: Iterable[int]) -> dict[int, str]:
    """The Merkle roots of the first n leaves, for each n; the left half of a tree has a power of two of them."""
    @functools.lru_cache(None)
    def root(start: int, end: int) -> bytes:
        if end - start == 1: return leaves[start]
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        return hashlib.sha256(b"\1" + root(start, middle) + root(middle, end)).digest()
    return {n: root(0, n).hex() if n else sha("") for n in counts if 0 <= n <= len(leaves)}

# --- counting: whole numbers and fractions only ---
def by_figure(figures: Json, lowest_first: bool = False) -> Ranks:
    values = sorted(set(figures.values()), reverse=not lowest_first)
    return [sorted(c for c in figures if figures[c] == value) for value in values]
def only(ranks: Iterable[Names], kept: Names) -> Ranks:
    return [rank for rank in (sorted(c for c in rank if c in kept) for rank in ranks) if rank]
def mean(values: Collection[Any]) -> Fraction: return Fraction(sum(values)) / len(values)
def by_place(ranks: Ranks, table: Sequence[int]) -> dict[str, Fraction]:
    """The values of a table by place, 0 beyond its end; those who share places get the mean of them."""
    points, place = dict[str, Fraction](), 0
    for rank in ranks:
        points.update(dict.fromkeys(rank, Fraction(sum(table[place:place + len(rank)]), len(rank))))
        place += len(rank)
    return points
def naming(voices: list[Voice], who: Iterable[str]) -> Json:
    return {c: sum(weight for ranks, _, weight in voices if any(c in rank for rank in ranks)) for c in who}
def duels(voices: list[Voice], who: Names) -> dict[tuple[str, str], int]:
    """For each pair the weight of the voices that compare the two and put the first above the second."""
    pairs = {(x, y): 0 for x in who for y in who if x != y}
    for ranks, covers, weight in voices:
        below = covers & set(who)
        for rank in only(ranks, who):
            below -= set(rank)
            for pair in ((x, y) for x in rank for y in below): pairs[pair] += weight
    return pairs
def borda(voices: list[Voice], who: Names, unranked: str) -> Json:
    figures = dict.fromkeys(who, Fraction())
    for ranks, covers, weight in voices:
        named = {c for rank in ranks for c in rank}
        best, rest = len(named if unranked == "length" else covers), [covers - named] if unranked == "average" else []
        for c, n in by_place(ranks + only(rest, covers), range(best, 0, -1)).items(): figures[c] += n * weight
    return figures
def irv(voices: list[Voice], who: Iterable[str]) -> Counted:
    """Instant runoff: each time the last leaves. A ballot counts for the first who stands alone in a rank."""
    stay, figures, gone, steps = sorted(who), Json(), Ranks(), list[Any]()
    while True:
        tally = dict.fromkeys(stay, 0)
        for ranks, _, weight in voices:
            for first in next((rank for rank in only(ranks, tally) if len(rank) == 1), []): tally[first] += weight
        figures.update(tally)
        counting, fewest, rungs = sum(tally.values()), min(tally.values()), list[str]()
        elected = [c for c in stay if 2 * tally[c] > counting]
        last = out = [c for c in stay if tally[c] == fewest] if not elected else []
        if len(last) == len(stay) > 1: rungs, out = ["undecided"], []
        elif len(last) > 1:  # fewest in the rounds before, latest first; else together, if they stay below the next
            rungs = ["previous-rounds"]
            for tallied in (step["tally"] for step in reversed(steps)):
                out = [c for c in out if tallied[c] == min(tallied[other] for other in out)]
            if len(out) > 1:
                fits = fewest * len(last) < min(n for n in tally.values() if n > fewest)
                rungs, out = [*rungs, "first-preferences", "together", *([] if fits else ["undecided"])], last if fits else []
        steps.append({"tally": tally, "exhausted": sum(weight for *_, weight in voices) - counting, "elected": elected,
            "threshold": counting // 2 + 1, "eliminated": out, "tied": last if rungs else [], "rungs": rungs})
        if not out: return figures, [*(by_figure(tally) if elected else [stay]), *gone], steps
        gone, stay = [out, *gone], [c for c in stay if c not in out]
def schulze(voices: list[Voice], who: Names) -> Counted:
    pairs, left, ranking = duels(voices, who), set(who), Ranks()
    path = {(x, y): votes if votes > pairs[y, x] else 0 for (x, y), votes in pairs.items()}
    for z, (x, y) in ((z, pair) for z in who for pair in path):
        if z not in (x, y): path[x, y] = max(path[x, y], min(path[x, z], path[z, y]))
    ahead = {x: {y for y in who if x != y and path[x, y] > path[y, x]} for x in who}
    while left:
        ranking.append(sorted(x for x in left if not any(x in ahead[y] for y in left)))
        left -= set(ranking[-1])
    return {x: len(ahead[x]) for x in who}, ranking, []
def by_method(method: str, voices: list[Voice], who: list[str], unranked: str) -> Counted:
    """Figures, ranking and steps of one of the methods that read orders."""
    need(method in (*OWN, "plurality", "approval", "borda"), f"rules.json: unknown method {method}")
    if method in OWN: return (irv if method == "irv" else schulze)(voices, who)
    figures = borda(voices, who, unranked) if method == "borda" else naming(voices, who)
    return figures, by_figure(figures), []
class Count:
    """A round as it was counted: `result` is its part of result.json, the rest is for decision and tie ladder."""
    def __init__(self, figures: Json, ranking: Ranks, voices: list[Voice] | None, givers: Json, criteria: Json, **result: Any) -> None:
        self.figures, self.ranking, self.voices = {c: Fraction(f) for c, f in figures.items()}, ranking, voices
        self.givers, self.criteria, texts = givers, criteria, {c: str(f) for c, f in self.figures.items()}
        self.result: Json = {"percent": {}, "not_rated": [], "fallback": False, **result, "ranking": ranking, "figures": texts,
            "abstentions": result["ballots"] - result["valid"]}
    def part(self, rung: str, group: list[str]) -> Ranks:
        """The group parted by a rung that reads one round; as it was when the rung does not apply."""
        if self.voices is None: raise Hidden
        value: Json = self.givers if rung == "groups" else self.criteria.get(rung[len("criterion:"):], {})
        if rung == "countback":  # how often each place was given: 1, 2, 3 and so on
            places = [({c: sum(map(len, ranks[:i])) for i, rank in enumerate(ranks) for c in rank}, n) for ranks, _, n in self.voices]
            most = max((len(covers) for _, covers, _ in self.voices), default=0)
            value = {c: tuple(sum(n for at, n in places if at.get(c) == i) for i in range(most)) for c in group}
        elif rung == "head-to-head":  # 2 for each win, 1 for each draw
            pairs = duels(self.voices, group)
            value = {x: sum(1 + (pairs[x, y] > pairs[y, x]) - (pairs[x, y] < pairs[y, x]) for y in group if y != x) for x in group}
        return by_figure({c: value[c] for c in group}) if value.keys() >= set(group) else [group]
def count_jury(rd: Json, sheets: list[Json], stand: list[str]) -> Count:
    rule, marked, weights = rd["rule"], rd["rule"] in MARKS, {k["id"]: k["weight"] for k in rd["criteria"]}
    says, fits, teams = list[Any](), list[set[str]](), dict[Any, list[Any]]()  # each sheet's marks or order; for whom it counts
    for i, sheet in enumerate(sheets):
        may = {c for c in stand if c not in sheet["recused"]}
        if marked:
            full = [(c, m) for c, m in sheet["marks"].items() if c in may and weights.keys() <= m.keys()]
            says.append({c: Fraction(sum(w * m[k] for k, w in weights.items()), sum(weights.values())) for c, m in full})
        else: says.append(only([sheet["picks"]] if rule == "approval" else sheet["ranking"], may))
        fits.append(set(says[i]) if marked else may if says[i] else set())
        group = next(j["group"] for j in rd["jurors"] if j["id"] == sheet["juror"])
        teams.setdefault(rule == "points" and group or i, []).append(says[i])
    able = {c: len(rd["jurors"]) - sum(c in sheet["recused"] for sheet in sheets) for c in stand}
    counting, share = {c: [i for i, who in enumerate(fits) if c in who] for c in stand}, Fraction(rd["quorum_share"])
    rated = {c for c in stand if len(counting[c]) >= max(1, rd["quorum_min"], -(-share * able[c] // 1))}
    if marked:  # a voice is one juror, or with points a group of jurors
        means = [{c: mean([m[c] for m in team if c in m]) for c in rated if any(c in m for m in team)} for team in teams.values()]
        voices = [(by_figure(m), set(m), 1) for m in means]
    else: voices = [(only(ranks, rated), rated - sheet["recused"].keys(), 1) for ranks, sheet in zip(says, sheets)]
    voices = [voice for voice in voices if voice[0]]
    over = {c: [len(covers) for _, covers, _ in voices if c in covers] for c in rated}
    gaps, values = any(covers != rated for _, covers, _ in voices), {c: sorted(says[i][c] for i in counting[c]) for c in rated if marked}
    fallback = rule == "trimmed" and any(len(v) < 2 * rd["drop"] + 3 for v in values.values())
    drop, ranking, steps = rd["drop"] if rule == "trimmed" and not fallback else 0, Ranks(), list[Any]()
    figures, givers = Json.fromkeys(rated, 0), naming(voices, rated) if rule in ("approval", "borda") else {}
    if not voices: givers = {}
    elif rule in ("mean", "trimmed"): figures = {c: mean(v[drop:len(v) - drop]) for c, v in values.items()}
    elif rule == "median": figures = {c: mean([v[(len(v) - 1) // 2], v[len(v) // 2]]) for c, v in values.items()}
    elif rule == "ranksum":  # with gaps the share (rank - 1/2) / length of the order
        at = [(by_place(ranks, range(1, len(covers) + 1)), len(covers)) for ranks, covers, _ in voices]
        figures = {c: mean([(p[c] - Fraction(1, 2)) / n if gaps else p[c] for p, n in at if c in p]) for c in rated}
    elif rule == "points":
        points = [by_place(ranks, rd["table"]) for ranks, _, _ in voices]
        givers = {c: sum(p.get(c, 0) > 0 for p in points) for c in rated}
        figures = {c: sum(p.get(c, Fraction()) for p in points) / (rd["table"][0] * len(over[c]) if gaps else 1) for c in rated}
    else: figures, ranking, steps = by_method(rule, voices, sorted(rated), rd["unranked"])
    if rule == "borda" and gaps: figures = {c: f / (sum(over[c]) or 1) for c, f in figures.items()}
    if voices and rule not in OWN: ranking = by_figure(figures, lowest_first=rule == "ranksum")
    valid, turnout = sum(map(bool, fits)), {"register": len(rd["jurors"]), "spent": len(sheets)}
    criteria = {k: {c: mean([sheets[i]["marks"][c][k] for i in who]) for c, who in counting.items() if who} for k in weights if marked}
    return Count(figures, ranking, voices, givers, criteria, kind="jury", ballots=len(sheets), valid=valid, weight=valid,
        not_rated=sorted(set(stand) - rated), fallback=fallback, turnout=turnout, steps=steps)
def shortlist(rd: Json, count: Count, stand: list[str], ladder: list[str]) -> list[str]:
    groups, chosen = count.ranking, set[str]()
    for rung in ladder if rd["boundary"] == "ladder" else []:
        if rung in ("groups", "countback", "head-to-head") or rung.startswith("criterion:"):
            before, parted = 0, Ranks()
            for group in groups:  # only the group that straddles the boundary is parted
                parted += count.part(rung, group) if before < rd["shortlist"] < before + len(group) else [group]
                before += len(group)
            groups = parted
    for group in groups: chosen |= set(group) if len(chosen) < rd["shortlist"] else set()
    return [c for c in stand if c in chosen or not rd["shortlist"]]
def count_vote(rd: Json, ballots: list[Json], stand: list[str], turnout: Json) -> Count:
    """`ballots` without the voided ones."""
    weight_of, profile, valid = {k["id"]: k["weight"] for k in rd["classes"]}, dict[str, int](), 0
    for ballot in ballots:
        text = canonical(only(ballot["choices"], stand))
        if text != "[]": valid, profile[text] = valid + 1, profile.get(text, 0) + weight_of[ballot["class"]]
    weight, voices = sum(profile.values()), [(json.loads(ranks), set(stand), n) for ranks, n in profile.items()]
    figures, ranking, steps = by_method(rd["method"], voices, stand, rd["unranked"]) if weight else (Json.fromkeys(stand, 0), [], [])
    parts = figures.items() if rd["method"] in ("plurality", "approval", "irv") else ()
    took_place = weight and len(ballots) >= rd["min_turnout"]
    return Count(figures, ranking if took_place else [], voices, naming(voices, stand), {}, kind="vote", ballots=len(ballots),
        valid=valid, weight=weight, percent={c: str((200 * f + weight) // (2 * weight or 1)) for c, f in parts},
        turnout=turnout, steps=steps if took_place else [])
def combine(how: Json, jury: Count | None, vote: Count | None, stand: list[str]) -> tuple[Json, Ranks, bool]:
    """The figures that decide, the ranking by them, and whether the jury had to decide alone."""
    blend, judged = how["blend"], only(jury.ranking, stand) if jury else []
    if blend == "audience" and vote and vote.ranking: return vote.figures, only(vote.ranking, stand), False
    both = {c for rank in judged for c in rank} | {NOBODY} & set(stand)
    totals = [sum(side.figures.get(c, 0) for c in both) if side else 0 for side in (jury, vote)]
    if not jury or not judged or (blend == "shares" and not totals[0]): return {}, [], False
    if blend == "jury": return jury.figures, judged, False
    if blend == "audience" or not vote or not vote.ranking or (blend == "shares" and not totals[1]):
        return jury.figures, judged if how["jury_only_without_audience"] else [], True
    sides: list[Json] = [by_place(judged, how["jury_table"]), by_place(only(vote.ranking, both), how["audience_table"])]
    if blend == "shares":
        sides = [{c: how[weight] * side.figures.get(c, 0) / total for c in both}
            for side, total, weight in zip((jury, vote), totals, ("jury_weight", "audience_weight"))]
    figures = {c: sum(side.get(c, Fraction()) for side in sides) for c in both}
    return figures, by_figure(figures), False
def decide(rules: Json, counts: dict[str, Count], stand: list[str], told: Json) -> Json:
    """The award's part of result.json; `stand` are those it is decided between, `told` what the log added."""
    how, juries = rules["decision"], [rd["id"] for rd in rules["rounds"] if rd["kind"] == "jury"]
    vote, jury = next((counts[rd["id"]] for rd in rules["rounds"] if rd["kind"] == "vote"), None), counts.get(how["jury_round"])
    figures, ranking, jury_only = combine(how, jury, vote, stand)
    if not ranking: return {"kind": "no-valid-votes", "winners": [], "ranking": [], "ties": [], "combined": {}, "jury_only": False}
    top, ties, kind = ranking[0], list[Json](), "winner"
    if len(top) > 1 and NOBODY in top:
        parted = [[NOBODY], [c for c in top if c != NOBODY]]
        ties = [{"candidates": top, "rung": NOBODY, "tried": [NOBODY], "parted": parted}]
    elif len(top) > 1:
        side, judged = vote if how["blend"] == "audience" and not jury_only else jury, how["jury_round"] or (juries or [""])[-1]
        tie, pending = climb(how["ladder"], counts, top, side, counts.get(judged), vote, told)
        ties, kind = [tie], "winner" if len(tie["parted"][0]) == 1 else "undecided" if pending else "shared"
    combined = {c: str(f) for c, f in figures.items() if any(c in rank for rank in ranking)}
    ranking = [*(ties[0]["parted"] if ties else [top]), *ranking[1:]]
    kind = NOBODY if ranking[0] == [NOBODY] else kind
    return {"kind": kind, "winners": ranking[0] if kind in ("winner", "shared") else [], "ranking": ranking, "ties": ties,
        "combined": combined, "jury_only": jury_only}
def climb(ladder: list[str], counts: dict[str, Count], tied: list[str], side: Count | None, judged: Count | None,
          vote: Count | None, told: Json) -> tuple[Json, bool]:
    """The tie as the ladder leaves it, and whether it waits for somebody."""
    top, behind, tried, pending = tied, Ranks(), list[str](), False
    for rung in [*ladder[:[*ladder, "shared"].index("shared")], "shared"]:
        asks = rung in ("chair", "lot", "shared")  # before it, run-offs between exactly those who are left
        for step in [*(name for name in told["runoffs"] if asks and name not in tried), rung]:
            parts, source = [top], vote if step == "audience" else counts.get(step)
            if len(top) == 1 or pending: break
            if step != rung and not (source and source.ranking and sorted(source.figures) == top): continue
            if source: parts = only(source.ranking, top) or [top]
            elif step == "chair": parts, pending = only([[told["chair"]], {*top} - {told["chair"]}], top), told["chair"] not in top
            elif step == "lot":
                lots, pending = {c: sha(f"{told['root']}|{c}|{told['draw']}") for c in top}, not told["draw"]
                parts = [top] if pending else by_figure(lots, lowest_first=True)
            elif step.startswith("criterion:") and judged: parts = judged.part(step, top)
            elif step in ("groups", "countback", "head-to-head") and side: parts = side.part(step, top)
            tried.append(step)
            top, behind = parts[0], [*parts[1:], *behind]
    return {"candidates": tied, "rung": tried[-1], "tried": tried, "parted": [top, *behind]}, pending

# --- the audit ---
class Held:
    """A round, and what the log says of it; `among` are those of a run-off."""
    def __init__(self, rd: Json, among: list[str] | None = None) -> None:
        self.rd, self.name, self.hidden, self.among = rd, rd["id"], rd["publish"] == "totals", among
        self.kind = "ballot" if rd["kind"] == "vote" else {"approval": "picks"}.get(rd["rule"], "marks" if rd["rule"] in MARKS else "ranking")
        self.state, self.opened, self.gone, self.seal, self.register = "waiting", 0, set[str](), Json(), Json()
        self.heads, self.approved = [(0, sha(""), "")], dict[str, set[str]]()  # count, root, where it is said; who approved which root
        self.by_hand = Counter[tuple[str, str, str]]()  # confirmed: channel, class, choices
        self.box, self.leaves, self.register_lines, self.spent = list[Any](), list[bytes](), list[str](), list[str]()
class Audit:
    """Goes through a record once; `checks` are what was looked at, with the faults found."""
    def __init__(self, files: dict[str, str]) -> None:
        self.files, self.unproved, self.faults, self.where, self.checks = files, list[str](), list[str](), "", list[Any]()
        self.rules, self.result = (parse(files[name], name) for name in ("rules.json", "result.json"))
        for name in FILES[1:6]: need(files[name][-1:] in ("", "\n"), f"{name} does not end with a line end")
        self.lines = {name: files[name].split("\n")[:-1] for name in FILES[1:6]}
        self.items = {name: [parse(line, f"{name}, line {i}") for i, line in enumerate(self.lines[name], start=1)] for name in FILES[3:6]}
        shape(self.rules, "rules", "rules.json")
        shape(self.result, "result", "result.json")
        for rd in self.rules["rounds"]:
            need(rd["kind"] in ("jury", "vote"), f"rules.json: a round {rd['kind']}")
            shape(rd, rd["kind"], f"rules.json, round {rd['id']}")
            need(rd["kind"] == "vote" or rd["table"] and FRACTION.fullmatch(rd["quorum_share"]), f"rules.json, round {rd['id']}: no table, or no quorum")
            need(all(one["weight"] > 0 for one in rd.get("criteria", rd.get("classes"))), f"rules.json, round {rd['id']}: a weight is not above 0")
        for name, kind in (("ballots.jsonl", "line"), ("sheets.jsonl", "line"), ("log.jsonl", "entry")):
            for i, item in enumerate(self.items[name], start=1): shape(item, kind, f"{name}, line {i}")
        for e in self.items["log.jsonl"]:
            need(e["type"] in ENTRIES, f"log.jsonl, entry {e['seq']}: unknown type {e['type'][:20]!r}")
            shape(e["body"], e["type"], f"log.jsonl, entry {e['seq']}")
        self.rounds, self.log = {rd["id"]: Held(rd) for rd in self.rules["rounds"]}, self.items["log.jsonl"]
        need(len(self.rounds) == len(self.rules["rounds"]), "rules.json: two rounds have one id")
        self.names, self.done = {c["id"]: c["name"] for c in self.rules["candidates"]}, False
        self.told: Json = {"chair": "", "draw": "", "runoffs": [], "root": ""}  # for the tie ladder
        self.gone, self.voided = dict[str, int](), set[str]()  # who is withdrawn, and in which entry
    def want(self, fine: Any, text: str) -> None:
        """Notes a fault unless all is fine; `where` says what is being looked at."""
        if not fine: self.faults.append(f"{self.where}{': ' if self.where else ''}{text}")
    def check(self, title: str, figures: str) -> None:
        self.checks, self.faults, self.where = [*self.checks, (title, figures, self.faults)], [], ""
    def run(self) -> None:
        self.check("Every file is there and in canonical form", f"{len(self.files)} files")
        for part in (self.chain, self.story, self.boxes, self.codes, self.papers, self.recount): part()
    def chain(self) -> None:
        prev, text, want = "0" * 64, self.files["key.txt"].strip(), self.want
        need(HEX.fullmatch(text), "key.txt holds no public key of Ed25519 in 64 hexadecimal digits")
        key, heads = Key(bytes.fromhex(text)), sum(e["type"] in SIGNED for e in self.log)
        for seq, e in enumerate(self.log, start=1):
            self.where, said = f"log entry {seq}", e["prev"]
            want(e["seq"] == seq, f"has the number {e['seq']}: entries are missing or out of order")
            want(said == prev, "does not continue the entry before it")
            prev = sha(canonical({k: v for k, v in e.items() if k not in ("hash", "sig")}))
            want(e["hash"] == prev, "was altered: its hash does not fit its content")
            signed = re.fullmatch("[0-9a-f]{128}", e["sig"]) and key.signed(bytes.fromhex(prev), bytes.fromhex(e["sig"]))
            want(signed if e["type"] in SIGNED else not e["sig"], f"({e['type']}) the signature is not valid for the key in key.txt, or not to be there")
        self.check("The log is one unbroken chain, its heads are signed", f"{len(self.log)} entries, {heads} signatures, key {text[:16]}…")
    def story(self) -> None:
        rules, want, people = self.rules, self.want, {s[key]: s["id"] for s in self.rules["scrutineers"] for key in ("name", "id")}
        needed, vote = rules["approvals"] if people else 1, next((rd for rd in rules["rounds"] if rd["kind"] == "vote"), {})
        want(self.log and self.log[0]["type"] == "RULES", "the log does not begin with RULES")
        for e in self.log:
            kind, body, self.where = e["type"], e["body"], f"log entry {e['seq']} ({e['type']})"
            name, state = body["round"] if ENTRIES[kind][0].startswith("round") else "", ENTRIES[kind][1]
            by = {people.get(who, "" if people else who) for who in body.get("by", [body.get("scrutineer", "")])} - {""}
            want(not self.done or kind in AFTER, "nothing changes after the RESULT")
            if kind == "RUNOFF":
                fits = vote and name not in self.rounds and set(body["candidates"]) <= self.names.keys() - {NOBODY}
                need(fits, f"{self.where}: no such run-off is possible")
                self.rounds[name] = Held({**vote, "id": name}, body["candidates"])
                self.told["runoffs"].append(name)
            need(not name or name in self.rounds, f"{self.where}: unknown round {name}")
            held = self.rounds[name] if name else Held({**rules["rounds"][0]})
            if state and held.state != state: want(False, "this cannot happen to the round as it stands")
            elif kind == "RULES":
                want(e["seq"] == 1, "the rules were changed later")
                want(body["rules_hash"] == sha(self.files["rules.json"]), "rules.json is not what was frozen")
            elif kind in ("WITHDRAWN", "VOIDED"):
                want(len(by) >= needed, f"{len(by)} scrutineers stand behind it, {needed} must")
                want(body["reason"].strip(), "no reason is given")
                want(kind == "VOIDED" or body["candidate"] in self.names.keys() - {NOBODY}, "it names no candidate")
                if kind == "VOIDED": self.voided.add(body["receipt"])
                else: self.gone.setdefault(body["candidate"], e["seq"])
            elif kind == "DRAW":
                early = self.told["draw"] or any(other.state in ("open", "closed") for other in self.rounds.values())
                want(not early, "the draw is entered once, when all rounds are sealed")
                self.told["draw"] = body["text"]
            elif kind == "CHAIR": self.told["chair"] = body["candidate"]
            elif kind == "RESULT":
                want(body["result_hash"] == sha(self.files["result.json"]), "result.json is not what was logged")
                self.done = True
            elif kind == "REGISTER":
                want(held.state == "waiting" and not held.register, "the register was changed after it was fixed")
                held.register = body
            elif kind == "OPEN":
                want(all(other.state == "sealed" for other in self.before(held)), "opened before the round before it was sealed")
                held.state, held.opened = "open", e["seq"]
            elif kind in ("CHECKPOINT", "CLOSE"):
                fewest = held.heads[-1][0] + (max(1, rules["checkpoint"]["min_new"]) if kind == "CHECKPOINT" else 0)
                want(body["count"] >= fewest, f"{body['count']} ballots: at least {rules['checkpoint']['min_new']} new ones make a checkpoint")
                held.heads.append((body["count"], body["root"], self.where))
                held.state = "open" if kind == "CHECKPOINT" else "closed"
            elif kind == "CHANNEL":
                want(len({who.strip() for who in body["by"]} - {""}) > 1, "two different people must confirm it")
                held.by_hand.update({(body["channel"], body["class"], choices): n for choices, n in body["counts"].items()})
            elif kind == "APPROVE":
                want(by, f"{body['scrutineer'][:40]} is no scrutineer of this award")
                held.approved.setdefault(body["root"], set()).update(by)
            elif kind == "SEAL":
                n = len(held.approved.get(body["root"], ()))
                want(body["root"] == held.heads[-1][1], "the box that was sealed is not the one that was closed")
                want(n >= needed, f"{n} scrutineers approved this box, {needed} must")
                held.state, held.seal, held.gone = "sealed", body, set(self.gone)
        self.where, unsealed = "", [name for name, held in self.rounds.items() if held.state != "sealed"]
        want(self.done, "the log holds no RESULT")
        self.check("The log tells a possible story, everything is countersigned", f"{len(self.rounds) - len(unsealed)} rounds sealed, "
            f"{len(self.gone)} withdrawals, {len(self.voided)} voided ballots, {needed} approvals each")
        need(not unsealed, f"round {', '.join(unsealed)} was not sealed, so nothing can be counted")
    def before(self, held: Held) -> list[Held]: return list(self.rounds.values())[:[*self.rounds].index(held.name)]
    def standing(self, held: Held, gone: Names) -> list[str]:
        """The candidates of a round, in the order of the paper."""
        before = [other.seal["admitted"] for other in self.before(held)]
        stays = set(self.names) - {NOBODY} if held.among is None else set(held.among)
        if held.among is None: stays = stays & set(before[-1] if before else stays) | ({NOBODY} if held.kind == "ballot" else set())
        return [c for c in self.names if c in stays and c not in gone]
    def boxes(self) -> None:
        placed = heads = 0
        for name, held in self.rounds.items():
            file = "ballots.jsonl" if held.kind == "ballot" else "sheets.jsonl"
            for i, (text, item) in enumerate(zip(self.lines[file], self.items[file]), start=1):
                if item["round"] != name: continue
                shape(item, "leaf" if held.hidden else held.kind, f"{file}, line {i}")
                need(not held.hidden or HEX.fullmatch(item["leaf"]), f"round {name} publishes totals, but a line is no leaf")
                held.box.append(item)
                held.leaves.append(bytes.fromhex(item["leaf"]) if held.hidden else hashlib.sha256(b"\0" + text.encode()).digest())
            if held.hidden: self.unproved.append(f"Round {name} publishes totals only: its figures are taken as given.")
            found, start, n, closed = roots(held.leaves, {count for count, *_ in held.heads}), 0, len(held.box), held.heads[-1][0]
            for count, root, self.where in held.heads[1:]:
                self.want(found.get(count) == root, f"the root of the first {count} ballots of {name} is another one")
                self.want(sorted(held.leaves[start:count]) == held.leaves[start:count], "its ballots are not sorted by their hashes")
                start = count
            self.where, placed, heads = f"round {name}", placed + n, heads + len(held.heads) - 1
            self.want(n <= closed, f"{n - closed} ballots were added after the close")
            self.want(n >= closed, f"{closed - n} ballots of the closed box are missing")
        self.where = ""
        self.want(placed == sum(len(self.items[file]) for file in FILES[3:5]), "some ballots or sheets belong to no round of their kind")
        self.check("Each box is what checkpoints, close and seal say", f"{placed} ballots and sheets, {heads} roots")
    def codes(self) -> None:
        for self.where in FILES[1:3]:
            lines = self.lines[self.where]
            self.want(lines == sorted(set(lines)), "is not sorted, or holds a line twice")
            for line in lines:
                name, *rest = line.split(" ")
                fits = len(rest) == 2 and HEX.fullmatch(rest[1]) and name in self.rounds
                need(fits, f"{self.where}: not “round class hash”: {line[:60]!r}")
                (self.rounds[name].spent if self.where == "spent.txt" else self.rounds[name].register_lines).append(line)
        for name, held in self.rounds.items():
            self.where, spent, lines, said = f"round {name}", held.spent, held.register_lines, held.register
            hashes = [sha("".join(line + "\n" for line in some)) for some in (lines, spent)]
            self.want(held.seal["spent"] == hashes[1], "spent.txt is not what was sealed")
            if said or lines or held.among is None:
                classes, listed = Counter(line.split(" ")[1] for line in lines), {k: n for k, n in said.get("classes", {}).items() if n}
                fits = not lines if not said else (said["hash"], said["lines"], listed) == (hashes[0], len(lines), classes)
                self.want(fits, "register.txt is not what was logged before the opening")
            else:  # a run-off has the register of the vote
                lines = [f"{name} {line.split(' ', 1)[1]}" for other in self.before(held) for line in other.register_lines]
            self.want(not set(spent) - set(lines), f"{len(set(spent) - set(lines))} used codes are not in the register")
            by_code = held.kind == "ballot" and held.rd["electorate"] == "codes"
            self.want(by_code or not spent, "has no codes, but spent.txt has some")
            used = Counter("" if held.hidden else line.split(" ")[1] for line in spent)
            cast = Counter("" if held.hidden else b["class"] for b in held.box if by_code and (held.hidden or b["channel"] == "code"))
            cast[""] -= sum(held.by_hand.values()) if held.hidden else 0
            for group in sorted({*used, *cast} if by_code else []):
                self.want(used[group] == cast[group], f"class {group}: {used[group]} used codes, but {cast[group]} ballots by code")
        self.check("Codes: used ones are registered, as many as ballots", f"{len(self.lines['register.txt'])} registered, {len(self.lines['spent.txt'])} used")
    def papers(self) -> None:
        receipts = set[str]()
        for held in self.rounds.values():
            known, seen, entered = self.standing(held, {c for c, seq in self.gone.items() if seq < held.opened}), set[str](), Counter[Any]()
            for item in [] if held.hidden else held.box:
                if held.kind == "ballot": self.ballot(item, held.rd, known, seen, entered)
                else: self.sheet(item, held.rd, held.kind, known, seen)
            self.where, receipts = f"round {held.name}", receipts | (seen if held.kind == "ballot" else set())
            by_hand = {key: n for key, n in held.by_hand.items() if n}
            self.want(held.hidden or entered == by_hand, "ballots by hands or paper are not the confirmed counts")
        self.where = ""
        for receipt in sorted(self.voided - receipts): self.want(False, f"the voided ballot {receipt} is not in the box")
        self.check("Every ballot and sheet is valid, receipts are unique", f"{len(receipts)} receipts")
    def ballot(self, b: Json, rd: Json, known: list[str], seen: set[str], entered: Counter[Any]) -> None:
        choices, channel, receipt, form, want = b["choices"], b["channel"], b["receipt"], rd["form"], self.want
        named, own = [c for rank in choices for c in rank], rd["electorate"][:-1]  # of "codes" it is "code"
        most = 1 if form == "single" else rd["most"] or len(known)
        least, self.where = 1 if named == [NOBODY] else min(rd["least"], len(known), most), f"ballot {receipt}"
        want(receipt not in seen, "the receipt comes twice")
        seen.add(receipt)
        want(b["class"] in {k["id"] for k in rd["classes"]}, f"unknown class {b['class']}")
        want(channel in (own, "hands", "paper"), f"the channel {channel} is not open in this round")
        if channel != own: entered[channel, b["class"], canonical(choices)] += 1
        pattern = "[a-z2-7]{12} [0-9a-f]{32}" if channel == own else re.escape(channel) + r"-\d{4,} "
        want(re.fullmatch(pattern, f"{receipt} {b['salt']}"), "the receipt or the salt is not of the right form")
        for c in sorted({*named} - {*known}): want(False, f"names {c}, who does not stand in this round")
        want(named or (not choices and rd["abstain"]), "an abstention, which the rules do not allow")
        tidy = len(set(named)) == len(named) and all(rank and rank == sorted(rank) for rank in choices)
        want(tidy, "a candidate twice, an empty rank, or a rank that is not sorted")
        want(form == "ranking" or len(choices) < 2, f"does not have the form {form}")
        want(form != "ranking" or rd["ties"] or len(choices) == len(named), "ties, which the rules do not allow")
        want(not named or least <= len(named) <= most, f"names {len(named)}, the rules allow {least} to {most}")
    def sheet(self, sheet: Json, rd: Json, kind: str, known: list[str], seen: set[str]) -> None:
        given, scale, want, self.where = sheet[kind], {k["id"]: k for k in rd["criteria"]}, self.want, f"sheet of {sheet['juror']}"
        named = [c for rank in given for c in rank] if kind == "ranking" else [*given]
        want(sheet["juror"] in {j["id"] for j in rd["jurors"]} - seen, f"no juror of round {rd['id']}, or a second sheet")
        seen.add(sheet["juror"])
        fits = {*named, *sheet["recused"]} <= {*known} and len({*named}) == len(named)
        want(fits, "somebody who does not stand in this round, or a candidate twice")
        want({*sheet["recused"].values()} <= REASONS, "unknown reason for keeping out")
        want(kind != "picks" or len(given) <= (rd["picks"] or len(given)), f"more than {rd['picks']} picks")
        for k, mark in [pair for marks in given.values() for pair in marks.items()] if kind == "marks" else []:
            want(k in scale and scale[k]["low"] <= mark <= scale[k]["high"], f"the mark {mark} for {k} is not on the scale")
    def recount(self) -> None:
        counts, rules, stand, named = dict[str, Count](), self.rules, list[str](), dict.fromkeys(self.gone, 0)
        for name, held in self.rounds.items():
            who, admitted, rd, box = self.standing(held, self.gone), held.seal["admitted"], held.rd, held.box
            stand = who if held.among is None else stand
            if held.hidden: counts[name] = self.as_given(held, who)
            elif held.kind != "ballot":
                then, counts[name] = self.standing(held, held.gone), count_jury(rd, box, who)
                short = shortlist(rd, count_jury(rd, box, then), then, rules["decision"]["ladder"])
                self.want(admitted == short, f"round {name}: {', '.join(admitted)} went on, the recount gives {', '.join(short)}")
            else:
                turnout = (len(held.register_lines), len(held.spent)) if rd["electorate"] == "codes" else (0, len(box))
                valid = [b for b in box if b["receipt"] not in self.voided]
                counts[name] = count_vote(rd, valid, who, {"register": turnout[0], "spent": turnout[1]})
                if held.among is None: named = {c: sum(any(c in rank for rank in b["choices"]) for b in valid) for c in self.gone}
            counts[name].result["admitted"], self.told["root"] = admitted, held.seal["root"]
        try: found = decide(rules, counts, [c for c in stand if c != NOBODY or rules["decision"]["blend"] != "jury"], self.told)
        except Hidden:
            found = {key: self.result.get(key) for key in ("kind", "winners", "ranking", "ties", "combined", "jury_only")}
            self.unproved.append("The tie was parted by sheets or ballots that are not published.")
        hidden = any(held.hidden and held.kind == "ballot" for held in self.rounds.values())
        self.found: Json = {**found, "award": rules["award"], "rules_hash": sha(self.files["rules.json"]), "withdrawn": sorted(self.gone),
            "withdrawn_votes": self.result.get("withdrawn_votes") if hidden else named, "rounds": {name: count.result for name, count in counts.items()}}
        self.faults += differences(self.result, self.found, "result.json")
        kind, names = str(found["kind"]), ", ".join(self.names.get(c, c) for c in found["winners"] or [])
        words = {"winner": f"{names} wins", "shared": f"shared by {names}", NOBODY: "nobody gets the award"}
        self.check("The recount gives the published result", words.get(kind, kind))
    def as_given(self, held: Held, stand: list[str]) -> Count:
        """A round whose ballots are not published, with the figures of result.json."""
        said, where = self.result["rounds"].get(held.name), f"result.json, round {held.name}"
        shape(said, "counted", where)
        need(sorted([*said["figures"], *said["not_rated"]]) == sorted(stand), f"{where}: not the figures of who stands")
        for text in said["figures"].values(): need(FRACTION.fullmatch(text), f"{where}: not a figure: {text[:40]!r}")
        kept = {key: said[key] for key in ("ballots", "valid", "weight", "not_rated", "fallback", "percent", "turnout", "steps")}
        return Count(said["figures"], said["ranking"], None, {}, {}, kind=held.rd["kind"], **kept)
def differences(given: Any, found: Any, where: str) -> list[str]:
    """Where two results differ, in words."""
    if isinstance(given, dict) and isinstance(found, dict):
        return [text for key in sorted({*given, *found}) for text in differences(given.get(key), found.get(key), f"{where}, {key}")]
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
        audit = Audit(load(arguments[0])) if not stop else None
        if audit: audit.run()
    except Broken as error: stop = str(error)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        stop = f"something in the record is not as it must be, so the count cannot go on ({error})"
    if audit: print(f"Recount of “{audit.rules['title']}” (award {audit.rules['award']})\n")
    for title, figures, faults in audit.checks if audit else []:
        print(f"{'FAULT' if faults else 'fine '}  {title}: {figures}.")
        for fault in faults[:8]: print(f"       - {fault}")
        if len(faults) > 8: print(f"       - and {len(faults) - 8} more")
    for fault in audit.faults[:8] if audit else []: print(f"FAULT  {fault}")
    if stop: print(f"FAULT  The recount stopped: {stop}")
    for line in audit.unproved if audit else []: print(f"note   {line}")
    bad = bool(stop) or audit is None or any(faults for _, _, faults in audit.checks)
    print(CANNOT + ("This record does NOT fit." if bad else "Everything fits. The published result is the recount's."))
    return int(bad)
if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
