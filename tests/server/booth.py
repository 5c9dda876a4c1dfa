"""An award that a hall votes on, run by its organiser and scrutineers: what tests of its pages share."""

import dataclasses
import secrets
from dataclasses import dataclass, field

from polls.award.life import AwardRun
from polls.award.model import (
    Award,
    AwardId,
    Blend,
    Candidate,
    CandidateId,
    ClassId,
    Decision,
    Electorate,
    RoundId,
    Rung,
    ScrutineerId,
    VoterClass,
    VoteRound,
)
from polls.model import Event, Text
from server.award.casting import Paper
from server.award.codes import VoterCode, make_codes, register_lines
from server.award.roll import Person
from server.context import Context
from server.loading import load_event
from voting.award.ports import At
from voting.award.reveal import reveal_steps
from voting.record.receipt import Receipt, make_receipt

VOTE = RoundId("final")
SCRUTINEERS = (ScrutineerId("ana"), ScrutineerId("ben"))
NAMES = {"ada": "Ada Lindqvist", "bram": "Bram Okafor", "chiara": "Chiara Novak"}
MEMBERS = VoterClass(id=ClassId("member"), name=Text((("en", "Members"), ("de", "Mitglieder"))), weight=2)
GUESTS = VoterClass(id=ClassId("guest"), name=Text.plain("Guests"))


def prize(**vote: object) -> Award:
    """Three candidates, of whom the hall chooses one by code; `vote` changes the rules of the vote."""
    rules = VoteRound(id=VOTE)
    return Award(
        id=AwardId("prize"),
        title=Text((("en", "Person <of> the year"), ("de", "Mensch des Jahres"))),
        candidates=tuple(
            Candidate(id=CandidateId(one), name=Text.plain(name), entrant=Text.plain("Harbour"))
            for one, name in NAMES.items()
        ),
        vote=dataclasses.replace(rules, **vote),  # type: ignore[arg-type]
        decision=Decision(blend=Blend.AUDIENCE, ladder=(Rung.SHARED,)),
        scrutineers=tuple((one, one.title()) for one in SCRUTINEERS),
        checkpoint_s=600,
        checkpoint_min=1,
    )


@dataclass(slots=True)
class Booth:
    """One award of one event on a running server."""

    context: Context
    event: Event
    award: Award
    codes: list[VoterCode] = field(default_factory=list)
    round: RoundId = VOTE

    @classmethod
    async def set_up(cls, context: Context, event: Event, award: Award, *, open: bool = True) -> "Booth":
        """Load the event, freeze the award, make eight codes, and open the vote unless told not to."""
        event = dataclasses.replace(event, awards=(award,))
        await load_event(context.store, event, "test")
        booth = cls(context, event, award)
        await context.awards.acts.freeze(event.id, award.id, "organiser")
        vote = award.vote
        assert vote is not None
        if vote.electorate is Electorate.CODES:
            people = [Person(voter_class=vote.classes[n % len(vote.classes)].id) for n in range(8)]
            booth.codes = make_codes(people)
            lines = register_lines(booth.codes, award.id, context.keyring.codes_key())
            await context.awards.box.load_register(booth.at, lines)
        if open:
            await booth.open()
        await booth.read()
        return booth

    @property
    def at(self) -> At:
        return At(self.event.id, self.award.id, self.round)

    @property
    def path(self) -> str:
        return f"{self.event.id}/{self.award.id}"

    async def read(self) -> AwardRun:
        """Let the server read the event again; gives how the award stands."""
        live = await self.context.event(self.event.id)
        await live.refresh()
        return live.state.award(self.award.id)

    async def open(self, round_id: RoundId = VOTE) -> None:
        self.round = round_id
        await self.context.awards.acts.open(self.event.id, self.award.id, round_id, "moderator")
        await self.read()

    async def close(self) -> None:
        await self.context.awards.acts.close(self.event.id, self.award.id, self.round, "moderator")
        await self.read()

    async def seal(self) -> None:
        """Both scrutineers approve the closed box."""
        root = (await self.read()).round(self.round).box_hash
        for who in SCRUTINEERS:
            await self.context.awards.acts.approve(self.event.id, self.award.id, self.round, who, root)
        await self.read()

    async def step(self) -> None:
        """The next step of the reveal."""
        seen = (await self.read()).steps
        await self.context.awards.acts.step(self.event.id, self.award.id, "moderator", seen=seen)
        await self.read()

    async def steps(self) -> int:
        """How many steps the reveal has."""
        _, result = await self.context.awards.papers_and_result(self.event.id, self.award, await self.read())
        return len(reveal_steps(self.award, result))

    async def publish(self) -> None:
        """Reveal everything and publish the record."""
        for _ in range(await self.steps() - (await self.read()).steps):
            await self.step()
        await self.context.awards.acts.publish(self.event.id, self.award.id, "organiser")
        await self.read()

    async def cast(self, voter: int, *ranks: str) -> Receipt:
        """A ballot that is in the box, by the voter's QR code; ids of one rank are joined by "="."""
        made = make_receipt(self.award.id, self.round, secrets.token_hex(16))
        paper = Paper(choices=[rank.split("=") for rank in ranks], receipt=made.receipt, salt=made.salt)
        code = await self.context.awards.casting.by_code(
            self.event.id, self.award, await self.read(), self.codes[voter].token, paper
        )
        assert code == "ok"
        return made

    async def in_the_box(self) -> int:
        """Ballots in the box."""
        turnout = await self.context.awards.box.turnout(self.at)
        return sum(n for one in turnout.values() for n in one.cast.values())
