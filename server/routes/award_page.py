"""What the voter's and the public page of an award are rendered with."""

from typing import Any

from dashboard.award_rules import not_promised, promised
from dashboard.award_voter import VotePaper, VoteState, vote_paper, vote_state, withdrawn_words
from dashboard.words import say, voter_words
from polls.award.model import Electorate, Publish, RoundId, VoteRound
from server.award.awards import Head
from server.award.voters import VoterDesk
from server.clock import now_ms
from server.render import script_json
from server.routes.award_common import Here
from voting.award.ports import At
from voting.errors import VotingError

SCRIPT_WORDS = (
    "voter_code_missing",
    "voter_none_chosen",
    "voter_too_few",
    "voter_too_many",
    "voter_confirm_abstain",
    "voter_counted",
    "voter_counted_again",
    "voter_js_",
)
"""The sentences, or their beginnings, that the voter's page puts up by itself."""


def paper_of(here: Here, vote: VoteRound, round_id: RoundId, lang: str) -> VotePaper:
    """The paper of a vote or run-off."""
    return vote_paper(here.award, vote, here.run, round_id, lang)


def page_key(here: Here, state: VoteState, round_id: RoundId) -> str:
    """What changes when an open voter's page is not the right one any more."""
    return f"{round_id}:{state}:{len(here.run.withdrawn)}"


async def vote_stand(
    voters: VoterDesk, here: Here, vote: VoteRound, round_id: RoundId, lang: str
) -> dict[str, Any]:
    """How the vote stands, in words: what an open page asks for again and again."""
    state = vote_state(here.award, here.run, round_id)
    return {
        "key": page_key(here, state, round_id),
        "turnout": await turnout_words(voters, here, vote, round_id, state, lang),
        "head": head_words(await head_of(voters, here), lang),
        "closes_ms": here.run.round(round_id).closes_ms if state is VoteState.OPEN else None,
        "server_ms": now_ms(),
    }


async def turnout_words(
    voters: VoterDesk, here: Here, vote: VoteRound, round_id: RoundId, state: VoteState, lang: str
) -> str:
    """The turnout; "" before the opening, and while the store is away."""
    if state is VoteState.SOON:
        return ""
    try:
        cast, register = await voters.turnout(At(here.live.id, here.award.id, round_id), vote.electorate)
    except VotingError:
        return ""
    key = "voter_turnout_codes" if vote.electorate is Electorate.CODES else "voter_turnout_devices"
    return say(lang, key, n=cast, register=register)


async def head_of(voters: VoterDesk, here: Here) -> Head | None:
    """The newest checkpoint; None before the first, and while the store is away."""
    try:
        return await voters.head(here.live.id, here.award.id, here.run)
    except VotingError:
        return None


def head_words(head: Head | None, lang: str) -> str:
    """The newest checkpoint in a sentence."""
    if head is None:
        return say(lang, "voter_head_none")
    return say(lang, "voter_head", count=head.count, words=" ".join(head.words))


async def vote_values(
    voters: VoterDesk, here: Here, vote: VoteRound, round_id: RoundId, lang: str
) -> dict[str, Any]:
    """What award/vote.html is rendered with, whoever asks."""
    state = vote_state(here.award, here.run, round_id)
    paper = paper_of(here, vote, round_id, lang)
    stand = await vote_stand(voters, here, vote, round_id, lang)
    is_open = state is VoteState.OPEN
    words = {key: text for key, text in voter_words(lang).items() if key.startswith(SCRIPT_WORDS)}
    return {
        "lang": lang,
        "event": here.event.title.pick(lang),
        "rehearsal": say(lang, "rehearsal") if here.event.rehearsal_of else "",
        "title": here.award.title.pick(lang),
        "note": here.award.note.pick(lang) if here.award.note else "",
        "path": here.path,
        "state": state.value,
        "paper": paper,
        "is_open": is_open,
        "withdrawn": withdrawn_words(here.award, here.run, round_id, lang),
        "is_runoff": round_id in here.run.runoffs,
        "by_code": vote.electorate is Electorate.CODES,
        "is_listed": vote.publish is Publish.BALLOTS,
        "stand": stand,
        "promised": promised(here.award, lang),
        "not_promised": not_promised(lang),
        "data": script_json(
            {
                "event": here.live.id,
                "award": here.award.id,
                "round": round_id,
                "opened": here.run.round(round_id).opened_ms or 0,
                "form": paper.form,
                "least": paper.least,
                "most": paper.most,
                "by_code": vote.electorate is Electorate.CODES,
                "lang": lang,
                **stand,
                "words": words,
            }
        ),
    }
