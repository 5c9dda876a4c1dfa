"""What the organiser takes home, as data: the export document, and its tables for spreadsheets."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.audience import Audience, may_see_result
from dashboard.lines import group_name, method_sentence
from dashboard.numbers import two_decimals
from dashboard.rules import rule_sentences
from dashboard.tables_award import award_part, award_rows
from dashboard.tables_preference import choices_part, preference_part
from polls.award.model import AwardId
from polls.desk import EventState
from polls.model import EVERYONE_ELSE, Poll, PollId, SegmentId, Session
from voting.award.counted import AwardResult
from voting.count import unnamed_segments
from voting.percent import BLANK
from voting.result import Method, OptionResult, Result

FORMAT = 1

Cell = str | int | None
Export = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportBallot:
    """A ballot as it leaves the house: `id` is random and fresh for this export, so that it links to
    nothing; `choices` are option ids, none for an abstention; of a preference poll they are the ranks
    from the first on, options of one rank joined by "="."""

    id: str
    segment: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of a spreadsheet. Texts are already safe; numbers are numbers."""

    name: str
    header: tuple[str, ...]
    rows: list[list[Cell]]


def export_event(
    state: EventState,
    results: Mapping[tuple[PollId, int], Result],
    ballots: Mapping[PollId, Sequence[ExportBallot]],
    *,
    exported_ms: int,
    include_hidden: bool = False,
    awards: Mapping[AwardId, AwardResult] | None = None,
) -> Export:
    """The event's export document, ready to be written as JSON.

    `results` by poll and round: the present round and those before; `ballots` of the present round.
    `exported_ms` is Unix milliseconds. A result that nobody may see yet is left out, with its ballots,
    unless `include_hidden` (the caller logs that). `awards` has the results of those that were revealed.

        {"hemicycle": 1, "exported": "2020-11-10T12:00:00+01:00",
         "event": {"id", "title", "first_day", "last_day", "timezone", "places", "rehearsal_of"},
         "polls": [{
           "id", "session", "room", "question", "kind", "state", "round", "segments", "people",
           "hidden": true when the result is left out,
           "result": null or {
             "base", "n", "cast", "abstained", "method", "method_text", "rounding",
             "outcome": {"kind", "winners": [option texts]},
             "mean": null or {"exact": "1580/213", "shown": "7.42"},
             "options": in paper order
               [{"id", "option", "count", "share": "19/55" or null, "shown", "place",
                 "score": "27/2", in preference polls}],
             "rulebook": the frozen rules, "rules_hash": their SHA-256, "rules_text": [sentences],
             "runoff": [{"round", "tally": {option text: ballots}, "exhausted", "threshold", "elected",
                         "eliminated", "transfers": {from: {to or "": ballots}}}],
             "ties_met": [{"round", "options", "rungs", "eliminated", "looked_at"}],
             "by_rules": [{"method", "kind", "winners", "scores": {option text: "27/2"}}],
             "groups": [{"segment", "others": true for everyone else, "hidden",
                         "result": null or the same without groups}]},
           "rounds": earlier rounds [{"round", "opened", "closed", "result"}],
           "ballots": sorted by id [{"id", "segment", "choices": [option texts],
                                     "ranks": [numbers of the same length], in preference polls}]}]}

    Texts are in the event's first language, times in its time zone. `shown` is what the screens show, but
    with plain blanks. In ballots, segments that are too small to be shown by themselves are blank.
    """
    event = state.event
    lang = event.languages[0] if event.languages else "en"
    return {
        "hemicycle": FORMAT,
        "exported": _when(exported_ms, event.timezone),
        "event": {
            "id": event.id,
            "title": event.title.pick(lang),
            "first_day": event.first_day.isoformat(),
            "last_day": event.last_day.isoformat(),
            "timezone": event.timezone,
            "places": list(event.places),
            "rehearsal_of": event.rehearsal_of,
        },
        "polls": [
            _poll(state, session, poll, results, ballots.get(poll.id, ()), lang, include_hidden)
            for session, poll in event.polls()
        ],
        "awards": [award_part(state, award, (awards or {}).get(award.id), lang) for award in event.awards],
    }


def _poll(
    state: EventState,
    session: Session,
    poll: Poll,
    results: Mapping[tuple[PollId, int], Result],
    ballots: Sequence[ExportBallot],
    lang: str,
    include_hidden: bool,
) -> Export:
    run, event = state.run(poll.id), state.event
    result = results.get((poll.id, run.round))
    is_out = include_hidden or may_see_result(poll, run, Audience.ORGANISER)
    room = event.room(session.room)
    return {
        "id": poll.id,
        "session": session.title.pick(lang),
        "room": room.text.pick(lang) if room else "",
        "question": poll.question.pick(lang),
        "kind": poll.kind.value,
        "state": run.state.value,
        "round": run.round,
        "segments": [_segment(state, segment, lang) for segment in poll.segments],
        "people": poll.people,
        "hidden": result is not None and not is_out,
        "result": _result(state, poll, result, lang) if result is not None and is_out else None,
        "rounds": [
            {
                "round": past.round,
                "opened": _when(past.opened_ms, event.timezone),
                "closed": _when(past.closed_ms, event.timezone),
                # Whether an earlier round was ever revealed is not kept: it is as hidden as the present one.
                "result": _result(state, poll, earlier, lang) if earlier is not None and is_out else None,
            }
            for past in run.past
            for earlier in (results.get((poll.id, past.round)),)
        ],
        "ballots": _ballots(state, poll, result, ballots, lang) if is_out and result is not None else [],
    }


def _result(state: EventState, poll: Poll, result: Result, lang: str) -> Export:
    names = {option.id: option.text.pick(lang) for option in poll.options}
    return {
        "base": result.base.value,
        "n": result.n,
        "cast": result.cast,
        "abstained": result.abstained,
        "method": result.method.value,
        "method_text": method_sentence(poll, result, lang),
        "rounding": result.rounding.value,
        "outcome": {
            "kind": result.outcome.kind.value,
            "winners": [names[option] for option in result.outcome.winners],
        },
        "mean": None
        if result.mean is None
        else {
            "exact": f"{result.mean.numerator}/{result.mean.denominator}",
            "shown": two_decimals(result.mean, lang),
        },
        "options": [_option(line, names[line.option], result) for line in result.options],
        "rulebook": dict(result.rulebook),
        "rules_hash": result.rules_hash,
        "rules_text": list(rule_sentences(result.rulebook, lang)),
        **(preference_part(poll, result, lang) if result.method is Method.PREFERENCE else {}),
        "groups": [
            {
                "segment": group_name(state.event, group.segment, lang),
                "others": group.segment == EVERYONE_ELSE,
                "hidden": group.result is None,
                "result": None if group.result is None else _result(state, poll, group.result, lang),
            }
            for group in result.groups
        ],
    }


def _option(line: OptionResult, text: str, result: Result) -> Export:
    n = result.n
    return {
        "id": line.option,
        "option": text,
        "count": line.count,
        # Not in lowest terms: the numbers of the count itself, so that everybody can check them.
        "share": f"{line.count}/{n}" if n else None,
        "shown": line.shown.replace(BLANK, " "),
        "place": line.place,
        **({} if result.scores is None else {"score": str(result.scores[line.option])}),
    }


def _ballots(
    state: EventState, poll: Poll, result: Result, ballots: Sequence[ExportBallot], lang: str
) -> list[Export]:
    names = {str(option.id): option.text.pick(lang) for option in poll.options}
    sizes = Counter(SegmentId(ballot.segment) for ballot in ballots)
    unnamed = unnamed_segments(result, sizes, poll.min_group)
    return [
        {
            "id": ballot.id,
            "segment": "" if ballot.segment in unnamed else _segment(state, ballot.segment, lang),
            **choices_part(poll, ballot.choices, names),
        }
        for ballot in sorted(ballots, key=lambda ballot: ballot.id)
    ]


def _segment(state: EventState, segment_id: str, lang: str) -> str:
    segment = state.event.segment(segment_id)
    return segment.text.pick(lang) if segment else segment_id


def _when(at_ms: int, timezone: str) -> str:
    at = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(ZoneInfo(timezone))
    return at.isoformat(timespec="seconds")


RESULT_HEADER = (
    *("poll", "session", "question", "kind", "state", "round", "group", "method", "base", "rounding"),
    *("n", "cast", "abstained", "mean", "option", "count", "shown", "place", "score", "rules_hash"),
)
BALLOT_HEADER = ("poll", "question", "round", "ballot", "segment", "choice", "rank")


def csv_rows(export: Export) -> list[Table]:
    """The export's tables: `results`, one row per poll, group and option (a hidden or unopened poll has
    one row without figures), then one per award, part and candidate; and `ballots`, one row per choice (an
    abstention has one row without).

    Every text has been through `safe_cell`. For CSV, quote every field: then no separator of any
    country's spreadsheet can begin a cell inside a text.
    """
    results: list[list[Cell]] = []
    ballots: list[list[Cell]] = []
    for poll in export["polls"]:
        head = [poll[key] for key in ("id", "session", "question", "kind", "state")]
        if poll["result"] is None:
            why = "hidden" if poll["hidden"] else ""
            results.append(
                _safe([*head, poll["round"], *[""] * 4, None, None, None, "", "", None, why, None, "", ""])
            )
        rounds = [(past["round"], past["result"]) for past in poll["rounds"]]
        for number, result in (*rounds, (poll["round"], poll["result"])):
            if result is None:
                continue
            results += _result_rows([*head, number], "", result)
            for group in result["groups"]:
                if group["result"] is not None:
                    results += _result_rows([*head, number], group["segment"], group["result"])
        for ballot in poll["ballots"]:
            ballots += [_safe([*row]) for row in ballot_rows(poll, ballot)]
    for award in export["awards"]:
        results += [_safe(row) for row in award_rows(award)]
    return [
        Table(name="results", header=RESULT_HEADER, rows=results),
        Table(name="ballots", header=BALLOT_HEADER, rows=ballots),
    ]


def ballot_rows(poll: Export, ballot: Export) -> list[list[Cell]]:
    """The rows of one ballot of an export's poll: one for each choice, with its rank where ballots have
    one; an abstention has one row without a choice. Texts are as they came."""
    head = [poll["id"], poll["question"], poll["round"], ballot["id"], ballot["segment"]]
    choices = ballot["choices"] or [""]
    ranks = ballot.get("ranks") or [None] * len(choices)
    return [[*head, choice, rank] for choice, rank in zip(choices, ranks, strict=True)]


def _result_rows(head: list[Cell], group: str, result: Export) -> list[list[Cell]]:
    figures = [result["n"], result["cast"], result["abstained"]]
    mean = result["mean"]["shown"] if result["mean"] else ""
    return [
        _safe(
            [
                *head,
                group,
                *(result[key] for key in ("method", "base", "rounding")),
                *figures,
                mean,
                *(option[key] for key in ("option", "count", "shown", "place")),
                option.get("score", ""),
                result["rules_hash"],
            ]
        )
        for option in result["options"]
    ]


def _safe(row: Sequence[Cell]) -> list[Cell]:
    return [safe_cell(cell) if isinstance(cell, str) else cell for cell in row]


_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    One that begins with = + - @ (also full-width, also behind spaces or unseen characters), a tab or a
    line break gets an apostrophe in front; a plain number stays as it is. Source: OWASP, "CSV
    Injection" (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    if _NUMBER.fullmatch(text):
        return text
    start = next((c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf")), "")
    # NFKC turns full-width and small variants into the signs that they stand for.
    is_formula = unicodedata.normalize("NFKC", start) in ("=", "+", "-", "@")
    return f"'{text}" if is_formula or text[:1] in ("\t", "\r", "\n") else text
