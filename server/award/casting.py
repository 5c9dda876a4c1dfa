"""A voter's ballot on its way into an award's box: who may, is it whole, and what became of it.

Ballots that come while one batch is being decided make up the next: one call of the store for each batch.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from polls.award.life import AwardRun, RoundState, round_of, standing
from polls.award.model import NOBODY, Award, RoundId, VoteRound
from polls.award.model import Electorate as Voters
from polls.model import EventId
from server.award.papers import ballot_text
from voting.award.ballot import AwardBallot, BallotRefused, canonical_choices, check_ballot
from voting.award.codes import canonical_code, is_token, token_hash, typed_hash
from voting.award.ports import CODE, DEVICE, At, AwardBox, Vote
from voting.errors import BallotInvalid, StoreUnavailable, VotingError
from voting.record.receipt import is_receipt, is_salt
from voting.voterkey import voter_key

BATCH_MAX = 512

Batch = list[tuple[Vote, asyncio.Future[str]]]
"""Ballots, and who waits for what becomes of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a voter hands in: choices in ranks, and receipt and salt that the browser made."""

    choices: Sequence[Sequence[str]]
    receipt: str
    salt: str


def open_vote(award: Award, run: AwardRun) -> RoundId | None:
    """The vote or run-off that is open now."""
    rounds = ([] if award.vote is None else [award.vote.id]) + list(run.runoffs)
    return next((r for r in rounds if run.round(r).state is RoundState.OPEN), None)


class Casting:
    """Casts for all awards of a store. `code_key` is the key of typed codes, kept outside of the store."""

    def __init__(self, box: AwardBox, code_key: bytes) -> None:
        self._box, self._code_key = box, code_key
        self._pending: dict[tuple[At, str], Batch] = {}
        self._workers: dict[tuple[At, str], asyncio.Task[None]] = {}

    def hash_of(self, award: str, typed_or_token: str) -> str:
        """The hash by which the register knows a token (of a QR code) or a typed code.

        Raises CodeInvalid, in words for the person who typed it.
        """
        text = typed_or_token.strip()
        if is_token(text):
            return token_hash(award, text)
        return typed_hash(self._code_key, award, canonical_code(text))

    async def by_code(
        self,
        event: EventId,
        award: Award,
        run: AwardRun,
        secret: str,
        paper: Paper,
        round_id: RoundId | None = None,
    ) -> str:
        """Cast with a code. Gives a code of AwardBox.cast; `unknown` also for one of another award.

        `round_id` names the vote or run-off that the paper is of; None: the one that people mean now.
        Raises CodeInvalid, BallotInvalid (the paper cannot be counted), StoreUnavailable, StoreFull.
        """
        round_id = round_id or vote_meant(award, run)
        at = At(event, award.id, round_id)
        found = await self._box.find_code(at, self.hash_of(award.id, secret))
        if found is None:
            return "unknown"
        text = self._text(award, run, round_id, paper, found.voter_class, CODE)
        return await self._cast(at, CODE, Vote(found.credential, found.voter_class, paper.receipt, text))

    async def by_device(
        self,
        event: EventId,
        award: Award,
        run: AwardRun,
        device: str,
        paper: Paper,
        round_id: RoundId | None = None,
    ) -> str:
        """Cast as a device, where the award takes them; the first class is everybody's."""
        if award.vote is None or award.vote.electorate is not Voters.DEVICES:
            return "unknown"
        round_id = round_id or vote_meant(award, run)
        at = At(event, award.id, round_id)
        secret = await self._box.device_secret(at)
        voter_class = award.vote.classes[0].id
        text = self._text(award, run, round_id, paper, voter_class, DEVICE)
        # Once the secret is destroyed nobody can be told from another: only a receipt is still known.
        credential = "" if secret is None else voter_key(secret, device)
        return await self._cast(at, DEVICE, Vote(credential, voter_class, paper.receipt, text))

    def _text(
        self, award: Award, run: AwardRun, round_id: RoundId, paper: Paper, voter_class: str, channel: str
    ) -> str:
        rules = round_of(award, run, round_id)
        if not isinstance(rules, VoteRound):
            raise BallotInvalid("unknown_option", "This award has no vote.")
        if not is_receipt(paper.receipt) or not is_salt(paper.salt):
            raise BallotInvalid("bad_receipt", "The receipt is damaged. Load the page again.")
        choices = canonical_choices(paper.choices)
        known = standing(award, run, round_id)
        try:
            # Who has withdrawn since this page was loaded stays on it, and counts nothing.
            check_ballot(
                rules,
                AwardBallot(voter_class=rules.classes[0].id, choices=choices),
                known,
                [candidate for candidate in run.withdrawn if candidate != NOBODY],
            )
        except BallotRefused as error:
            raise BallotInvalid("bad_ballot", str(error)) from None
        return ballot_text(
            round_id=round_id,
            voter_class=voter_class,
            choices=choices,
            receipt=paper.receipt,
            salt=paper.salt,
            channel=channel,
        )

    async def _cast(self, at: At, channel: str, vote: Vote) -> str:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        key = (at, channel)
        self._pending.setdefault(key, []).append((vote, future))
        if key not in self._workers:
            self._workers[key] = asyncio.create_task(self._work(key))
        return await future

    async def _work(self, key: tuple[At, str]) -> None:
        at, channel = key
        try:
            while waiting := self._pending.pop(key, []):
                batch, rest = waiting[:BATCH_MAX], waiting[BATCH_MAX:]
                if rest:
                    self._pending[key] = rest
                try:
                    codes = await self._box.cast(at, channel, [vote for vote, _ in batch])
                except VotingError as error:
                    self._fail(batch, error)
                    continue
                except BaseException:  # nobody may wait for ever, whatever it was
                    self._fail(batch, StoreUnavailable("the ballots could not be decided"))
                    raise
                for (_, future), code in zip(batch, codes, strict=True):
                    if not future.done():  # whoever waited may have gone
                        future.set_result(code)
        finally:
            del self._workers[key]

    @staticmethod
    def _fail(batch: Batch, error: VotingError) -> None:
        for _, future in batch:
            if not future.done():
                future.set_exception(error)


def vote_meant(award: Award, run: AwardRun) -> RoundId:
    """The vote that people mean: the open one, else the newest run-off, else the vote. Raises BallotInvalid
    when the award has none."""
    if award.vote is None:
        raise BallotInvalid("unknown_option", "This award has no vote.")
    return open_vote(award, run) or [award.vote.id, *run.runoffs][-1]
