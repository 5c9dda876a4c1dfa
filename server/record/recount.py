#!/usr/bin/env python3
"""Recounts an award from its published record: python3 recount.py record.zip (or the unpacked folder).
It needs Python 3.9 or newer and nothing else, and shares no code with the program that ran the vote."""
from __future__ import annotations
import functools, hashlib, itertools, json, re, sys, unicodedata, zipfile, zlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any
FILES = ["rules.json", "register.txt", "spent.txt", "ballots.jsonl", "sheets.jsonl", "log.jsonl", "result.json", "key.txt"]
LARGEST = 200_000_000  # bytes of all files together: more is no record of a vote
HEX, FRACTION, CODE = map(re.compile, ("[0-9a-f]{64}", r"\d{1,99}(/[1-9]\d{0,98})?", r"\S+ \S+ [0-9a-f]{64}"))
NOBODY, MARKS, OWN = "nobody", ("mean", "trimmed", "median", "ranksum", "points"), ("irv", "schulze-winning")
REASONS, SIGNED = {"own-entry", "employer", "family", "business", "other"}, ("CHECKPOINT", "CLOSE", "SEAL", "RESULT")
# Every object and entry of the log with its fields: "name:kind", without a kind a text; "kind*" is a list of such, "kind%" an
# object of such; "!": no other fields.
SHAPES = """rules version:int event award title candidates:named* rounds:round* approvals:int scrutineers:named* checkpoint:pace
decision:decision / named id name / round id kind publish / pace every_s:int min_new:int / decision blend jury_round ladder:str*
jury_weight:int audience_weight:int jury_table:int* audience_table:int* jury_only_without_audience:bool / jury rule shortlist:int
boundary drop:int table:int* picks:int unranked quorum_min:int quorum_share jurors:juror* criteria:criterion* / juror id name
group / criterion id weight:int low:int high:int / vote electorate classes:class* form method least:int most:int ties:bool
abstain:bool unranked min_turnout:int / class id weight:int / result rounds:map / counted ballots:int valid:int weight:int
figures:str% percent:str% ranking:str** not_rated:str* fallback:bool turnout:turnout steps:list / turnout register:int spent:int /
line round / leaf round leaf ! / ballot round class choices:str** receipt salt channel ! / marks round juror salt recused:str%
marks:int%% ! / picks round juror salt recused:str% picks:str* ! / ranking round juror salt recused:str% ranking:str** ! / entry
seq:int prev at_ms:int type body:map hash sig ! / RULES rules_hash / REGISTER round lines:int hash classes:int% / OPEN round /
CHECKPOINT round count:int root / CLOSE round count:int root / CHANNEL round channel class counts:int% by:str* / PAUSE round /
RESUME round / APPROVE round root scrutineer / SEAL round root spent admitted:str* / WITHDRAWN candidate reason by:str* / VOIDED
receipt reason by:str* / CHAIR candidate name / DRAW text / RUNOFF round candidates:str* / RESULT result_hash / REVEAL /
CORRECTION text"""
FIELDS = {kind: [(field.partition(":")[0], field.partition(":")[2] or "str") for field in fields]
    for kind, *fields in map(str.split, SHAPES.split("/"))}
KINDS: dict[str, Any] = {"str": str, "int": int, "bool": bool, "map": dict, "list": list}
STATES = {"OPEN": ("waiting", "open"), "CLOSE": ("open", "closed"), "APPROVE": ("closed", "closed"), "SEAL": ("closed", "sealed"),
    **dict.fromkeys(("CHECKPOINT", "CHANNEL", "PAUSE", "RESUME"), ("open", "open"))}  # the state of its round, before and after
Json = dict[str, Any]
Ranks = list[list[str]]
Names = Collection[str]
Voice = tuple[Ranks, set[str], int]  # an order, all whom it compares, its weight
Counted = tuple[Json, Ranks, list[Any]]  # figures, ranking, the steps of a runoff
class Broken(Exception): """The record cannot be read any further."""
class Hidden(Exception): """A rung of the tie ladder asks for ballots or sheets that the record does not hold."""
def need(fine: Any, text: str) -> None:
    if not fine: raise Broken(text)
def shape(value: Any, kind: str, where: str) -> None:  # the kind: one of KINDS or FIELDS, a list (*) or an object (%) of them
    many, fields = {"*": list, "%": dict}.get(kind[-1]), FIELDS.get(kind, [])
    need(type(value) is (many or KINDS.get(kind, dict)), f"{where} is {'not an object' if fields else 'of the wrong kind'}")
    for name, inner in fields:
        need(name in value or name == "!", f"{where} lacks “{name}”")
        if name == "!": need(len(value) == len(fields) - 1, f"{where} has unknown fields")
        else: shape(value[name], inner, f"{where}: “{name}”")
    for one in (value if many is list else value.values()) if many else (): shape(one, kind[:-1], where)
def sha(text: str) -> str: return hashlib.sha256(text.encode()).hexdigest()
canonical = functools.partial(json.dumps, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
def parse(text: str, where: str) -> Any:
    def no_float(number: str) -> Any: raise Broken(f"{where} holds a number that is not whole: {number[:20]}")
    try: value = json.loads(text, parse_float=no_float, parse_constant=no_float)
    except (ValueError, RecursionError): raise Broken(f"{where} is not JSON") from None
    need(canonical(value) == text, f"{where} is not canonical JSON (keys sorted, no spaces, each key once)")
    need(unicodedata.is_normalized("NFC", text), f"{where} is not in Unicode form NFC")
    return value
def load(path: str) -> dict[str, str]:  # the files of a record, by name
    try:
        at, box = Path(path), None if Path(path).is_dir() else zipfile.ZipFile(path)
        sizes = [(f.filename, f.file_size) for f in box.infolist()] if box else [(f.name, f.stat().st_size) for f in at.iterdir()]
        need(len(dict(sizes)) == len(sizes), "the zip holds a file name twice")
        need(sum(size for _, size in sizes) <= LARGEST, "the record is too large")
        for name in FILES: need(name in dict(sizes), f"{name} is missing")
        for name, _ in sizes: need(name in (*FILES, "recount.py", "README.txt"), f"no part of a record: {name}")
        return {name: (box.read(name) if box else (at / name).read_bytes()).decode("utf-8") for name in FILES}
    except UnicodeDecodeError as error: raise Broken(f"a file is not UTF-8: {error}") from None
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError) as error:
        raise Broken(f"{path} cannot be read as a zip or a folder: {error}") from None
# --- signatures: Ed25519, RFC 8032, section 5.1.7; the tree of RFC 6962, section 2.1 ---
P, L, D = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493, -121665 * pow(121666, -1, 2**255 - 19) % (2**255 - 19)
Point = tuple[int, int, int, int]  # extended homogeneous coordinates
def add(p: Point, q: Point) -> Point:
    a, b, c, d = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0]), 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = (b - a) % P, (d - c) % P, (d + c) % P, (b + a) % P
    return e * f % P, g * h % P, f * g % P, e * h % P
def point_of(data: bytes) -> Point:
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if (x * x - x2) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    need(y < P and (x * x - x2) % P == 0 and (x or not sign), "key.txt holds no public key of Ed25519")
    return (x := P - x if x & 1 != sign else x), y, 1, x * y % P
def multiples(point: Point) -> list[list[Point]]:  # d · 16^w · point for each digit d and place w: then only additions are left
    rows = list[list[Point]]()
    for _ in range(64): rows.append([*itertools.accumulate(15 * [add(rows[-1][15], rows[-1][1]) if rows else point], add,
        initial=(0, 1, 1, 0))])
    return rows
class Key:  # a public key that checks signatures
    def __init__(self, public: bytes) -> None:
        base, key = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little")), point_of(public)
        self.public, self.tables = public, (multiples(base), multiples((-key[0] % P, key[1], 1, -key[3] % P)))
    def signed(self, message: bytes, signature: bytes) -> bool:
        k = int.from_bytes(hashlib.sha512(signature[:32] + self.public + message).digest(), "little") % L
        if len(signature) != 64 or (s := int.from_bytes(signature[32:], "little")) >= L: return False
        digits = [row[n >> 4 * place & 15] for n, table in zip((s, k), self.tables) for place, row in enumerate(table)]
        x, y, z, _ = functools.reduce(add, digits)
        return ((y * (i := pow(z, -1, P)) % P) | (x * i % P & 1) << 255).to_bytes(32, "little") == signature[:32]
def roots(leaves: list[bytes], counts: Iterable[int]) -> dict[int, str]:  # the Merkle roots of the first n leaves, for each n
    @functools.lru_cache(None)
    def root(start: int, end: int) -> bytes:  # its left half has a power of two of them
        if end - start == 1: return leaves[start]
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        return hashlib.sha256(b"\1" + root(start, middle) + root(middle, end)).digest()
    return {n: root(0, n).hex() if n else sha("") for n in counts if 0 <= n <= len(leaves)}
# --- counting: whole numbers and fractions only ---
def by_figure(figures: Json, lowest_first: bool = False) -> Ranks:
    values = sorted({*figures.values()}, reverse=not lowest_first)
    return [sorted(c for c in figures if figures[c] == value) for value in values]
def only(ranks: Iterable[Names], kept: Names) -> Ranks:
    return [rank for rank in (sorted(c for c in rank if c in kept) for rank in ranks) if rank]
def mean(values: Collection[Any]) -> Fraction: return Fraction(sum(values)) / len(values)
def starts(ranks: Ranks) -> list[int]: return [*itertools.accumulate(map(len, ranks), initial=0)]
def by_place(ranks: Ranks, table: Sequence[int]) -> dict[str, Fraction]:  # the table's value of each place, 0 beyond its end
    spans = [(rank, table[start:start + len(rank)]) for start, rank in zip(starts(ranks), ranks)]
    return {c: Fraction(sum(values), len(rank)) for rank, values in spans for c in rank}  # who shares places gets the mean
def naming(voices: list[Voice], who: Iterable[str]) -> Json:
    return {c: sum(weight for ranks, _, weight in voices if any(c in rank for rank in ranks)) for c in who}
def duels(voices: list[Voice], who: Names) -> dict[tuple[str, str], int]:  # the weight that puts the first above the second
    spots = [({c: i for i, rank in reversed([*enumerate([*ranks, covers])]) for c in rank}, n) for ranks, covers, n in voices]
    return {(x, y): sum(n for at, n in spots if x in at and y in at and at[x] < at[y]) for x in who for y in who if x != y}
def borda(voices: list[Voice], who: Names, unranked: str) -> Json:
    figures = dict.fromkeys(who, Fraction())
    for ranks, covers, weight in voices:
        named = {*sum(ranks, [])}
        best, rest = len(named if unranked == "length" else covers), [covers - named] if unranked == "average" else []
        for c, n in by_place(ranks + only(rest, covers), range(best, 0, -1)).items(): figures[c] += n * weight
    return figures
def irv(voices: list[Voice], who: Iterable[str]) -> Counted:  # a ballot counts for the first who stands alone in a rank
    stay, figures, gone, steps = sorted(who), Json(), Ranks(), list[Any]()
    while True:
        tally = dict.fromkeys(stay, 0)
        for ranks, _, weight in voices:
            for first in next((rank for rank in only(ranks, tally) if len(rank) == 1), []): tally[first] += weight
        figures.update(tally)
        counting, fewest, rungs = sum(tally.values()), min(tally.values()), list[str]()
        elected = [c for c in stay if 2 * tally[c] > counting]
        last = out = [c for c in stay if tally[c] == fewest and not elected]
        if len(last) == len(stay) > 1: rungs, out = ["undecided"], []
        elif len(last) > 1:  # fewest in the rounds before, latest first; else together, if they stay below the next
            rungs = ["previous-rounds"]
            for tallied in (step["tally"] for step in reversed(steps)):
                out = [c for c in out if tallied[c] == min(tallied[other] for other in out)]
            if len(out) > 1:
                out = last if fewest * len(last) < min(n for n in tally.values() if n > fewest) else []
                rungs += ["first-preferences", "together", "undecided"][:2 if out else 3]
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
    need(method in (*OWN, "plurality", "approval", "borda"), f"rules.json: unknown method {method}")
    if method in OWN: return (irv if method == "irv" else schulze)(voices, who)
    figures = borda(voices, who, unranked) if method == "borda" else naming(voices, who)
    return figures, by_figure(figures), []
class Count:  # a round as counted: `result` is for result.json, the rest for the decision; `more` has a value by rung for each
    def __init__(self, figures: Json, ranking: Ranks, voices: list[Voice] | None, more: Json, **result: Any) -> None:
        self.figures, self.ranking, self.voices, self.more = {c: Fraction(f) for c, f in figures.items()}, ranking, voices, more
        self.result: Json = {"percent": {}, "not_rated": [], "fallback": False, **result, "ranking": ranking,
            "figures": {c: str(f) for c, f in self.figures.items()}, "abstentions": result["ballots"] - result["valid"]}
    def part(self, rung: str, group: list[str]) -> Ranks:  # by a rung that reads one round; as it was when that does not apply
        if self.voices is None and (rung in ("groups", "countback", "head-to-head") or ":" in rung): raise Hidden
        value, voices = self.more.get(rung, {}), self.voices or []
        if rung == "countback":  # how often each place was given: 1, 2, 3 and so on
            at = [(start, rank, n) for ranks, _, n in voices for start, rank in zip(starts(ranks), ranks)]
            most = range(max((len(covers) for _, covers, _ in voices), default=0))
            value = {c: tuple(sum(n for start, rank, n in at if start == i and c in rank) for i in most) for c in group}
        elif rung == "head-to-head":  # 2 for each win, 1 for each draw
            won = duels(voices, group)
            value = {x: sum((won[x, y] >= won[y, x]) + (won[x, y] > won[y, x]) for y in group if y != x) for x in group}
        return by_figure({c: value[c] for c in group}) if value.keys() >= set(group) else [group]
def count_jury(rd: Json, sheets: list[Json], stand: list[str]) -> Count:
    rule, jurors, weights = rd["rule"], rd["jurors"], {k["id"]: k["weight"] for k in rd["criteria"]}
    marked, says, fits = rule in MARKS, list[Any](), list[set[str]]()  # each sheet's marks or order; for whom it counts
    for sheet in sheets:
        may = {c for c in stand if c not in sheet["recused"]}
        full = {c: m for c, m in sheet.get("marks", {}).items() if c in may and weights.keys() <= m.keys()}
        marks = {c: Fraction(sum(w * m[k] for k, w in weights.items()), sum(weights.values())) for c, m in full.items()}
        says.append(marks if marked else only(sheet["ranking"] if "ranking" in sheet else [sheet["picks"]], may))
        fits.append(set(marks) if marked else may if says[-1] else set())
    counting, share = {c: [i for i, who in enumerate(fits) if c in who] for c in stand}, Fraction(rd["quorum_share"])
    able = {c: len(jurors) - sum(c in sheet["recused"] for sheet in sheets) for c in stand}
    rated = {c for c in stand if len(counting[c]) >= max(1, rd["quorum_min"], -(-share * able[c] // 1))}
    voices = [(only(said, rated), rated - {*sheet["recused"]}, 1) for said, sheet in zip(says, sheets) if not marked]
    if marked:  # a voice is one juror, or with points a group of jurors
        group, teams = {j["id"]: j["group"] for j in jurors if rule == "points"}, dict[Any, list[Any]]()
        for i, sheet in enumerate(sheets): teams.setdefault(group.get(sheet["juror"]) or i, []).append(says[i])
        lists = [{c: [marks[c] for marks in team if c in marks] for c in rated} for team in teams.values()]
        means = [{c: mean(found) for c, found in team.items() if found} for team in lists]
        voices = [(by_figure(found), set(found), 1) for found in means]
    voices, ranking, steps = [voice for voice in voices if voice[0]], Ranks(), list[Any]()
    over, gaps = {c: [len(v[1]) for v in voices if c in v[1]] for c in rated}, any(v[1] != rated for v in voices)
    values = {c: sorted(says[i][c] for i in counting[c]) for c in rated if marked}
    fallback = rule == "trimmed" and any(len(v) < 2 * rd["drop"] + 3 for v in values.values())
    drop = rd["drop"] if rule == "trimmed" and not fallback else 0
    figures: Json = dict.fromkeys(rated, 0)
    judging, more = [(c, who) for c, who in counting.items() if marked and who], Json()
    for k in weights: more[f"criterion:{k}"] = {c: mean([sheets[i]["marks"][c][k] for i in who]) for c, who in judging}
    if rule in ("approval", "borda"): more["groups"] = naming(voices, rated)
    if rule in ("mean", "trimmed"): figures = {c: mean(v[drop:len(v) - drop]) for c, v in values.items()}
    elif rule == "median": figures = {c: mean([v[(len(v) - 1) // 2], v[len(v) // 2]]) for c, v in values.items()}
    elif rule == "ranksum":  # with gaps the share (rank - 1/2) / length of the order
        at = [(by_place(ranks, range(1, len(covers) + 1)), len(covers)) for ranks, covers, _ in voices]
        figures = {c: mean([(p[c] - Fraction(1, 2)) / n if gaps else p[c] for p, n in at if c in p]) for c in rated}
    elif rule == "points":
        points, best = [by_place(ranks, rd["table"]) for ranks, _, _ in voices], rd["table"][0] if gaps else 1
        more["groups"] = {c: sum(p.get(c, 0) > 0 for p in points) for c in rated}
        figures = {c: sum(p.get(c, Fraction()) for p in points) / (best * len(over[c]) if gaps else 1) for c in rated}
    elif voices: figures, ranking, steps = by_method(rule, voices, sorted(rated), rd["unranked"])
    if rule == "borda" and gaps: figures = {c: f / (sum(over[c]) or 1) for c, f in figures.items()}
    if voices and rule not in OWN: ranking = by_figure(figures, lowest_first=rule == "ranksum")
    n, valid = len(sheets), sum(map(bool, fits))
    return Count(figures, ranking, voices, more, kind="jury", ballots=n, valid=valid, weight=valid, steps=steps,
        not_rated=sorted({*stand} - rated), fallback=fallback, turnout={"register": len(jurors), "spent": n})
def shortlist(rd: Json, count: Count, stand: list[str], ladder: list[str]) -> list[str]:
    ranks, n, chosen = count.ranking, rd["shortlist"], set[str]()
    for rung in ladder if rd["boundary"] == "ladder" else []:  # only the group that straddles the boundary is parted
        ranks = sum((count.part(rung, r) if at < n < at + len(r) else [r] for at, r in zip(starts(ranks), ranks)), [])
    for rank in ranks: chosen |= set(rank) if len(chosen) < n else set()
    return [c for c in stand if c in chosen or not n]
def count_vote(rd: Json, ballots: list[Json], stand: list[str], turnout: Json) -> Count:  # `ballots` without the voided ones
    weight_of, profile, percent = {k["id"]: k["weight"] for k in rd["classes"]}, Counter[str](), Json()
    said = [(canonical(only(b["choices"], stand)), weight_of[b["class"]]) for b in ballots]
    for text, n in said: profile[text] += n if text != "[]" else 0
    voices, weight = [(json.loads(text), {*stand}, n) for text, n in profile.items() if n], sum(profile.values())
    found: Counted = Json.fromkeys(stand, 0), [], []
    figures, ranking, steps = by_method(rd["method"], voices, stand, rd["unranked"]) if weight else found
    if rd["method"] in ("plurality", "approval", "irv"):  # in per cent of the valid weight, half up
        percent = {c: str((200 * f + weight) // (2 * weight or 1)) for c, f in figures.items()}
    if len(ballots) < rd["min_turnout"]: ranking, steps = [], []
    return Count(figures, ranking, voices, {"groups": naming(voices, stand)}, kind="vote", ballots=len(ballots),
        valid=sum(text != "[]" for text, _ in said), weight=weight, percent=percent, turnout=turnout, steps=steps)
def combine(how: Json, jury: Count | None, vote: Count | None, stand: list[str]) -> tuple[Json, Ranks, bool]:
    # the figures that decide, the ranking by them, and whether the jury had to decide alone
    blend, heard, judged = how["blend"], vote if vote and vote.ranking else None, only(jury.ranking, stand) if jury else []
    if blend == "audience" and heard: return heard.figures, only(heard.ranking, stand), False
    both = {*sum(judged, [])} | {NOBODY} & {*stand}
    totals = [sum(side.figures.get(c, 0) for c in both) if side else 0 for side in (jury, vote)]
    if not jury or not judged or (blend == "shares" and not totals[0]): return {}, [], False
    if blend in ("jury", "audience") or not heard or (blend == "shares" and not totals[1]):
        return jury.figures, judged if blend == "jury" or how["jury_only_without_audience"] else [], blend != "jury"
    sides: list[Json] = [by_place(judged, how["jury_table"]), by_place(only(heard.ranking, both), how["audience_table"])]
    if blend == "shares":
        parts = ((jury, totals[0], how["jury_weight"]), (heard, totals[1], how["audience_weight"]))
        sides = [{c: weight * side.figures.get(c, 0) / total for c in both} for side, total, weight in parts]
    figures = {c: sum(side.get(c, Fraction()) for side in sides) for c in both}
    return figures, by_figure(figures), False
def decide(rules: Json, counts: dict[str, Count], stand: list[str], told: Json) -> Json:  # the award's part of result.json
    how, by_kind = rules["decision"], {rd["kind"]: rd["id"] for rd in rules["rounds"]}  # the last round of each kind
    vote, jury = counts.get(by_kind.get("vote", "")), counts.get(how["jury_round"])
    figures, ranking, jury_only = combine(how, jury, vote, stand)
    ties, kind, top, parted = list[Json](), "winner" if ranking else "no-valid-votes", ranking[:1], ranking[:1]
    if ranking and len(top[0]) > 1 and NOBODY in top[0]:
        parted = [[NOBODY], [c for c in top[0] if c != NOBODY]]
        ties = [{"candidates": top[0], "rung": NOBODY, "tried": [NOBODY], "parted": parted}]
    elif ranking and len(top[0]) > 1:
        side, judged = jury if jury_only or how["blend"] != "audience" else vote, how["jury_round"] or by_kind.get("jury", "")
        tie, pending = climb(how["ladder"], counts, top[0], side, counts.get(judged), vote, told)
        parted, ties = tie["parted"], [tie]
        kind = "winner" if len(parted[0]) == 1 else "undecided" if pending else "shared"
    kind, placed = NOBODY if parted[:1] == [[NOBODY]] else kind, {*sum(ranking, [])}
    return {"kind": kind, "winners": parted[0] if kind in ("winner", "shared") else [], "ranking": parted + ranking[1:],
        "ties": ties, "jury_only": jury_only and bool(ranking),
        "combined": {c: str(f) for c, f in figures.items() if c in placed}}
def climb(ladder: list[str], counts: dict[str, Count], tied: list[str], side: Count | None, judged: Count | None,
          vote: Count | None, told: Json) -> tuple[Json, bool]:
    # the tie as the ladder leaves it, and whether it waits for somebody
    top, behind, tried, pending = tied, Ranks(), list[str](), False
    for rung in [*ladder[:[*ladder, "shared"].index("shared")], "shared"]:
        asks = rung in ("chair", "lot", "shared")  # before it, run-offs between exactly those who are left
        for step in [*(name for name in told["runoffs"] if asks and name not in tried), rung]:
            source, reader = vote if step == "audience" else counts.get(step), judged if ":" in step else side
            if len(top) == 1 or pending: break
            if step != rung and not (source and source.ranking and sorted(source.figures) == top): continue
            if source: parts = only(source.ranking, top) or [top]
            elif step == "chair": parts, pending = only([[told[step]], {*top} - {told[step]}], top), told[step] not in top
            elif step == "lot" and told[step]:
                parts = by_figure({c: sha(f"{told['root']}|{c}|{told[step]}") for c in top}, lowest_first=True)
            else: parts, pending = reader.part(step, top) if reader else [top], step == "lot"
            tried.append(step)
            top, behind = parts[0], [*parts[1:], *behind]
    return {"candidates": tied, "rung": tried[-1], "tried": tried, "parted": [top, *behind]}, pending
# --- the audit ---
class Held:  # a round, and what the log says of it; `among` are those of a run-off
    def __init__(self, rd: Json, among: list[str] | None = None) -> None:
        self.rd, self.name, self.hidden, self.among, rule = rd, rd["id"], rd["publish"] == "totals", among, rd.get("rule")
        kind = "picks" if rule == "approval" else "ranking" if rule in ("borda", *OWN) else "marks"
        self.kind, self.file = (kind, "sheets.jsonl") if rd["kind"] == "jury" else ("ballot", "ballots.jsonl")
        self.heads, self.approved = [(0, sha(""), "")], dict[str, set[str]]()  # count, root, place; who approved a root
        self.state, self.seal, self.register = "waiting", Json(), Json(hash=sha(""), lines=0, classes={})
        self.gone, self.seen, self.box = set[str](), set[str](), list[Json]()
        self.by_hand, self.entered = Counter[Any](), Counter[Any]()  # of each channel, class and choice: confirmed, in the box
class Audit:  # goes through a record once; `checks` are what was looked at, with the faults found
    def __init__(self, files: dict[str, str]) -> None:
        self.files, self.where, self.items, self.lines = files, "", dict[str, list[Any]](), dict[str, list[str]]()
        self.unproved, self.faults, self.checks = list[str](), list[str](), list[tuple[str, str, list[str]]]()
        for name, kind in zip(FILES, ("rules", "code", "code", "line", "line", "entry", "result")):
            *lines, rest = files[name].split("\n") if not name.endswith(".json") else [files[name], ""]
            need(not rest, f"{name} does not end with a line end")
            need(kind != "code" or lines == sorted({*lines}), f"{name}: is not sorted, or holds a line twice")
            self.lines[name], self.items[name] = lines, []
            for i, line in enumerate(lines, 1):
                where = name if name.endswith(".json") else f"{name}, line {i}"
                need(kind != "code" or CODE.fullmatch(line), f"{where} is not “round class hash”")
                self.items[name].append(line.split(" ") if kind == "code" else parse(line, where))
                if kind != "code": shape(self.items[name][-1], kind, where)
        [self.rules], [self.result], self.log = (self.items[FILES[n]] for n in (0, 6, 5))
        for i, e in enumerate(self.log, 1):
            need(e["type"].isupper() and e["type"] in FIELDS, f"log.jsonl, line {i}: unknown type {e['type'][:20]!r}")
            shape(e["body"], e["type"], f"log.jsonl, line {i}")
        for rd in self.rules["rounds"]:
            need(rd["kind"] in ("jury", "vote"), "rules.json: a round is neither a jury nor a vote")
            shape(rd, rd["kind"], f"rules.json, round {rd['id']}")
            fits = rd["kind"] == "vote" or rd["table"] and FRACTION.fullmatch(rd["quorum_share"])
            fits = fits and all(one["weight"] > 0 for one in rd.get("criteria", rd.get("classes")))
            need(fits, f"rules.json, round {rd['id']}: a table is empty, a quorum no fraction, or a weight not above 0")
        self.rounds, self.names = {rd["id"]: Held(rd) for rd in self.rules["rounds"]}, {
            c["id"]: c["name"] for c in self.rules["candidates"]}
        need(len(self.rounds) == len(self.rules["rounds"]) > 0, "rules.json: no rounds, or two with one id")
        self.gone, self.voided, self.told = set[str](), set[str](), Json(chair="", lot="", runoffs=[], root="")  # for the ladder
    def want(self, *said: Any) -> None:  # notes a fault for each pair (what has to be true, else this text); `where` is the place
        self.faults += [f"{self.where}: {text}".removeprefix(": ") for fine, text in zip(said[::2], said[1::2]) if not fine]
    def check(self, title: str, figures: str) -> None:
        self.checks, self.faults, self.where = [*self.checks, (title, figures, self.faults)], [], ""
    def run(self) -> None:
        self.check("Every file is there and in canonical form", f"{len(self.files)} files")
        self.chain()
        self.story()
        for held in self.rounds.values(): self.round(held)
        self.recount()
    def chain(self) -> None:
        prev, text, want = "0" * 64, self.files["key.txt"].strip(), self.want
        need(HEX.fullmatch(text), "key.txt holds no public key of Ed25519 in 64 hexadecimal digits")
        key = Key(bytes.fromhex(text))
        for seq, e in enumerate(self.log, 1):
            self.where, sig, before = f"log entry {seq}", e["sig"], prev
            prev = sha(canonical({k: v for k, v in e.items() if k not in ("hash", "sig")}))
            good = re.fullmatch("[0-9a-f]{128}", sig) and key.signed(bytes.fromhex(prev), bytes.fromhex(sig))
            want(e["seq"] == seq, f"has the number {e['seq']}: entries are missing or out of order",
                e["prev"] == before, "does not continue the entry before it",
                e["hash"] == prev, "was altered: its hash does not fit its content",
                good if e["type"] in SIGNED else not sig, f"({e['type']}) the signature is not valid for the key in key.txt")
        self.check("The log is one unbroken chain, its heads are signed", f"{len(self.log)} entries, key {text[:16]}…")
    def story(self) -> None:  # what happened, entry by entry: the state of its round, who had to stand behind it
        rules, rounds, told, want, done = self.rules, self.rounds, self.told, self.want, False
        people = {s[key]: s["id"] for s in rules["scrutineers"] for key in ("name", "id")}
        needed, paper = rules["approvals"] if people else 1, self.names.keys() - {NOBODY}
        want(self.log and self.log[0]["type"] == "RULES", "the log does not begin with RULES")
        for e in self.log:
            kind, body, self.where = e["type"], e["body"], f"log entry {e['seq']} ({e['type']})"
            name = body["round"] if ("round", "str") in FIELDS[kind] else [*rounds][0]
            by = {people.get(who, "" if people else who) for who in body.get("by", [body.get("scrutineer", "")])} - {""}
            if kind == "RUNOFF":
                votes = [rd for rd in rules["rounds"] if rd["kind"] == "vote" and name not in rounds]
                need(votes and {*body["candidates"]} <= paper, f"{self.where}: no such run-off is possible")
                rounds[name] = Held({**votes[0], "id": name}, body["candidates"])
                told["runoffs"].append(name)
            need(name in rounds, f"{self.where}: unknown round {name}")
            want(not done or kind in ("REVEAL", "CORRECTION"), "nothing changes after the RESULT")
            held, done = rounds[name], done or kind == "RESULT"
            last, (before, after) = held.heads[-1], STATES.get(kind, (held.state, held.state))
            want(before == held.state, "this cannot happen to the round as it stands")
            if before != held.state: continue
            held.state = after
            if kind in ("RULES", "RESULT"):
                file, verb = ("rules", "frozen") if kind == "RULES" else ("result", "logged")
                fits = body[f"{file}_hash"] == sha(self.files[f"{file}.json"]) and (kind == "RESULT" or e["seq"] == 1)
                want(fits, f"{file}.json is not what was {verb}")
            elif kind in ("WITHDRAWN", "VOIDED"):
                who, gone = (body["receipt"], self.voided) if kind == "VOIDED" else (body["candidate"], self.gone)
                gone.add(who)
                want(len(by) >= needed, f"{len(by)} scrutineers stand behind it, {needed} must", body["reason"].strip(),
                    "no reason is given", kind == "VOIDED" or who in paper, "it names no candidate")
            elif kind == "CHAIR": told["chair"] = body["candidate"]
            elif kind == "DRAW":
                fits = not told["lot"] and not {"open", "closed"} & {other.state for other in rounds.values()}
                want(fits, "the draw is entered once, when all rounds are sealed")
                told["lot"] = body["text"]
            elif kind == "REGISTER":
                want(held.state == "waiting" and "round" not in held.register, "the register was changed after it was fixed")
                held.register = body
            elif kind == "OPEN":
                want(all(other.state == "sealed" for other in self.before(held)), "opened before the round before it was sealed")
            elif kind in ("CHECKPOINT", "CLOSE"):
                new, fewest = body["count"] - last[0], max(1, rules["checkpoint"]["min_new"]) if kind == "CHECKPOINT" else 0
                want(new >= fewest, f"{new} ballots after the last: at least {fewest} new ones make a checkpoint")
                held.heads.append((body["count"], body["root"], self.where))
            elif kind == "CHANNEL":
                want(len({who.strip() for who in body["by"]} - {""}) > 1, "two different people must confirm it")
                for choices, n in body["counts"].items(): held.by_hand[body["channel"], body["class"], choices] += n
            elif kind == "APPROVE":
                want(by, f"{body['scrutineer'][:40]} is no scrutineer of this award")
                held.approved.setdefault(body["root"], set()).update(by)
            elif kind == "SEAL":
                n, held.seal, held.gone = len(held.approved.get(body["root"], ())), body, {*self.gone}
                want(body["root"] == last[1], "the box that was sealed is not the one that was closed",
                    n >= needed, f"{n} scrutineers approved this box, {needed} must")
        self.where, unsealed = "", ", ".join(name for name, held in rounds.items() if held.state != "sealed")
        want(done, "the log holds no RESULT")
        figures = f"{len(self.gone)} withdrawals, {len(self.voided)} voided ballots, {needed} approvals each"
        self.check("The log tells a possible story, everything is countersigned", figures)
        need(not unsealed, f"round {unsealed} was not sealed, so nothing can be counted")
    def before(self, held: Held) -> list[Held]: return [*self.rounds.values()][:[*self.rounds].index(held.name)]
    def standing(self, held: Held, gone: Names) -> list[str]:  # the candidates of a round, in the order of the paper
        last, among = self.before(held)[-1:], held.among
        stays = {*(among if among is not None else last[0].seal["admitted"] if last else self.names)}
        if among is None: stays = stays - {NOBODY} if held.kind != "ballot" else stays | {NOBODY}
        return [c for c in self.names if c in stays and c not in gone]
    def round(self, held: Held) -> None:  # is the box what was closed, are its codes the register's, is each paper by the rules?
        want, name, file, box, hidden, leaves = self.want, held.name, held.file, held.box, held.hidden, list[bytes]()
        for i, (text, item) in enumerate(zip(self.lines[file], self.items[file]), 1):
            if item["round"] != name: continue
            shape(item, "leaf" if hidden else held.kind, f"{file}, line {i}")
            need(not hidden or HEX.fullmatch(item["leaf"]), f"{file}, line {i}: is no leaf")
            box.append(item)
            leaves.append(bytes.fromhex(item["leaf"] if hidden else hashlib.sha256(b"\0" + text.encode()).hexdigest()))
        found, closed, n = roots(leaves, {count for count, *_ in held.heads}), held.heads[-1][0], len(box)
        for (start, *_), (count, root, self.where) in zip(held.heads, held.heads[1:]):
            want(found.get(count) == root, f"the root of the first {count} ballots of {name} is another one",
                sorted(leaves[start:count]) == leaves[start:count], "its ballots are not sorted by their hashes")
        lines, spent = ([item for item in self.items[file] if item[0] == name] for file in FILES[1:3])
        hashes = [sha("".join(" ".join(item) + "\n" for item in some)) for some in (lines, spent)]
        said, by_code, self.where = held.register, held.kind == "ballot" and held.rd["electorate"] == "codes", f"round {name}"
        logged: Any = (said["hash"], said["lines"], +Counter(said["classes"]))
        fits = logged == (hashes[0], len(lines), Counter(k for _, k, _ in lines))
        want(n <= closed, f"{n - closed} ballots were added after the close",
            n >= closed, f"{closed - n} ballots of the closed box are missing",
            fits, "register.txt is not what was logged before the opening",
            held.seal["spent"] == hashes[1], "spent.txt is not what was sealed")
        if held.among is not None and "round" not in said:  # a run-off has the register of the vote
            lines = [item for item in self.items["register.txt"] if self.rounds[item[0]].kind == "ballot"]
        strangers = len({(k, code) for _, k, code in spent} - {(k, code) for _, k, code in lines})
        want(not strangers, f"{strangers} used codes are not in the register",
            by_code or not spent, "has no codes, but spent.txt has some")
        used, cast = Counter("" if hidden else k for _, k, _ in spent), Counter({"": n - sum(held.by_hand.values())})
        if not hidden: cast = Counter(b["class"] for b in box if by_code and b["channel"] == "code")
        for group in {*used, *cast} if by_code else ():
            want(used[group] == cast[group], f"class {group}: {used[group]} used codes, but {cast[group]} ballots by code")
        known = {*self.standing(held, self.gone)} | self.gone
        for item in [] if hidden else box: (self.ballot if held.kind == "ballot" else self.sheet)(item, held, known)
        self.where = f"round {name}"
        want(hidden or held.entered == +held.by_hand, "ballots by hands or paper are not the confirmed counts")
        figures = f"{n} ballots or sheets, {len(held.heads) - 1} roots, {len(spent)} of {len(lines)} codes used"
        self.check(f"Round {name} is what was closed and sealed, every paper in it is valid", figures)
        if hidden: self.unproved.append(f"Round {name} publishes totals only: its figures are taken as given.")
    def ballot(self, b: Json, held: Held, known: Names) -> None:
        choices, channel, receipt, rd, own = b["choices"], b["channel"], b["receipt"], held.rd, held.rd["electorate"][:-1]
        form, named, self.where = rd["form"], [c for rank in choices for c in rank], f"ballot {receipt}"
        most = 1 if form == "single" else rd["most"] or len(known)
        least = 1 if named == [NOBODY] else min(rd["least"], len(self.standing(held, self.gone)), most)
        pattern = "[a-z2-7]{12} [0-9a-f]{32}" if channel == own else re.escape(channel) + r"-\d{4,} "
        tidy = len({*named}) == len(named) and all(rank and rank == sorted(rank) for rank in choices)
        strangers = ", ".join(sorted({*named} - {*known}))
        self.want(receipt not in held.seen, "the receipt comes twice",
            b["class"] in {k["id"] for k in rd["classes"]}, f"unknown class {b['class']}",
            channel in (own, "hands", "paper"), f"the channel {channel} is not open in this round",
            re.fullmatch(pattern, f"{receipt} {b['salt']}"), "the receipt or the salt is not of the right form",
            not strangers, f"names {strangers}, who does not stand in this round",
            named or (not choices and rd["abstain"]), "an abstention, which the rules do not allow",
            tidy, "a candidate twice, an empty rank, or a rank that is not sorted",
            form == "ranking" or len(choices) < 2, f"does not have the form {form}",
            form != "ranking" or rd["ties"] or len(choices) == len(named), "ties, which the rules do not allow",
            not named or least <= len(named) <= most, f"names {len(named)}, the rules allow {least} to {most}")
        held.seen.add(receipt)
        if channel != own: held.entered[channel, b["class"], canonical(choices)] += 1
    def sheet(self, sheet: Json, held: Held, known: Names) -> None:
        given, rd, recused, who = sheet[held.kind], held.rd, sheet["recused"], sheet["juror"]
        named, scale = sum(given, []) if held.kind == "ranking" else [*given], {k["id"]: k for k in rd["criteria"]}
        self.where, fits = f"sheet of {who}", {*named, *recused} <= {*known} and len({*named}) == len(named)
        self.want(who in {j["id"] for j in rd["jurors"]} - held.seen, f"no juror of round {held.name}, or a second sheet",
            fits, "somebody who does not stand in this round, or a candidate twice",
            {*recused.values()} <= REASONS, "unknown reason for keeping out",
            held.kind != "picks" or len(given) <= (rd["picks"] or len(given)), f"more than {rd['picks']} picks")
        held.seen.add(who)
        for k, mark in [pair for marks in given.values() for pair in marks.items()] if held.kind == "marks" else []:
            self.want(k in scale and scale[k]["low"] <= mark <= scale[k]["high"], f"the mark {mark} for {k} is not on the scale")
    def recount(self) -> None:  # counts everything again and compares it with result.json
        counts, stand, named, how, told = dict[str, Count](), list[str](), Counter[str](), self.rules["decision"], self.told
        for name, held in self.rounds.items():
            who, admitted, rd = self.standing(held, self.gone), held.seal["admitted"], held.rd
            if held.among is None: stand = [c for c in who if c != NOBODY or how["blend"] != "jury"]
            if held.hidden: counts[name] = self.as_given(held, who)
            elif held.kind != "ballot":
                then, counts[name], went = self.standing(held, held.gone), count_jury(rd, held.box, who), ", ".join(admitted)
                short = ", ".join(shortlist(rd, count_jury(rd, held.box, then), then, how["ladder"]))
                self.want(went == short, f"round {name}: {went} went on, the recount gives {short}")
            else:
                listed = [sum(item[0] == name for item in self.items[file]) for file in FILES[1:3]]
                turnout = dict(zip(("register", "spent"), listed if rd["electorate"] == "codes" else (0, len(held.box))))
                valid = [b for b in held.box if b["receipt"] not in self.voided]
                counts[name] = count_vote(rd, valid, who, turnout)
                if held.among is None: named.update(c for b in valid for rank in b["choices"] for c in rank)
            counts[name].result["admitted"], told["root"] = admitted, held.seal["root"]
        try: found = decide(self.rules, counts, stand, told)
        except Hidden:
            found = {key: self.result.get(key) for key in ("kind", "winners", "ranking", "ties", "combined", "jury_only")}
            self.unproved.append("The tie was parted by sheets or ballots that are not published.")
        votes = [held for held in self.rounds.values() if held.kind == "ballot"]
        for receipt in sorted(self.voided.difference(*(held.seen for held in votes))):
            self.want(False, f"the voided ballot {receipt} is not in the box")
        strays = sum(len(self.lines[file]) for file in FILES[3:5]) - sum(len(held.box) for held in self.rounds.values())
        strays += sum(item[0] not in self.rounds for file in FILES[1:3] for item in self.items[file])
        self.want(not strays, "some ballots, sheets or codes belong to no round of their kind")
        self.found: Json = {**found, "award": self.rules["award"], "withdrawn": sorted(self.gone),
            "rules_hash": sha(self.files["rules.json"]), "rounds": {name: count.result for name, count in counts.items()},
            "withdrawn_votes": {c: named[c] for c in self.gone}}
        if any(held.hidden for held in votes): self.found["withdrawn_votes"] = self.result.get("withdrawn_votes")
        self.faults += differences(self.result, self.found, "result.json")
        kind, names = str(found["kind"]), ", ".join(self.names.get(c, c) for c in found["winners"] or [])
        words = {"winner": f"{names} wins", "shared": f"shared by {names}", NOBODY: "nobody gets the award"}
        self.check("The recount gives the published result", words.get(kind, kind))
    def as_given(self, held: Held, stand: list[str]) -> Count:  # a round without published ballots, by result.json
        said, where = self.result["rounds"].get(held.name), f"result.json, round {held.name}"
        shape(said, "counted", where)
        need(sorted([*said["figures"], *said["not_rated"]]) == sorted(stand), f"{where}: not the figures of who stands")
        for text in said["figures"].values(): need(FRACTION.fullmatch(text), f"{where}: not a figure: {text[:40]!r}")
        kept = {key: said[key] for key, _ in FIELDS["counted"] if key not in ("figures", "ranking")}
        return Count(said["figures"], said["ranking"], None, {}, kind=held.rd["kind"], **kept)
def differences(given: Any, found: Any, where: str) -> list[str]:
    if isinstance(given, dict) and isinstance(found, dict):
        return sum((differences(given.get(k), found.get(k), f"{where}, {k}") for k in sorted({*given, *found})), [])
    said, says = canonical(given), canonical(found)
    return [] if said == says else [f"{where}: the record says {said[:200]}, the recount gives {says[:200]}"]
CANNOT = """
What no recount can prove: that each code went to one entitled person, and that nobody was pressed or paid; that pages showed and
sent what people chose (each voter can check that by the receipt); that nobody with the server looked who voted how while the vote
was open; that key and roots are those that the hall saw (compare them with your own notes).
"""
def main(arguments: list[str]) -> int:
    stop, audit = list[str](), None
    try:
        need(len(arguments) == 1, "say which record: python3 recount.py record.zip")
        audit = Audit(load(arguments[0]))
        audit.run()
    except Broken as error: stop = [f"The recount stopped: {error}"]
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        stop = [f"The recount stopped: something in the record is not as it must be, so the count cannot go on ({error})"]
    checks, last, notes = (audit.checks, audit.faults[:8] + stop, audit.unproved) if audit else ([], stop, [])
    if audit: print(f"Recount of “{audit.rules['title']}” (award {audit.rules['award']})\n")
    for title, figures, faults in checks:
        print(f"{'FAULT' if faults else 'fine '}  {title}: {figures}.")
        for fault in faults[:8] + [f"and {n} more" for n in [len(faults) - 8] if n > 0]: print(f"       - {fault}")
    print("".join(f"FAULT  {fault}\n" for fault in last) + "".join(f"note   {line}\n" for line in notes))
    bad = bool(last) or any(faults for _, _, faults in checks)
    print(CANNOT + ("This record does NOT fit." if bad else "Everything fits. The published result is the recount's."))
    return int(bad)
if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
