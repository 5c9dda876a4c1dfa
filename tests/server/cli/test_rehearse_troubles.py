"""`hemicycle rehearse --troubles`: what goes wrong at awards happens, and the record fits; else exit 3."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.rehearsal.asking import Asker
from server.rehearsal.award_twins import (
    counts_by_hand,
    even_fields,
    even_hall,
    is_absent,
    ranks_in_pairs,
    twins_of,
)
from server.rehearsal.award_vote import hall
from tests.conftest import ROOT
from tests.server.cli.served import Served, command, good
from tests.server.cli.test_rehearse_awards import event_file, without_a_ballot


def rehearsed(served: Served, event: str, *words: object) -> Any:
    return command("rehearse", event, "--seconds", 0.2, *words, data=served.data)


def test_troubles_happen_and_every_record_fits(served: Served, tmp_path: Path) -> None:
    event = served.load(tmp_path, event_file())
    result = rehearsed(served, event, "--voters", 11, "--troubles", "--json")
    assert result.exit_code == 0, result.output
    shares, phones = json.loads(result.stdout)["awards"]
    assert shares["faults"] == phones["faults"] == []
    assert (shares["jurors"], shares["locked"], shares["absent"], shares["recused"]) == (4, 3, 1, 1)
    for award, withdrawn in ((shares, 1), (phones, 0)):
        assert (award["by_hand"], award["withdrawn"], award["voided"]) == (22, withdrawn, 2)
        assert (award["tied"], award["runoffs"], award["recounts"]) == (2, 1, 3)
        assert "Everything fits" in award["recount"]
        assert award["found"] == award["accepted"]
    assert (shares["seals"], phones["seals"]) == (3, 2)
    # What two people had to count alike was refused four times, besides codes that were wrong or used.
    assert (shares["refused"], phones["refused"]) == (24, 14)


def test_troubles_of_the_example_awards_leave_records_that_fit(served: Served) -> None:
    good("load", ROOT / "examples" / "award.yaml", data=served.data)
    result = rehearsed(served, "awards", "--voters", 9, "--troubles")
    assert result.exit_code == 0, result.output
    rest = (
        "22 ballots by hands and paper, 1 withdrawn candidates, 2 voided ballots, "
        "2 tied for first place, 1 run-offs."
    )
    for absent in (1, 0):
        assert f"  Troubles: {absent} absent jurors, {rest}" in result.stdout
    assert result.stdout.count("The recount of the record says 3 times: Everything fits") == 2


def test_a_record_that_was_tampered_with_on_its_way_ends_with_exit_code_3(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = served.load(tmp_path, event_file())
    really = Asker.send

    async def tampered(
        self: Asker, method: str, path: str, form: dict[str, str] | None = None
    ) -> httpx.Response:
        answer = await really(self, method, path, form)
        is_record = path == f"/award/{event}-rehearsal/open/record.zip"
        return httpx.Response(200, content=without_a_ballot(answer.content)) if is_record else answer

    monkeypatch.setattr(Asker, "send", tampered)
    result = rehearsed(served, event, "--voters", 4)
    assert result.exit_code == 3
    assert "Wrong: the recount of the record does not agree" in result.stdout
    assert "Wrong: the record holds 3 ballots, 4 were counted" in result.stdout
    sound, _, broken = result.stdout.partition("Award open:")
    assert "Wrong" not in sound and "Everything fits" not in broken


def test_troubles_are_those_of_awards_on_a_copy(served: Served) -> None:
    for words in (("--in-place",), ("--no-awards",)):
        result = rehearsed(served, "ecc2020", "--voters", 2, "--troubles", *words)
        assert result.exit_code == 2
        assert "rehearsed on a copy alone" in result.stderr


def jury(rule: str, jurors: int, *, picks: int = 0) -> dict[str, Any]:
    criteria = [{"id": "craft", "low": 1, "high": 5}] if rule == "mean" else []
    return {
        "jurors": [f"j{n}" for n in range(jurors)],
        "candidates": ["a", "b", "c", "nobody"],
        "criteria": criteria,
        "rule": rule,
        "picks": picks,
    }


def test_twins_are_the_first_two_who_stand() -> None:
    assert twins_of([jury("mean", 3)]) == ("a", "b")
    assert twins_of([{"candidates": ["a", "nobody"]}]) == twins_of([]) == ()


@pytest.mark.parametrize("jurors", [1, 3, 4, 5, 6])
@pytest.mark.parametrize(("rule", "picks"), [("mean", 0), ("approval", 0), ("approval", 1), ("borda", 0)])
def test_a_jury_treats_the_twins_alike(rule: str, picks: int, jurors: int) -> None:
    round_ = jury(rule, jurors, picks=picks)
    given = {"mark.a.craft": "1", "mark.b.craft": "5", "mark.c.craft": "5", "recused.a": "family"}
    sheets = [
        even_fields(round_, number, ("a", "b"), given if rule == "mean" else {})
        for number in range(jurors)
        if not is_absent(round_, number)
    ]
    other = {"a": "b", "b": "a"}
    mirrored = [
        {".".join(other.get(one, one) for one in name.split(".")): said for name, said in sheet.items()}
        for sheet in sheets
    ]
    assert sorted(map(sorted, (one.items() for one in sheets))) == sorted(
        map(sorted, (one.items() for one in mirrored))
    )
    assert ranks_in_pairs(round_) == (rule == "borda" or picks == 1)
    if rule == "mean":
        assert all(sheet["mark.c.craft"] == "4" and "recused.a" not in sheet for sheet in sheets)


@pytest.mark.parametrize(("form", "least", "most"), [("single", 1, 1), ("approval", 2, 3), ("ranking", 2, 3)])
@pytest.mark.parametrize("abstain", [True, False])
def test_a_hall_treats_the_twins_alike_inside_each_class(
    form: str, least: int, most: int, abstain: bool
) -> None:
    paper = {
        "id": "v",
        "form": form,
        "least": least,
        "most": most,
        "abstain": abstain,
        "candidates": ["a", "b", "c", "d"],
        "classes": ["member", "guest"],
    }
    voters = hall(paper, [("", "member")] * 21 + [("", "guest")] * 12)
    pairs = even_hall(paper, voters, ("a", "b"))
    assert len(pairs) == 16
    assert len(voters) == (33 if abstain else 32)
    for one, other in pairs:
        assert one.voter_class == other.voter_class
        assert tuple({"a": "b", "b": "a"}.get(c, c) for c in one.selections) == other.selections
        assert len(one.selections) in (0, *range(least, most + 1))
    firsts = [voter.selections[0] for voter in voters if voter.selections]
    assert firsts.count("a") == firsts.count("b") > len(firsts) // 3


def test_counts_by_hand_are_forms_of_the_vote() -> None:
    def count(form: str, least: int = 1, lead: int = 0) -> tuple[dict[str, str], int]:
        return counts_by_hand({"form": form, "least": least}, "hands", ["a", "b", "c"], ("a", "b"), lead)

    assert count("single", lead=1) == ({"n-a": "4", "n-b": "3"}, 7)
    assert count("ranking", least=3) == ({"lines": "a > b > c: 3\nb > a > c: 3"}, 6)
    assert count("approval") == ({"lines": "a: 3\nb: 3"}, 6)
    assert count("approval", least=2) == ({"lines": "a, b: 6"}, 6)
