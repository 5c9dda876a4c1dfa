"""What the voter's and the public page of an award are rendered with."""

from typing import Any

from dashboard.award_rules import not_promised, promised
from dashboard.award_voter import VotePaper, VoteState, vote_paper, vote_state, withdrawn_words
from dashboard.words import say, voter_words
from polls.award.model import Electorate, Publish, RoundId, VoteRound
from server.award.casting import vote_meant
from server.award.stand import Stand, page_key, public_mark, read_stand
from server.clock import now_ms
from server.live.pushes import award_push
from server.render import script_json
from server.routes.award_common import Here
from server.wire import AwardPush
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


async def stand_of(here: Here, lang: str) -> Stand:
    """How the award stands; without turnout and checkpoint while the store is away."""
    try:
        return await read_stand(here.context.voters, here.live.id, here.award, here.run, lang)
    except VotingError:
        return Stand(page=public_mark(here.award, here.run), key=key_of(here))


def key_of(here: Here) -> str:
    """What changes when an open voter's page is not the right one any more; "" without a vote."""
    if here.award.vote is None:
        return ""
    round_id = vote_meant(here.award, here.run)
    return page_key(here.run, vote_state(here.award, here.run, round_id), round_id)


def push_of(here: Here, stand: Stand) -> AwardPush:
    """How the award stands, as a push has it."""
    at = (here.snapshot.epoch, here.snapshot.offset, now_ms())
    return award_push(stand, *at)


async def vote_values(here: Here, vote: VoteRound, round_id: RoundId, lang: str) -> dict[str, Any]:
    """What award/vote.html is rendered with, whoever asks."""
    state = vote_state(here.award, here.run, round_id)
    paper = paper_of(here, vote, round_id, lang)
    stand = await stand_of(here, lang)
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
                "push": push_of(here, stand),
                "words": words,
            }
        ),
    }
