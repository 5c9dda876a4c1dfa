"""Awards in the organiser's export: what the reveal has shown, with base, method and exact figures."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from dashboard.award_facts import phase_key
from dashboard.award_result import (
    AwardTable,
    candidate_name,
    combined_table,
    remarks,
    result_sentence,
    round_table,
    tie_sentences,
)
from dashboard.award_reveal import parts_base
from dashboard.award_rules import award_rules
from polls.award.life import AwardRun, round_of
from polls.award.model import Award, CandidateId, JuryRound, Rung
from polls.desk import EventState
from voting.award.counted import AwardResult

COMBINED = "combined"
"""Names the part of an award in which jury and audience come together; the others have their round's id."""

Export = dict[str, Any]


def award_part(state: EventState, award: Award, result: AwardResult | None, lang: str) -> Export:
    """An award of the export document. `result` counts only once its reveal is over: nobody, the organiser
    included, is told a total before the hall."""
    run = state.award(award.id)
    session = next((one for one in state.event.sessions if one.id == award.session), None)
    is_out = result is not None and run.revealed
    return {
        "id": award.id,
        "title": award.title.pick(lang),
        "session": session.title.pick(lang) if session else "",
        "state": phase_key(award, run),
        "rules_hash": run.rules_hash,
        "rules_text": [
            {"heading": part.heading, "sentences": list(part.sentences)}
            for part in award_rules(award, lang, run.rules_hash)
        ],
        "corrections": list(run.corrections),
        "result": _result(award, run, result, lang) if result is not None and is_out else None,
    }


def _result(award: Award, run: AwardRun, result: AwardResult, lang: str) -> Export:
    return {
        "kind": result.kind.value,
        "winners": [candidate_name(award, c, lang) for c in result.winners],
        "sentence": result_sentence(award, result, lang),
        "remarks": [
            *tie_sentences(award, result, lang, run.choices.get(Rung.LOT.value, "")),
            *remarks(award, result, lang, voided=len(run.voided)),
        ],
        "tables": list(_tables(award, run, result, lang)),
        "exact": result.as_dict(),
    }


def _tables(award: Award, run: AwardRun, result: AwardResult, lang: str) -> Iterator[Export]:
    if result.sides.audience:
        table = combined_table(award, result, lang)
        base = parts_base(award, lang) or "points of both sides"
        yield _table(COMBINED, award.decision.blend.value, base, table, result.combined)
    for round_id, counted in result.rounds.items():
        table = round_table(award, round_id, counted, lang)
        rules = round_of(award, run, round_id)
        method = rules.rule.value if isinstance(rules, JuryRound) else rules.method if rules else ""
        base = "locked sheets" if isinstance(rules, JuryRound) else "valid votes"
        yield _table(round_id, method, base, table, counted.figures) | {
            "n": counted.weight,
            "cast": counted.ballots,
            "abstained": counted.abstentions,
        }


def _table(
    part: str, method: str, base: str, table: AwardTable, exact: Mapping[CandidateId, Fraction]
) -> Export:
    return {
        "part": part,
        "title": table.title,
        "method": method,
        "base": base,
        "n": None,
        "cast": None,
        "abstained": None,
        "header": list(table.header),
        "rows": [list(row) for row in table.rows],
        "exact": [str(exact[c]) if c in exact else "" for c in table.candidates],
        "notes": list(table.notes),
    }


def award_rows(award: Export) -> list[list[Any]]:
    """An award's rows for the results of a spreadsheet (dashboard.tables.RESULT_HEADER), texts as they came:
    one row per part and candidate, or one without figures before the reveal."""
    head = [award["id"], award["session"], award["title"], "award", award["state"]]
    result, rules = award["result"], award["rules_hash"]
    if result is None:
        return [[*head, 0, *[""] * 4, None, None, None, "", "", None, "", None, "", rules]]
    rows: list[list[Any]] = []
    for number, table in enumerate(result["tables"], 1):
        is_vote = table["base"] == "valid votes" and table["method"] in ("plurality", "approval")
        figures = [table["n"], table["cast"], table["abstained"]]
        for (place, name, *cells), exact in zip(table["rows"], table["exact"], strict=True):
            count = int(exact) if is_vote and exact else None
            rounding = "half up, whole percent, each by itself" if is_vote and len(cells) > 1 else ""
            method = [table["method"], table["base"], rounding]
            shown = [name, count, cells[-1], int(place) if place else None]
            rows.append([*head, number, table["title"], *method, *figures, "", *shown, exact, rules])
    return rows
