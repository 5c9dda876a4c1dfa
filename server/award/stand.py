"""How an award stands, in words, for its pages that stay open: the same by push and by a plain request."""

from dataclasses import dataclass

from dashboard.award_voter import VoteState, vote_state, withdrawn_words
from dashboard.words import say
from polls.award.life import AwardRun, phase, round_ids
from polls.award.model import Award, Electorate, RoundId
from polls.model import EventId
from server.award.awards import Head
from server.award.casting import vote_meant
from server.award.voters import VoterDesk
from voting.award.ports import At


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What everybody may know of an award while it goes on; of its votes turnout and checkpoint, no totals.

    `key` changes when an open voter's page is not the right one any more, `page` when the public page is
    not. `pinned` is the number of ballots at the newest checkpoint of the vote that people mean, `root`
    (hex) and `words` stand for it; 0 and empty before the first. `turnout`, `head` and `withdrawn` (who has
    withdrawn from that vote) are sentences.
    """

    key: str = ""
    page: str
    turnout: str = ""
    head: str = ""
    withdrawn: str = ""
    pinned: int = 0
    root: str = ""
    words: tuple[str, ...] = ()
    closes_ms: int | None = None


async def read_stand(voters: VoterDesk, event: EventId, award: Award, run: AwardRun, lang: str) -> Stand:
    """How an award stands now: the turnout is asked of the store, since a page that was loaded with an older
    one would take the push that came before for old news. Raises StoreUnavailable."""
    if award.vote is None:
        return Stand(page=public_mark(award, run))
    round_id = vote_meant(award, run)
    state = vote_state(award, run, round_id)
    turnout = ""
    if state is not VoteState.SOON:
        at = At(event, award.id, round_id)
        cast, register = await voters.turnout(at, award.vote.electorate)
        kind = "codes" if award.vote.electorate is Electorate.CODES else "devices"
        turnout = say(lang, f"voter_turnout_{kind}", n=cast, register=register)
    head = await voters.head(event, award.id, run)
    if head is not None and head.round != round_id:
        head = None  # a checkpoint of a round that is over says nothing of this one
    return Stand(
        key=page_key(run, state, round_id),
        page=public_mark(award, run),
        turnout=turnout,
        head=head_words(head, lang),
        withdrawn=withdrawn_words(award, run, round_id, lang),
        pinned=head.count if head else 0,
        root=head.root if head else "",
        words=head.words if head else (),
        closes_ms=run.round(round_id).closes_ms if state is VoteState.OPEN else None,
    )


def page_key(run: AwardRun, state: VoteState, round_id: RoundId) -> str:
    """What changes when an open voter's page is not the right one any more."""
    return f"{round_id}:{state}:{len(run.withdrawn)}"


def public_mark(award: Award, run: AwardRun) -> str:
    """What changes when an open public page is not the right one any more: made of what it shows alone."""
    rounds = [f"{run.round(one).state}{len(run.round(one).approvals)}" for one in round_ids(award, run)]
    shown = (phase(award, run), run.steps, len(run.withdrawn), len(run.corrections), *rounds)
    return ":".join(str(one) for one in shown)


def head_words(head: Head | None, lang: str) -> str:
    """The newest checkpoint in a sentence."""
    if head is None:
        return say(lang, "voter_head_none")
    return say(lang, "voter_head", count=head.count, words=" ".join(head.words))
