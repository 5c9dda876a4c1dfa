"""Two finalists whom a rehearsed jury and hall treat alike, so that only people can part them.

A juror who marks or picks gives both the same; rankings and ballots come in pairs, in which one twin has
changed places with the other. Whoever is left over says nothing of either.
"""

from typing import Any

from server.rehearsal.award_vote import Voter

Twins = tuple[str, ...]
"""Two candidates, or nobody when no tie is to be made."""

NOBODY = "nobody"
OTHERS_EVERY = 5
"""Every so-manieth pair of ballots is left as it is, whomever it names."""
BY_HAND = {"hands": 3, "paper": 2}
"""Ballots of each channel for each twin."""


def twins_of(rounds: list[dict[str, Any]]) -> Twins:
    """The first two candidates on the paper of the first round; nobody when fewer stand."""
    standing = [one for one in rounds[0]["candidates"] if one != NOBODY] if rounds else []
    return tuple(standing[:2]) if len(standing) > 1 else ()


def is_absent(round_: dict[str, Any], juror: int) -> bool:
    """Whether a juror never locks the sheet: the second of four and more; of those who rank, the odd one."""
    jurors = len(round_["jurors"])
    if jurors < 4:
        return False
    return juror == jurors - 1 and jurors % 2 == 1 if ranks_in_pairs(round_) else juror == 1


def ranks_in_pairs(round_: dict[str, Any]) -> bool:
    """Whether jurors cannot give two entries the same: they rank, or may pick one alone."""
    return not round_["criteria"] and (round_["rule"] != "approval" or round_["picks"] == 1)


def even_fields(round_: dict[str, Any], juror: int, twins: Twins, fields: dict[str, str]) -> dict[str, str]:
    """What a juror's form holds, made from what it held, with both twins ahead and alike."""
    if round_["criteria"]:
        even = {name: given for name, given in fields.items() if name.split(".")[1] not in twins}
        for criterion in round_["criteria"]:
            best = criterion["high"]
            for name, given in even.items():
                if name.startswith("mark.") and name.endswith(f".{criterion['id']}"):
                    even[name] = str(min(int(given), best - 1))
            even |= {f"mark.{entry}.{criterion['id']}": str(best) for entry in twins}
        return even
    if not ranks_in_pairs(round_):
        return {f"pick.{entry}": "1" for entry in twins}
    if juror == len(round_["jurors"]) - 1 and juror % 2 == 0:  # the odd one
        return {}
    first, second = twins if juror % 2 == 0 else reversed(twins)
    if round_["rule"] == "approval":
        return {f"pick.{first}": "1"}
    rest = [entry for entry in round_["candidates"] if entry not in twins]
    return {f"rank.{entry}": str(place) for place, entry in enumerate((first, second, *rest), 1)}


def even_hall(round_: dict[str, Any], voters: list[Voter], twins: Twins) -> list[tuple[Voter, Voter]]:
    """Give the voters ballots in pairs, inside of each class; gives the pairs. The odd one of a class
    abstains, or stays away (is taken out of `voters`) where nobody may."""
    pairs: list[tuple[Voter, Voter]] = []
    for of_class in round_["classes"]:
        members = [voter for voter in voters if voter.voter_class == of_class]
        for place in range(0, len(members) - 1, 2):
            one, other = members[place : place + 2]
            if not one.selections or len(pairs) % OTHERS_EVERY < OTHERS_EVERY - 1:
                one.selections = ahead(round_, one.selections, twins)
            other.selections = swapped(one.selections, twins)
            pairs.append((one, other))
        if len(members) % 2:
            members[-1].selections = ()
            if not round_["abstain"]:
                voters.remove(members[-1])
    return pairs


def ahead(round_: dict[str, Any], selections: tuple[str, ...], twins: Twins) -> tuple[str, ...]:
    """The selections with the twins first, as many as there were; an abstention stays one."""
    if not selections:
        return ()
    rest = [one for one in (*selections, *round_["candidates"]) if one not in twins]
    whole = tuple(dict.fromkeys((*twins, *rest)))
    return whole[: len(selections)]


def swapped(selections: tuple[str, ...], twins: Twins) -> tuple[str, ...]:
    """The selections in which each twin stands where the other did."""
    other = {twins[0]: twins[1], twins[1]: twins[0]}
    return tuple(other.get(one, one) for one in selections)


def decide_for(voters: list[Voter], round_: dict[str, Any], twins: Twins) -> None:
    """Let the hall of a run-off prefer the first twin: two of three voters do."""
    for number, voter in enumerate(voters):
        chosen, other = twins if number % 3 < 2 else (twins[1], twins[0])
        voter.selections = (chosen, other)[: max(1, round_["least"])]


def counts_by_hand(
    round_: dict[str, Any], channel: str, candidates: list[str], twins: Twins, lead: int = 0
) -> tuple[dict[str, str], int]:
    """The fields with which a count of a channel is entered, and how many ballots it is: as many for each
    twin, and `lead` more for the first."""
    each = BY_HAND[channel]
    rest = [one for one in candidates if one not in twins]
    said: dict[tuple[str, ...], int] = {}
    for (first, second), number in ((twins, each + lead), (twins[::-1], each)):
        choice = (first, second, *rest)[: max(1, round_["least"])]
        if round_["form"] == "approval":
            choice = tuple(sorted(choice))
        said[choice] = said.get(choice, 0) + number
    if round_["form"] == "single":
        return {f"n-{choice[0]}": str(number) for choice, number in said.items()}, 2 * each + lead
    joint = " > " if round_["form"] == "ranking" else ", "
    lines = (f"{joint.join(choice)}: {number}" for choice, number in said.items())
    return {"lines": "\n".join(lines)}, 2 * each + lead
