"""Withdrawals and void ballots on the pages of organiser and scrutineers."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.award_result import candidate_name
from dashboard.words import say
from polls.award.acts import ACTS, Act
from polls.award.life import AwardRun, ProposalKind, phase
from polls.award.model import Award, CandidateId
from server.routes.award_rounds import scrutineer_name
from server.routes.moderate import LANG
from voting.record.receipt import is_receipt, read_receipt, show_receipt

Form = Mapping[str, str]


class Unreadable(Exception):
    """A form that cannot be done as it stands; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """A withdrawal or voiding: whom it names, why, who has signed."""

    id: int
    what: str
    reason: str
    by: tuple[str, ...]


def proposals_of(award: Award, run: AwardRun, *, settled: bool = False) -> tuple[ProposalView, ...]:
    """The proposals that wait for signatures, or those that took effect."""
    views = []
    for one in run.settled if settled else run.proposals:
        found = next((c for c in award.candidate_ids if c == one.subject), None)
        # A receipt as its voter has it: the two are compared by eye.
        subject = show_receipt(one.subject) if is_receipt(one.subject) else one.subject
        name = candidate_name(award, found, LANG) if found else subject
        key = "adesk_withdraw_of" if one.kind is ProposalKind.WITHDRAW else "adesk_void_of"
        views.append(
            ProposalView(
                id=one.id,
                what=say(LANG, key, name=name),
                reason=one.reason,
                by=tuple(scrutineer_name(award, who, LANG) for who in one.by),
            )
        )
    return tuple(views)


def may_propose(award: Award, run: AwardRun) -> bool:
    """Whether anything can be proposed now."""
    return Act.PROPOSE in ACTS[phase(award, run)]


def may_withdraw(award: Award, run: AwardRun) -> tuple[tuple[CandidateId, str], ...]:
    """Those who can withdraw, with their names."""
    return tuple(
        (one.id, candidate_name(award, one.id, LANG))
        for one in award.candidates
        if one.id not in run.withdrawn
    )


def proposal_in(form: Form) -> tuple[ProposalKind, str, str]:
    """Kind, subject and reason that a form proposes; a receipt however it is typed. Raises Unreadable."""
    try:
        kind = ProposalKind(form.get("kind", ""))
    except ValueError:
        raise Unreadable(say(LANG, "adesk_no_kind")) from None
    subject = form.get("subject", "").strip()
    if kind is ProposalKind.VOID:
        receipt = read_receipt(subject)
        subject = receipt if is_receipt(receipt) else subject.lower()  # hands-0001 is a receipt too
    if not subject:
        raise Unreadable(say(LANG, "adesk_no_subject"))
    return kind, subject, form.get("reason", "")


def number_in(form: Form) -> int:
    """The number of a proposal in a form. Raises Unreadable."""
    typed = form.get("proposal", "")
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 6:
        raise Unreadable(say(LANG, "adesk_no_proposal"))
    return int(typed)
