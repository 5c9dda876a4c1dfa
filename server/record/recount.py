"""Recounts an award from its published record: python3 recount.py record.zip (or the unpacked folder).
It needs Python 3.9 or newer and nothing else, and shares no code with the program that ran the vote."""
from __future__ import annotations
import collections.abc as abc, functools, hashlib, itertools, json, pathlib, re, sys, unicodedata, zipfile, zlib
from collections import Counter, defaultdict
from fractions import Fraction
from typing import Any
CODES, BOXES, FIELD = ("register.txt", "spent.txt"), ("ballots.jsonl", "sheets.jsonl"), r"([#+?]?)(\w+):?(\w*)([*%]*)"
FILES = {"rules.json": "rules", **dict.fromkeys(CODES, "code"), **dict.fromkeys(BOXES, "line"), "log.jsonl": "entry",
    "result.json": "result", "key.txt": "hex"}  # every file with the kind of its lines, or of the whole
NOBODY, OWN, SIGNED = "nobody", ("irv", "schulze-winning"), ("CHECKPOINT", "CLOSE", "SEAL", "RESULT")
SHEETS = {**dict.fromkeys(("mean", "trimmed", "median", "ranksum", "points"), "marks"), "approval": "picks",
    **dict.fromkeys(("borda", *OWN), "ranking")}  # the rules of a jury, with what its sheets hold
KINDS: dict[str, tuple[type, str]] = {"": (str, ""), "#": (int, ""), "?": (bool, ""), "map": (dict, ""), "list": (list, ""),
    "+": (int, "[1-9][0-9]*"), "table": (list, r"\[[0-9][0-9, ]*\]"), "side": (str, "jury|vote"), "hex": (str, "[0-9a-f]{64}"),
    "rule": (str, "|".join(SHEETS)), "method": (str, "plurality|approval|borda|irv|schulze-winning"), "code":
    (str, r"\S+ \S+ [0-9a-f]{64}"), "share": (str, "[0-9]{1,99}(/[1-9][0-9]{0,98})?")}  # plain values: type and form
# Every object and entry of the log, with its fields: “#a” is a whole number, “+a” one above 0, “?a” true or false, “a:kind” of a
# kind, “a” a text; “*” after it: a list of such, “**” of lists of such, “%” an object of such. After “!” there are no others.
SHAPES = """rules award title candidates:named* rounds:round* #approvals scrutineers:named* checkpoint:pace decision:how / named
id name / round id kind:side publish / pace #min_new / how blend jury_round ladder* #jury_weight #audience_weight #jury_table*
#audience_table* ?jury_only_without_audience / jury rule:rule #shortlist boundary #drop table:table #picks unranked #quorum_min
quorum_share:share jurors:juror* criteria:scale* / juror id name group ?chair / scale id +weight #low #high / vote electorate
classes:class* form method:method #least #most ?ties ?abstain unranked #min_turnout / class id +weight / result kind ties:tie*
rounds:map / counted! kind:side admitted* #abstentions #ballots #valid #weight figures:share% percent% ranking** not_rated*
?fallback turnout:turnout steps:step* / step #tally% #exhausted / turnout #register #spent / line,OPEN round / leaf! round
leaf:hex / ballot! round class choices** receipt salt channel / marks! round juror salt recused% #marks%% / picks! round juror
salt recused% picks* / ranking! round juror salt recused% ranking** / entry! #seq prev #at_ms type body:map hash sig / RULES
rules_hash / RESULT result_hash / REGISTER round #lines hash #classes% / CHECKPOINT,CLOSE round #count root / CHANNEL round
channel class #counts% by* / APPROVE round root scrutineer / SEAL round root spent admitted* / WITHDRAWN candidate reason by* /
VOIDED receipt reason by* / CHAIR candidate name / DRAW,CORRECTION text / RUNOFF round candidates* / REVEAL / tie tried*
parted**"""
FIELDS = {kind.strip("!"): [(name, (inner or sign) + many, "!" in kind) for sign, name, inner, many in
    re.findall(FIELD, " ".join(fields))] for kinds, *fields in map(str.split, SHAPES.split("/")) for kind in kinds.split(",")}
STATES = {"OPEN": ("waiting", "open"), "CLOSE": ("open", "closed"), "APPROVE": ("closed", "closed"), "SEAL": ("closed", "sealed"),
    **dict.fromkeys(("CHECKPOINT", "CHANNEL"), ("open", "open"))}  # the state of its round, before and after
Json = dict[str, Any]
Ranks = list[list[str]]
Names = abc.Collection[str]
Voice = tuple[Ranks, set[str], int]  # an order, all whom it compares, its weight
class Broken(Exception): """The record cannot be read any further."""
def need(fine: Any, text: str) -> None:
    if not fine: raise Broken(text)
def shape(value: Any, kind: str, where: str) -> None:  # the kind: one of KINDS or FIELDS, a list (*) or an object (%) of them
    many, (basic, form), fields = {"*": list, "%": dict}.get(kind[-1:]), KINDS.get(kind, (dict, "")), FIELDS.get(kind, [])
    need(type(value) is (many or basic), f"{where} is {'not an object' if fields else 'of the wrong kind'}")
    if form: need(re.fullmatch(form, str(value)), f"{where} is not of the right form: {str(value)[:40]!r}")
    for name, inner, closed in fields:
        need(name in value, f"{where} lacks “{name}”")
        need(not closed or len(value) <= len(fields), f"{where} has unknown fields")
        shape(value[name], inner, f"{where}: “{name}”")
    for one in (value if many is list else value.values()) if many else (): shape(one, kind[:-1], where)
def sha(text: str) -> str: return hashlib.sha256(text.encode()).hexdigest()
canonical = functools.partial(json.dumps, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
def parse(text: str, where: str) -> Any:
    def no_float(number: str) -> Any: raise Broken(f"{where} holds a number that is not whole: {number[:20]}")
    try: value = json.loads(text, parse_float=no_float, parse_constant=no_float)
    except (ValueError, RecursionError): raise Broken(f"{where} is not JSON") from None
    need(canonical(value) == text and unicodedata.is_normalized("NFC", text),
        f"{where} is not canonical JSON (keys sorted, no spaces, each key once), or not in Unicode form NFC")
    return value
def load(path: str) -> dict[str, str]:  # the files of a record, by name
    try:
        box = None if (at := pathlib.Path(path)).is_dir() else zipfile.ZipFile(path)
        sizes = [(f.filename, f.file_size) for f in box.infolist()] if box else [(f.name, f.stat().st_size) for f in at.iterdir()]
        need(len(dict(sizes)) == len(sizes), "the zip holds a file name twice")
        need(sum(size for _, size in sizes) <= 200_000_000, "the record is too large: more than 200 MB")
        for name in FILES: need(name in dict(sizes), f"{name} is missing")
        for name, _ in sizes: need(not box or name in (*FILES, "recount.py", "README.txt"), f"no part of a record: {name}")
        return {name: (box.read(name) if box else (at / name).read_bytes()).decode("utf-8") for name in FILES}
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError) as error:
        raise Broken(f"{path} cannot be read as a zip or a folder of texts in UTF-8: {error}") from None
# --- signatures: Ed25519, RFC 8032, section 5.1.7; the tree of RFC 6962, section 2.1 ---
P, L, D = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493, -121665 * pow(121666, -1, 2**255 - 19) % (2**255 - 19)
Point = tuple[int, int, int, int]  # extended homogeneous coordinates
def add(p: Point, q: Point) -> Point:
    a, b, c, d = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0]), 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = (b - a) % P, (d - c) % P, (d + c) % P, (b + a) % P
    return e * f % P, g * h % P, f * g % P, e * h % P
def point_of(data: bytes) -> Point:
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    x = pow(x2 := (y * y - 1) * pow(D * y * y + 1, -1, P) % P, (P + 3) // 8, P)
    x = x if (x * x - x2) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    need(y < P and (x * x - x2) % P == 0 and (x or not sign), "key.txt holds no public key of Ed25519")
    return (x := P - x if x & 1 != sign else x), y, 1, x * y % P
def multiples(point: Point) -> list[list[Point]]:  # 0 to 16 times the point, then 0 to 16 times the last of the row before
    rows = [[point]]
    for _ in range(64): rows.append([*itertools.accumulate(16 * [rows[-1][-1]], add, initial=(0, 1, 1, 0))])
    return rows[1:]
class Key:  # a public key that checks signatures
    def __init__(self, public: bytes) -> None:
        base, (x, y, z, t) = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little")), point_of(public)
        self.public, self.rows = public, multiples(base) + multiples((-x % P, y, z, -t % P))
    def signed(self, message: bytes, signature: bytes) -> bool:
        k = int.from_bytes(hashlib.sha512(signature[:32] + self.public + message).digest(), "little") % L
        if len(signature) != 64 or (s := int.from_bytes(signature[32:], "little")) >= L: return False
        digits = [number >> place & 15 for number in (s, k) for place in range(0, 256, 4)]
        x, y, z, _ = functools.reduce(add, [row[digit] for row, digit in zip(self.rows, digits)])  # s·base - k·key
        return ((y * pow(z, -1, P) % P) | (x * pow(z, -1, P) % P & 1) << 255).to_bytes(32, "little") == signature[:32]
def roots(leaves: list[bytes], counts: abc.Iterable[int]) -> dict[int, str]:  # the Merkle roots of the first n leaves, for each n
    @functools.lru_cache(None)
    def root(start: int, end: int) -> bytes:  # its left half has a power of two of them
        middle = start + (1 << (end - start - 1).bit_length() >> 1)
        return leaves[start] if end - start == 1 else hashlib.sha256(b"\1" + root(start, middle) + root(middle, end)).digest()
    return {n: root(0, n).hex() if n else sha("") for n in counts if 0 <= n <= len(leaves)}
def by_figure(figures: Json, lowest_first: bool = False) -> Ranks:  # --- counting: whole numbers and fractions only ---
    return [sorted(c for c in figures if figures[c] == f) for f in sorted({*figures.values()}, reverse=not lowest_first)]
def only(ranks: abc.Iterable[Names], kept: Names) -> Ranks:
    return [rank for rank in (sorted(c for c in rank if c in kept) for rank in ranks) if rank]
def mean(values: abc.Collection[Any]) -> Fraction: return Fraction(sum(values)) / len(values)
def added(parts: list[Json], who: Names) -> Json: return {c: sum((p[c] for p in parts if c in p), Fraction()) for c in who}
def places(ranks: Ranks) -> list[tuple[int, list[str]]]: return [*zip(itertools.accumulate(map(len, ranks), initial=0), ranks)]
def by_place(ranks: Ranks, table: abc.Sequence[int]) -> Json:  # the table's value of each place, or the mean of several
    return {c: Fraction(sum(table[at:at + len(rank)]), len(rank)) for at, rank in places(ranks) for c in rank}
def duels(voices: list[Voice], who: Names) -> dict[tuple[str, str], int]:  # for the first
    spots = [({c: i for i, rank in reversed([*enumerate([*ranks, covers])]) for c in rank}, n) for ranks, covers, n in voices]
    return {(x, y): sum(n for at, n in spots if x in at and y in at and at[x] < at[y]) for x in who for y in who if x != y}
def naming(voices: list[Voice], who: Names) -> Json: return added([dict.fromkeys(sum(r, []), n) for r, _, n in voices], who)
def borda(ranks: Ranks, covers: set[str], weight: int, unranked: str) -> Json:  # what one voice gives to each
    named = {*sum(ranks, [])}
    best, rest = len(named if unranked == "length" else covers), [covers - named] if unranked == "average" else []
    return {c: n * weight for c, n in by_place(ranks + only(rest, covers), range(best, 0, -1)).items()}
def irv(voices: list[Voice], who: Names, told: abc.Sequence[Json] = ()) -> tuple[Json, Ranks, list[Any]]:  # and steps
    stay, gone, steps = sorted(who), Ranks(), list[Any]()
    while True:  # a ballot counts for the first who stands alone in a rank
        firsts = [(next((rank for rank in only(ranks, stay) if len(rank) == 1), []), weight) for ranks, _, weight in voices]
        tally = {c: told[len(steps)]["tally"][c] if told else sum(n for first, n in firsts if c in first) for c in stay}
        counting, fewest, rungs = sum(tally.values()), min(tally.values(), default=0), list[str]()
        elected = [c for c in stay if 2 * tally[c] > counting]
        last = out = [c for c in stay if tally[c] == fewest and not elected]
        if len(last) == len(stay) > 1: rungs, out = ["undecided"], []
        elif len(last) > 1:  # fewest in the rounds before, latest first; else together, if they stay below the next
            rungs, out = ["previous-rounds"], by_figure({c: tuple(s["tally"][c] for s in steps[::-1]) for c in last}, True)[0]
            if len(out) > 1:
                out = last if fewest * len(last) < min(n for n in tally.values() if n > fewest) else []
                rungs += ["first-preferences", "together", "undecided"][:2 if out else 3]
        steps.append({"tally": tally, "exhausted": sum(weight for *_, weight in voices) - counting, "elected": elected,
            "threshold": counting // 2 + 1, "eliminated": out, "tied": last if rungs else [], "rungs": rungs})
        if not out: break
        gone, stay = [out, *gone], [c for c in stay if c not in out]
    return {c: n for step in steps for c, n in step["tally"].items()}, [*(by_figure(tally) if elected else [stay]), *gone], steps
def schulze(voices: list[Voice], who: Names) -> tuple[Json, Ranks, list[Any]]:
    pairs = duels(voices, who)
    path = {(x, y): votes if votes > pairs[y, x] else 0 for (x, y), votes in pairs.items()}
    for z, (x, y) in ((z, pair) for z in who for pair in path):
        if z not in (x, y): path[x, y] = max(path[x, y], min(path[x, z], path[z, y]))
    ahead = {x: {y for y in who if x != y and path[x, y] > path[y, x]} for x in who}
    @functools.lru_cache(None)
    def rank(x: str) -> int: return 1 + max((rank(y) for y in who if x in ahead[y]), default=0)
    return {x: len(ahead[x]) for x in who}, by_figure({x: rank(x) for x in who}, True), []
def by_method(method: str, voices: list[Voice], who: list[str], unranked: str) -> tuple[Json, Ranks, list[Any]]:
    if method in OWN: return (irv if method == "irv" else schulze)(voices, who)
    figures = added([borda(*voice, unranked) for voice in voices], who) if method == "borda" else naming(voices, who)
    return figures, by_figure(figures), []
class Count:  # a round as counted: `result` is for result.json, the rest for the decision; `more` has a value by rung for each
    def __init__(self, rd: Json, counted: Json, ranked: Ranks, voices: list[Voice] | None, more: Json, **result: Any) -> None:
        self.figures, self.ranking, self.voices, self.more = {c: Fraction(f) for c, f in counted.items()}, ranked, voices, more
        weight, shown = result["weight"], self.figures if rd.get("method") in ("plurality", "approval", "irv") else {}
        self.result: Json = {"not_rated": [], "fallback": False, **result, "ranking": ranked, "kind": rd["kind"],
            "figures": {c: str(f) for c, f in self.figures.items()}, "abstentions": result["ballots"] - result["valid"],
            "percent": {c: str((200 * f + weight) // (2 * weight or 1)) for c, f in shown.items()}}  # of the weight, half up
    def part(self, rung: str, tied: list[str]) -> Ranks:  # by a rung that reads this round; nothing: that is not published
        value, voices = self.more.get(rung, {}), self.voices
        if voices is None: return []
        if rung == "countback" and (big := 1 + sum(n for *_, n in voices)):  # one more of a better place outweighs all worse ones
            value = added([{c: Fraction(n, big ** i) for i, rank in places(ranks) for c in rank} for ranks, _, n in voices], tied)
        elif rung == "head-to-head" and (won := duels(voices, tied)):  # 2 for each win, 1 for each draw
            value = {x: sum((won[x, y] >= won[y, x]) + (won[x, y] > won[y, x]) for y in tied if y != x) for x in tied}
        return by_figure({c: value[c] for c in tied}) if value.keys() >= set(tied) else [tied]
def count_jury(rd: Json, sheets: list[Json], stand: list[str]) -> Count:
    rule, jurors, weights = rd["rule"], rd["jurors"], {k["id"]: k["weight"] for k in rd["criteria"]}
    marked, marks, orders, fits = SHEETS[rule] == "marks", list[Json](), list[Ranks](), list[set[str]]()  # per sheet
    for sheet in sheets:
        may = {c for c in stand if c not in sheet["recused"]}
        full = {c: m for c, m in sheet.get("marks", {}).items() if c in may and weights.keys() <= m.keys()}
        marks.append({c: Fraction(sum(w * m[k] for k, w in weights.items()), sum(weights.values())) for c, m in full.items()})
        orders.append(only(sheet.get("ranking", [sheet.get("picks", [])]), may))
        fits.append({*marks[-1]} or (may if orders[-1] else set()))  # for whom it counts
    counting, share = {c: [i for i, who in enumerate(fits) if c in who] for c in stand}, Fraction(rd["quorum_share"])
    able = {c: len(jurors) - sum(c in sheet["recused"] for sheet in sheets) for c in stand}
    rated = {c for c in stand if len(counting[c]) >= max(1, rd["quorum_min"], -(-share * able[c] // 1))}
    group, teams = {j["id"]: j["group"] for j in jurors if rule == "points"}, defaultdict[Any, list[Json]](list)
    for i, sheet in enumerate(sheets): teams[group.get(sheet["juror"]) or i].append(marks[i])
    means = [{c: mean(found) for c in rated if (found := [m[c] for m in team if c in m])} for team in teams.values()]
    voices = [(by_figure(found), {*found}, 1) for found in means if found]  # of one juror, or with points of a group of jurors
    if not marked: voices = [(ranks, rated - {*sheet["recused"]}, 1) for order, sheet in zip(orders, sheets)
        if (ranks := only(order, rated))]
    gaps = any(covers != rated for _, covers, _ in voices)
    values = {c: sorted(marks[i][c] for i in counting[c]) for c in rated if marked}
    fallback = rule == "trimmed" and any(len(v) < 2 * rd["drop"] + 3 for v in values.values())
    more: Json = {f"criterion:{k}": {c: mean([sheets[i]["marks"][c][k] for i in who]) for c, who in counting.items() if who}
        for k in weights if marked}
    if rule in ("approval", "borda"): more["groups"] = naming(voices, rated)
    figures, ranking, steps = Json(dict.fromkeys(rated, 0)), Ranks(), list[Any]()
    if rule in ("mean", "trimmed", "median"):  # a median has half of the marks dropped on either side
        drop = rd["drop"] if rule == "trimmed" and not fallback else 0
        figures = {c: mean(v[d:len(v) - d]) for c, v in values.items() for d in [(len(v) - 1) // 2 if rule == "median" else drop]}
    elif rule == "ranksum":  # with gaps the share (rank - 1/2) / length of the order
        at = [(by_place(ranks, range(1, len(who) + 1)), len(who)) for ranks, who, _ in voices]
        figures = {c: mean([(p[c] - Fraction(1, 2)) / n if gaps else p[c] for p, n in at if c in p]) for c in rated}
    elif rule == "points" and (points := [by_place(ranks, rd["table"]) for ranks, _, _ in voices]):
        figures, more["groups"] = added(points, rated), {c: sum(p.get(c, 0) > 0 for p in points) for c in rated}
    elif voices: figures, ranking, steps = by_method(rule, voices, sorted(rated), rd["unranked"])
    if gaps and rule in ("points", "borda"):  # as a share of the most that was to be had
        most = [(len(covers) if rule == "borda" else rd["table"][0], covers) for _, covers, _ in voices]
        figures = {c: f / (sum(n for n, covers in most if c in covers) or 1) for c, f in figures.items()}
    if voices and rule not in OWN: ranking = by_figure(figures, rule == "ranksum")
    return Count(rd, figures, ranking, voices, more, ballots=len(sheets), valid=sum(map(bool, fits)), steps=steps,
        weight=sum(map(bool, fits)), not_rated=sorted({*stand} - rated), fallback=fallback)
def shortlist(rd: Json, count: Count, stand: list[str], ladder: list[str]) -> list[str]:
    ranks, n = count.ranking, rd["shortlist"]
    for rung in ladder if rd["boundary"] == "ladder" else []:  # only the group that straddles the boundary is parted
        ranks = sum((count.part(rung, rank) or [rank] if at < n < at + len(rank) else [rank] for at, rank in places(ranks)), [])
    return [c for c in stand if not n or any(at < n and c in rank for at, rank in places(ranks))]
def count_vote(rd: Json, ballots: list[Json], stand: list[str]) -> Count:  # `ballots` without the voided ones
    weights = {k["id"]: k["weight"] for k in rd["classes"]}
    profile = Counter((canonical(only(b["choices"], stand)), b["class"]) for b in ballots)
    voices = [(json.loads(text), {*stand}, n * weights[k]) for (text, k), n in profile.items() if text != "[]"]
    (figures, ranking, steps), weight = by_method(rd["method"], voices, stand, rd["unranked"]), sum(n for *_, n in voices)
    if not voices or len(ballots) < rd["min_turnout"]: ranking, steps = [], []
    return Count(rd, figures, ranking, voices, {"groups": naming(voices, stand)}, ballots=len(ballots),
        valid=sum(n for (text, _), n in profile.items() if text != "[]"), weight=weight, steps=steps)
def combine(how: Json, jury: Count | None, vote: Count | None, stand: list[str]) -> tuple[Json, Ranks, bool]:
    blend, heard, judged = how["blend"], vote if vote and vote.ranking else None, only(jury.ranking, stand) if jury else []
    if blend == "audience" and heard: return heard.figures, only(heard.ranking, stand), False
    both = {*sum(judged, [])} | {NOBODY} & {*stand}
    totals = [sum(side.figures.get(c, 0) for c in both) if side and blend == "shares" else 1 for side in (jury, vote)]
    if not jury or not judged or not totals[0]: return {}, [], False
    if blend in ("jury", "audience") or not heard or not totals[1]:
        return jury.figures, judged if blend == "jury" or how["jury_only_without_audience"] else [], blend != "jury"
    figures = added([{c: how[f"{name}_weight"] * side.figures[c] / total for c in side.figures} if blend == "shares" else
        by_place(only(side.ranking, both), how[f"{name}_table"])
        for side, name, total in ((jury, "jury", totals[0]), (heard, "audience", totals[1]))], both)
    return figures, by_figure(figures), False  # the figures that decide, the ranking by them, and whether the jury was alone
def decide(rules: Json, counts: dict[str, Count], stand: list[str], told: Json) -> Json:  # the award's part of result.json
    how, last = rules["decision"], {rd["kind"]: rd["id"] for rd in rules["rounds"]}  # the last round of each kind
    vote, jury = counts.get(last.get("vote", "")), counts.get(how["jury_round"])
    figures, ranking, jury_only = combine(how, jury, vote, stand)
    top, behind, tried, waits = sum(ranking[:1], []), Ranks(), list[str](), False  # a tie as the ladder leaves it
    side, judged = jury if jury_only or how["blend"] != "audience" else vote, jury or counts.get(last.get("jury", ""))
    rungs = [NOBODY] if NOBODY in top else how["ladder"][:[*how["ladder"], "shared"].index("shared")] + ["shared"]
    asks = [rung in ("chair", "lot", "shared", NOBODY) for rung in rungs].index(True)
    for step in rungs[:asks] + told["runoffs"] + rungs[asks:]:  # before people are asked: run-offs between exactly who is left
        source, reader = vote if step == "audience" else counts.get(step), judged if ":" in step else side
        if len(top) < 2 or waits: break
        if step in told["runoffs"] and not (source and source.ranking and sorted(source.figures) == top): continue
        if source: parts = only(source.ranking, top) or [top]
        elif step == "chair": parts, waits = only([[told[step]], {*top} - {told[step]}], top), told[step] not in top
        elif step == "lot" and told[step]: parts = by_figure({c: sha(f"{told['root']}|{c}|{told[step]}") for c in top}, True)
        elif step == NOBODY: parts = [[NOBODY], [c for c in top if c != NOBODY]]
        else: parts, waits = reader.part(step, top) if reader else [top], step == "lot"
        if not parts:  # that is for sheets or ballots that are not published: as the record says, if it speaks of this tie
            t: Json = [*told["said"]["ties"], {"parted": [[]]}][0]
            need(sorted(sum(t["parted"], [])) == ranking[0] and set() < {*t["parted"][0]} <= {*top}, "result.json: another tie")
            [top, *behind], tried, waits, told["hidden"] = t["parted"], t["tried"], told["said"]["kind"] == "undecided", True
            break
        tried, top, behind = [*tried, step], parts[0], [*parts[1:], *behind]
    kind = ("undecided" if waits else "shared") if top[1:] else NOBODY if NOBODY in top else "winner" if top else "no-valid-votes"
    parted = [top, *behind] if top else []
    return {"kind": kind, "winners": top if kind in ("winner", "shared") else [], "ranking": parted + ranking[1:],
        "ties": [{"candidates": ranking[0], "rung": tried[-1], "tried": tried, "parted": parted}] if tried else [],
        "jury_only": jury_only and bool(ranking), "combined": {c: str(f) for c, f in figures.items() if c in sum(ranking, [])}}
class Held:  # a round, and what the log says of it: what came before it, and among whom a run-off is
    def __init__(self, rd: Json, before: list[Held], among: Names = ()) -> None:
        self.rd, self.name, self.hidden, self.before, self.among = rd, rd["id"], rd["publish"] == "totals", before, among
        self.kind, self.file = (SHEETS[rd["rule"]], BOXES[1]) if rd["kind"] == "jury" else ("ballot", BOXES[0])
        self.heads, self.approved = [(0, sha(""), "")], defaultdict[str, set[str]](set)  # count, root, place; who approved a root
        self.state, self.seal, self.register, self.box = "waiting", Json(), Json(hash=sha(""), lines=0, classes={}), list[Json]()
        self.gone, self.papers, self.hands, self.codes = set[str](), Counter[str](), Counter[Any](), 2 * [list[list[str]]()]
class Audit:  # goes through a record once; `checks` are what was looked at, with the faults found
    def __init__(self) -> None:
        self.where, self.items, self.rules, self.rounds = "", defaultdict[str, list[Any]](list), Json(), dict[str, Held]()
        self.unproved, self.faults, self.checks = list[str](), list[str](), list[tuple[str, str, list[str]]]()
        self.gone, self.voided, self.told = set[str](), set[str](), Json(chair="", lot="")  # for the ladder
    def want(self, *said: Any) -> None:  # notes a fault for each pair (what has to be true, else this text); `where` is the place
        self.faults += [f"{self.where}: {text}".removeprefix(": ") for fine, text in zip(said[::2], said[1::2]) if not fine]
    def check(self, title: str, figures: str) -> None:
        self.checks, self.faults, self.where = [*self.checks, (title, figures, self.faults)], [], ""
    def run(self, files: dict[str, str]) -> None:
        for name, kind in FILES.items():
            *lines, rest = files[name].split("\n") if not name.endswith(".json") else [files[name], ""]
            need(not rest, f"{name} does not end with a line end")
            need(kind != "code" or lines == sorted({*lines}), f"{name}: is not sorted, or holds a line twice")
            for i, line in enumerate(lines, 1):
                where = name if name.endswith(".json") else f"{name}, line {i}"
                self.items[name].append(line if kind in KINDS else parse(line, where))
                shape(self.items[name][-1], kind, where)
        [self.rules], log, [self.result], [key] = (self.items[name] for name in FILES if name not in (*CODES, *BOXES))
        self.names, self.sums = {c["id"]: c["name"] for c in self.rules["candidates"]}, {name: sha(files[name]) for name in files}
        for rd in self.rules["rounds"]:
            shape(rd, rd["kind"], f"rules.json, round {rd['id']}")
            self.rounds[rd["id"]] = Held(rd, [*self.rounds.values()][-1:])
        need(len(self.rounds) == len(self.rules["rounds"]) > 0, "rules.json: no rounds, or two with one id")
        self.check("Every file is there and in canonical form", f"{len(files)} files")
        self.story(log, key)
        for held in self.rounds.values(): self.round(held)
        self.recount()
    def story(self, log: list[Json], public: str) -> None:  # each entry: its link, the state of its round, who stands behind it
        rules, rounds, told, want, sums, prev = self.rules, self.rounds, self.told, self.want, self.sums, "0" * 64
        people, key = {s[field]: s["id"] for s in rules["scrutineers"] for field in ("name", "id")}, Key(bytes.fromhex(public))
        needed, paper, kinds = rules["approvals"] if people else 1, self.names.keys() - {NOBODY}, [e["type"] for e in log]
        end, jurors = [*kinds, "RESULT"].index("RESULT") + 1, [j for rd in rules["rounds"] for j in rd.get("jurors", ())]
        for seq, e in enumerate(log, 1):
            kind, b, sig, before, self.where = e["type"], e["body"], e["sig"], prev, f"log entry {seq} ({e['type'][:20]})"
            need(kind.isupper() and kind in FIELDS, f"{self.where}: unknown type {kind[:20]!r}")
            shape(b, kind, self.where)
            prev = sha(canonical({k: v for k, v in e.items() if k not in ("hash", "sig")}))
            good = re.fullmatch("[0-9a-f]{128}", sig) and key.signed(bytes.fromhex(prev), bytes.fromhex(sig))
            want(e["seq"] == seq, f"has the number {e['seq']}: entries are missing or out of order",
                e["prev"] == before, "does not continue the entry before it",
                e["hash"] == prev, "was altered: its hash does not fit its content",
                good if kind in SIGNED else not sig, "the signature is not valid for the key in key.txt")
            name, by = b.get("round", [*rounds][0]), b.get("by", [b.get("scrutineer", "")])
            by = {people.get(who, "" if people else who) for who in by} - {""}
            if kind == "RUNOFF":
                votes = [rd for rd in rules["rounds"] if rd["kind"] == "vote" and name not in rounds]
                need(votes and set() < {*b["candidates"]} <= paper, f"{self.where}: no such run-off is possible")
                rounds[name] = Held({**votes[0], "id": name}, [*rounds.values()][-1:], b["candidates"])
            need(name in rounds, f"{self.where}: unknown round {name}")
            held, (count, root, _) = rounds[name], rounds[name].heads[-1]
            was, then = STATES.get(kind, (held.state, held.state))
            want(seq <= end or kind in ("REVEAL", "CORRECTION"), "nothing changes after the RESULT",
                was == held.state, "this cannot happen to the round as it stands")
            if was != held.state: continue
            held.state = then
            if kind == "RULES": want(seq == 1 and b["rules_hash"] == sums["rules.json"], "rules.json is not what was frozen")
            elif kind == "RESULT": want(b["result_hash"] == sums["result.json"], "result.json is not what was logged")
            elif kind in ("WITHDRAWN", "VOIDED"):
                want(len(by) >= needed, f"{len(by)} scrutineers stand behind it, {needed} must", b["reason"].strip(),
                    "no reason is given", kind == "VOIDED" or b["candidate"] in paper, "it names no candidate")
                (self.voided if kind == "VOIDED" else self.gone).add(b["receipt" if kind == "VOIDED" else "candidate"])
                told["chair"] = ""  # what the chair said was said of another tie
            elif rung := {"CHAIR": "chair", "DRAW": "lot"}.get(kind):
                want(not told[rung] and {h.state for h in rounds.values()} == {"sealed"}, "it is told once, when all is sealed",
                    kind == "DRAW" or b["name"] in ([j["name"] for j in jurors if j["chair"]] or [""]), "names no chair")
                told[rung] = b.get("candidate", b.get("text"))
            elif kind == "REGISTER":
                want(held.state == "waiting" and "round" not in held.register, "the register was changed after it was fixed")
                held.register = b
            elif kind == "OPEN":
                want(not held.before or held.before[0].state == "sealed", "opened before the round before it was sealed")
            elif kind in ("CHECKPOINT", "CLOSE"):
                new, fewest = b["count"] - count, max(1, rules["checkpoint"]["min_new"]) if kind == "CHECKPOINT" else 0
                want(new >= fewest, f"{new} ballots after the last: at least {fewest} new ones make a checkpoint")
                held.heads.append((b["count"], b["root"], self.where))
            elif kind == "CHANNEL":
                want(len({who.strip() for who in b["by"]} - {""}) > 1, "two different people must confirm it")
                for choices, n in b["counts"].items(): held.hands[b["channel"], b["class"], choices] += n
            elif kind == "APPROVE":
                want(by, f"{b['scrutineer'][:40]} is no scrutineer of this award")
                held.approved[b["root"]] |= by
            elif kind == "SEAL":
                n, held.seal, held.gone = len(held.approved[b["root"]]), b, {*self.gone}
                want(b["root"] == root, "the box that was sealed is not the one that was closed",
                    n >= needed, f"{n} scrutineers approved this box, {needed} must")
        self.where, unsealed = "", ", ".join(name for name, held in rounds.items() if held.state != "sealed")
        want(end <= len(log), "the log holds no RESULT", kinds[:1] == ["RULES"], "the log does not begin with RULES")
        self.check("The log is one unbroken chain, its heads are signed; it tells a possible story, everything is countersigned",
            f"{len(log)} entries, {len(self.gone)} withdrawals, {len(self.voided)} voided ballots, {needed} approvals each")
        need(not unsealed, f"round {unsealed} was not sealed, so nothing can be counted")
    def standing(self, held: Held, gone: Names) -> list[str]:  # the candidates, in the order of the paper
        stays = {*(held.among or (held.before[0].seal["admitted"] if held.before else self.names))}
        if not held.among: stays = stays | {NOBODY} if held.kind == "ballot" else stays - {NOBODY}
        return [c for c in self.names if c in stays and c not in gone]
    def round(self, held: Held) -> None:  # is the box what was closed, are its codes the register's, is each paper by the rules?
        want, name, hidden, reg, own = self.want, held.name, held.hidden, held.register, held.rd.get("electorate", "")[:-1]
        for i, item in enumerate(self.items[held.file], 1):
            if item["round"] == name: shape(item, "leaf" if hidden else held.kind, f"{held.file}, line {i}")
        held.box = box = [item for item in self.items[held.file] if item["round"] == name]
        held.papers = Counter(b.get("receipt", b.get("juror", "")) for b in box)
        leaves = [bytes.fromhex(b["leaf"] if hidden else sha("\0" + canonical(b))) for b in box]
        found, n, late = roots(leaves, {count for count, *_ in held.heads}), len(box), len(box) - held.heads[-1][0]
        for (start, *_), (count, root, self.where) in zip(held.heads, held.heads[1:]):
            want(found.get(count) == root, f"the root of the first {count} ballots of {name} is another one",
                sorted(leaves[start:count]) == leaves[start:count], "its ballots are not sorted by their hashes")
        lines, spent = held.codes = [[code for a in self.items[file] if (code := a.split(" "))[0] == name] for file in CODES]
        hashes, self.where = [sha("".join(" ".join(code) + "\n" for code in some)) for some in held.codes], f"round {name}"
        logged = (reg["hash"], reg["lines"], +Counter(reg["classes"])) == (hashes[0], len(lines), Counter(k for _, k, _ in lines))
        if held.among and "round" not in reg:  # a run-off has the register of the vote
            lines = sum((other.codes[0] for other in self.rounds.values() if other.kind == "ballot"), [])
        entered = Counter((b["channel"], b["class"], canonical(b["choices"])) for b in box if b.get("channel", own) != own)
        strangers = len({(k, code) for _, k, code in spent} - {(k, code) for _, k, code in lines})
        want(not late, f"{abs(late)} ballots {'were added after the close' if late > 0 else 'of the closed box are missing'}",
            logged, "register.txt is not what was logged before the opening",
            held.seal["spent"] == hashes[1], "spent.txt is not what was sealed",
            not strangers, f"{strangers} used codes are not in the register",
            own == "code" or not spent, "has no codes, but spent.txt has some",
            hidden or entered == +held.hands, "ballots by hands or paper are not the confirmed counts")
        used, cast = Counter(k * (not hidden) for _, k, _ in spent), Counter(b["class"] for b in box if b.get("channel") == own)
        if hidden: cast[""] = n - sum(held.hands.values())
        for group in {*used, *cast} if own == "code" else ():
            want(used[group] == cast[group], f"class {group}: {used[group]} used codes, but {cast[group]} ballots by code")
        stand, check = self.standing(held, self.gone), self.ballot if held.kind == "ballot" else self.sheet
        for item in [] if hidden else box: check(item, held, stand)
        figures = f"{n} ballots or sheets, {len(held.heads) - 1} roots, {len(spent)} of {len(lines)} codes used"
        self.check(f"Round {name} is what was closed and sealed, every paper in it is valid", figures)
        if hidden: self.unproved.append(f"Round {name} publishes totals only: its figures are taken as given.")
    def ballot(self, b: Json, held: Held, stand: Names) -> None:
        choices, channel, receipt, rd, own = b["choices"], b["channel"], b["receipt"], held.rd, held.rd["electorate"][:-1]
        form, named, self.where = rd["form"], [c for rank in choices for c in rank], f"ballot {receipt}"
        known, most = {*stand} | self.gone, 1 if form == "single" else rd["most"] or len({*stand} | self.gone)
        least = 1 if named == [NOBODY] else min(rd["least"], len(stand), most)
        pattern = "[a-z2-7]{12} [0-9a-f]{32}" if channel == own else re.escape(channel) + r"-\d{4,} "
        tidy, strangers = len({*named}) == len(named) and all(rank and rank == sorted(rank) for rank in choices), {*named} - known
        self.want(held.papers[receipt] < 2, "the receipt comes twice",
            b["class"] in {k["id"] for k in rd["classes"]}, f"unknown class {b['class']}",
            channel in (own, "hands", "paper"), f"the channel {channel} is not open in this round",
            re.fullmatch(pattern, f"{receipt} {b['salt']}"), "the receipt or the salt is not of the right form",
            not strangers, f"names {', '.join(sorted(strangers))}, who does not stand in this round",
            named or (not choices and rd["abstain"]), "an abstention, which the rules do not allow",
            tidy, "a candidate twice, an empty rank, or a rank that is not sorted",
            form == "ranking" or len(choices) < 2, f"does not have the form {form}",
            form != "ranking" or rd["ties"] or len(choices) == len(named), "ties, which the rules do not allow",
            not named or least <= len(named) <= most, f"names {len(named)}, the rules allow {least} to {most}")
    def sheet(self, sheet: Json, held: Held, stand: Names) -> None:
        given, rd, recused, who = sheet[held.kind], held.rd, sheet["recused"], sheet["juror"]
        named, scale = sum(given, []) if held.kind == "ranking" else [*given], {k["id"]: k for k in rd["criteria"]}
        self.where, fits = f"sheet of {who}", {*named, *recused} <= {*stand} | self.gone and len({*named}) == len(named)
        self.want(held.papers[who] < 2 and who in {j["id"] for j in rd["jurors"]}, f"no juror of {held.name}, or a second sheet",
            fits, "somebody who does not stand in this round, or a candidate twice",
            {*recused.values()} <= {"own-entry", "employer", "family", "business", "other"}, "unknown reason for keeping out",
            held.kind != "picks" or len(given) <= (rd["picks"] or len(given)), f"more than {rd['picks']} picks")
        for k, mark in [pair for marks in given.values() for pair in marks.items()] if held.kind == "marks" else []:
            self.want(k in scale and scale[k]["low"] <= mark <= scale[k]["high"], f"the mark {mark} for {k} is not on the scale")
    def recount(self) -> None:  # counts everything again and compares it with result.json
        counts, stand, named, how, said = dict[str, Count](), list[str](), Counter[str](), self.rules["decision"], self.result
        for name, held in self.rounds.items():
            rd, who, then = held.rd, self.standing(held, self.gone), self.standing(held, held.gone)
            box, sealed = [b for b in held.box if b.get("receipt") not in self.voided], held.seal["admitted"]
            tally = self.as_given if held.hidden else count_vote if held.kind == "ballot" else count_jury
            counts[name] = tally(rd, box, who)
            blind = held.hidden and (rd.get("boundary") == "ladder" or held.gone != self.gone)  # not to be told from totals
            went = [] if held.kind == "ballot" else sealed if blind else shortlist(rd, tally(rd, box, then), then, how["ladder"])
            self.want(sealed == went, f"round {name}: {', '.join(sealed)} went on, the recount gives {', '.join(went)}")
            lines = [*map(len, held.codes)] if rd.get("electorate") == "codes" else [len(rd.get("jurors", ())), len(held.box)]
            counts[name].result.update(admitted=sealed, turnout=dict(zip(("register", "spent"), lines)))
            if not held.among: named.update(c for b in box for rank in b.get("choices", []) for c in rank)
            if not held.among: stand = [c for c in who if c != NOBODY or how["blend"] != "jury"]
        every = [*self.rounds.values()]
        self.told.update(root=held.seal["root"], runoffs=[held.name for held in every if held.among], said=said)
        found = decide(self.rules, counts, stand, self.told)
        if "hidden" in self.told: self.unproved.append("The tie was parted by sheets or ballots that are not published.")
        hidden = any(held.hidden and held.kind == "ballot" for held in every)
        missing = set() if hidden else self.voided.difference(*(held.papers for held in every if held.kind == "ballot"))
        strays = sum(len(self.items[file]) for file in (*CODES, *BOXES)) - sum(len(h.box) + sum(map(len, h.codes)) for h in every)
        self.want(not missing, f"the voided ballot {', '.join(sorted(missing))} is not in the box",
            not strays, "some ballots, sheets or codes belong to no round of their kind")
        self.found: Json = {**found, "award": self.rules["award"], "withdrawn": sorted(self.gone),
            "rules_hash": self.sums["rules.json"], "rounds": {name: count.result for name, count in counts.items()},
            "withdrawn_votes": said.get("withdrawn_votes") if hidden else {c: named[c] for c in self.gone}}
        self.faults += differences(said, self.found, "result.json")
        kind, names = str(found["kind"]), ", ".join(self.names.get(c, c) for c in found["winners"])
        words = {"winner": f"{names} wins", "shared": f"shared by {names}", NOBODY: "nobody gets the award"}
        self.check("The recount gives the published result", words.get(kind, kind))
    def as_given(self, rd: Json, box: list[Json], stand: list[str]) -> Count:  # of totals, by result.json as far as it can be
        said, where, jury = self.result["rounds"].get(rd["id"]), f"result.json, round {rd['id']}", rd["kind"] == "jury"
        shape(said, "counted", where)
        need(sorted([*said["figures"], *said["not_rated"]]) == sorted(stand), f"{where}: not the figures of who stands")
        rule, figures = rd["rule" if jury else "method"], {c: Fraction(f) for c, f in said["figures"].items()}
        high = {"plurality": sum(figures.values()), **dict.fromkeys(("approval", "irv"), max([Fraction(), *figures.values()]))}
        most = said["valid"] * max([1, *(k["weight"] for k in rd.get("classes", []))])
        need(len(box) - len(self.voided) <= said["ballots"] <= len(box) >= said["valid"], f"{where}: other ballots than its box")
        need(high.get(rule, 0) <= said["weight"] <= most, f"{where}: more than its ballots can give")
        ranks, steps, told, mute = by_figure(figures, rule == "ranksum"), list[Any](), said["steps"], not any(figures.values())
        if (said["ballots"] < rd.get("min_turnout", 0) or not said["weight"] or rule == "irv" and not told
            or mute and (not said["ranking"] if jury else rule not in OWN)): ranks = []  # no valid vote, or nobody spoke
        elif rule == "irv":  # all follows from the tallies of the steps
            lost, size = [step["exhausted"] for step in told], sum(told[0]["tally"].values()) + told[0]["exhausted"]
            need(min(lost) >= 0 and size <= said["weight"] and (jury or size == said["weight"]), f"{where}: not of its ballots")
            figures, ranks, steps = irv([([], set(), size)], [*figures], told)
        elif rule in OWN:  # who beat how many; and the best of each place has beaten more than anybody of the next
            ranks, best = said["ranking"], [max(figures[c] for c in rank) for rank in said["ranking"]]
            need(sorted(sum(ranks, [])) == sorted(figures) and best == sorted({*best}, reverse=True) and all(figures[c] + at
                + len(rank) <= len(figures) for at, rank in places(ranks) for c in rank), f"{where}: figures of another ranking")
        return Count(rd, figures, ranks, None, {}, **{**said, "steps": steps})
def differences(given: Any, found: Any, where: str) -> list[str]:
    if isinstance(given, dict) and isinstance(found, dict):
        return sum((differences(given.get(k), found.get(k), f"{where}, {k}") for k in sorted({*given, *found})), [])
    said, says = canonical(given), canonical(found)
    return [] if said == says else [f"{where}: the record says {said[:200]}, the recount gives {says[:200]}"]
CANNOT = """What no recount can prove: that each code went to one entitled person, and that nobody was pressed or paid; that pages
showed and sent what people chose (each voter can check that by the receipt); that nobody with the server looked who voted how
while the vote was open; that key and roots are those that the hall saw (compare them with your own notes)."""
def main(arguments: list[str]) -> int:
    audit, at = Audit(), pathlib.Path(" ".join(arguments)) if arguments else pathlib.Path(__file__).resolve().parent
    if hasattr(sys.stdout, "reconfigure"): sys.stdout.reconfigure(errors="replace")  # names the terminal has no letters for
    try: audit.run(load(str(at)))
    except (Broken, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        audit.faults.insert(0, str(error))
        audit.check("The recount stopped", "something is not as it must be, so the count cannot go on")
    if audit.rules: print(f"Recount of “{audit.rules['title']}” (award {audit.rules['award']})\n")
    for title, figures, faults in audit.checks:
        print(f"{'FAULT' if faults else 'fine '}  {title}: {figures}.")
        for fault in faults[:12] + [f"and {n} more" for n in [len(faults) - 12] if n > 0]: print(f"       - {fault}")
    fits, is_one = not any(faults for *_, faults in audit.checks), at.is_file() or (at / "log.jsonl").exists()
    no = "This record does NOT fit." if is_one else "Nothing was counted. Say which record: python3 recount.py record.zip"
    print("".join(f"note   {line}\n" for line in audit.unproved), CANNOT, sep="\n")
    print("Everything fits. The published result is the recount's." if fits else no)
    return int(not fits)
if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
