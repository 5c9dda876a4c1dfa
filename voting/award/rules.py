"""An award's rules as the public record holds them (rules.json), and the hash that names them."""

from collections.abc import Mapping
from typing import cast

from polls.award.model import NOBODY, Award, JuryRound, VoteRound
from polls.model import Event, Text
from voting.canonical import nfc, sha256_hex

VERSION = 1
"""Rises when the meaning of a field changes, so that an old hash never names new rules."""

NOBODY_NAME = "None of the above"


def rules_of(award: Award, event: Event) -> Mapping[str, object]:
    """Everything that decides this award, as plain values; texts are in the event's first language.

    What is not set is "" or an empty list. Fractions are texts such as "2/3".
    """
    language = event.languages[0]

    def said(text: Text | None) -> str:
        return "" if text is None else text.pick(language)

    candidates = [
        {"id": c.id, "name": said(c.name), "entrant": said(c.entrant), "detail": said(c.detail)}
        for c in award.candidates
    ]
    if award.none_of_the_above:
        candidates.append({"id": NOBODY, "name": NOBODY_NAME, "entrant": "", "detail": ""})
    rounds = [_jury(r, language) if isinstance(r, JuryRound) else _vote(r, language) for r in award.rounds()]
    decision = award.decision
    rules = {
        "version": VERSION,
        "event": event.id,
        "award": award.id,
        "title": said(award.title),
        "candidates": candidates,
        "rounds": rounds,
        "decision": {
            "blend": decision.blend.value,
            "jury_round": decision.jury_round or "",
            "jury_weight": decision.jury_weight,
            "audience_weight": decision.audience_weight,
            "jury_table": list(decision.jury_table),
            "audience_table": list(decision.audience_table),
            "jury_only_without_audience": decision.jury_only_without_audience,
            "ladder": [str(rung) for rung in decision.ladder],
            "draw": decision.draw,
        },
        "scrutineers": [{"id": scrutineer, "name": name} for scrutineer, name in award.scrutineers],
        "approvals": award.approvals,
        "checkpoint": {"every_s": award.checkpoint_s, "min_new": award.checkpoint_min},
    }
    return cast(Mapping[str, object], nfc(rules))


def rules_hash(award: Award, event: Event) -> str:
    """SHA-256 of the canonical JSON of the rules, 64 hexadecimal digits."""
    return sha256_hex(rules_of(award, event))


def _jury(jury: JuryRound, language: str) -> dict[str, object]:
    return {
        "id": jury.id,
        "kind": "jury",
        "jurors": [{"id": j.id, "name": j.name, "group": j.group, "chair": j.chair} for j in jury.jurors],
        "criteria": [
            {"id": c.id, "name": c.name.pick(language), "weight": c.weight, "low": c.low, "high": c.high}
            for c in jury.criteria
        ],
        "rule": jury.rule.value,
        "shortlist": jury.shortlist,
        "boundary": "ladder" if jury.boundary_ladder else "admit",
        "drop": jury.drop,
        "table": list(jury.table),
        "picks": jury.picks,
        "unranked": jury.unranked,
        "quorum_min": jury.quorum_min,
        "quorum_share": str(jury.quorum_share),
        "publish": jury.publish.value,
    }


def _vote(vote: VoteRound, language: str) -> dict[str, object]:
    return {
        "id": vote.id,
        "kind": "vote",
        "electorate": vote.electorate.value,
        "classes": [{"id": c.id, "name": c.name.pick(language), "weight": c.weight} for c in vote.classes],
        "form": vote.form.value,
        "method": vote.method,
        "least": vote.least,
        "most": vote.most,
        "ties": vote.ties,
        "abstain": vote.abstain,
        "unranked": vote.unranked,
        "min_turnout": vote.min_turnout,
        "publish": vote.publish.value,
    }
