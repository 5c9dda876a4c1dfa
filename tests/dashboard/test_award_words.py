"""An award's rules and results in words and tables."""

from dataclasses import replace

import pytest

from dashboard import words_de_award, words_en_award
from dashboard.award_result import remarks, result_sentence, result_tables, tie_sentences
from dashboard.award_rules import award_rules
from dashboard.phrase import Plural
from polls.award.model import Award, BallotForm, Blend, Electorate, JuryRule, Publish, Rung, ScrutineerId
from tests.voting.award.material import award, ballots, classes, counted, criteria, jury, sheet, vote

RANKING = BallotForm.RANKING


def rules_text(one: Award, lang: str = "en", rules_hash: str = "") -> str:
    return "\n".join(
        s for part in award_rules(one, lang, rules_hash) for s in (part.heading, *part.sentences)
    )


def test_german_and_english_say_the_same_things() -> None:
    assert words_de_award.WORDS.keys() == words_en_award.WORDS.keys()
    for key, phrase in words_en_award.WORDS.items():
        assert isinstance(words_de_award.WORDS[key], Plural) is isinstance(phrase, Plural), key


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize("rule", list(JuryRule))
@pytest.mark.parametrize("blend", list(Blend))
def test_every_rule_has_words(rule: JuryRule, blend: Blend, lang: str) -> None:
    for form, method in [
        (BallotForm.SINGLE, "plurality"),
        (BallotForm.APPROVAL, "approval"),
        *((RANKING, method) for method in ("borda", "irv", "schulze-winning")),
    ]:
        hall = vote(form, method, classes=classes(members=3, guests=1), min_turnout=5, ties=True)
        one = award(
            "abc",
            jury_rounds=[jury(3, rule, shortlist=2), jury(3, rule, id="final", boundary_ladder=True)],
            hall=hall,
            none=True,
            blend=blend,
            ladder=(*(rung.value for rung in Rung), "criterion:k1"),
        )
        assert len(rules_text(one, lang, "ab" * 32).splitlines()) > 50


def test_the_rules_say_weights_quorum_ladder_and_fingerprint() -> None:
    one = award("ab", jury_rounds=[jury(3, criteria=criteria(3, 4, high=10))], ladder=("countback", "shared"))
    said = rules_text(one, rules_hash="12ab")
    assert "Criterion 2: whole marks from 0 to 10, weight 4 of 7." in said
    assert "Step 1: whoever has more first places, then more second places, and so on." in said
    assert "Step 2: the award is shared." in said
    assert "fingerprint 12ab" in said
    assert "This is not a legally binding election." in said
    assert "fingerprint" not in rules_text(one)


def test_a_vote_by_device_promises_no_more_than_it_keeps() -> None:
    said = rules_text(award("ab", hall=vote(electorate=Electorate.DEVICES)))
    assert "one vote per device, not per person" in said
    assert "Nobody votes twice" not in said
    assert "Nobody votes twice with one code." in rules_text(award("ab", hall=vote()))
    assert "Rules and candidates cannot change unseen." in said


def test_a_vote_of_which_only_figures_are_published_promises_no_ballot_in_the_record() -> None:
    whole, figures = (
        rules_text(award("ab", hall=vote(publish=publish))) for publish in (Publish.BALLOTS, Publish.TOTALS)
    )
    assert "can find the own ballot in the record" in whole
    assert "Anyone can recount everything" in whole
    assert "can find the own ballot" not in figures
    assert "Anyone can recount everything" not in figures
    assert "Anyone can recount what is published in full" in figures


def test_a_jury_alone_promises_nothing_about_codes_and_checkpoints() -> None:
    said = rules_text(award("ab", jury_rounds=[jury(3, publish=Publish.BALLOTS)]))
    for none in ("one code", "checkpoint", "receipt can find", "list of codes"):
        assert none not in said.partition("What is not promised")[0]
    assert "Anyone can recount everything" in said
    assert "Rules and candidates cannot change unseen." in said


def test_scrutineers_are_named() -> None:

    one = replace(
        award("ab", hall=vote()), scrutineers=((ScrutineerId("s1"), "Ida"), (ScrutineerId("s2"), "Jon"))
    )
    assert "Ida, Jon. 2 of them must approve" in rules_text(one)


def test_the_winner_of_a_vote_is_said_in_counts_first() -> None:
    one = award("ab", hall=vote())
    found = counted(one, (), ballots({"a": 5, "b": 3}))
    assert result_sentence(one, found, "en") == "A wins with 5 of 8 votes (63\u00a0%)"
    assert result_sentence(one, found, "de") == "A gewinnt mit 5 von 8 Stimmen (63\u00a0%)"


def test_a_blend_says_what_each_side_gave() -> None:
    one = award("ab", jury_rounds=[jury(1)], hall=vote(), blend=Blend.POINTS)
    found = counted(one, [sheet(1, a=9, b=8)], ballots({"b": 3, "a": 1}))
    assert result_sentence(one, found, "en") == (
        "B wins with 22 points: 10 from the jury and 12 from the audience, after a tie"
    )
    assert tie_sentences(one, found, "en") == (
        "A and B were tied for first place.",
        "B is first because the audience placed B higher.",
    )
    combined = result_tables(one, found, "en")[0]
    assert combined.header == ("Place", "Candidate", "Jury", "Audience", "Sum")
    assert combined.rows == (("1", "B", "10", "12", "22"), ("2", "A", "12", "10", "22"))


def test_shares_are_parts_of_all_parts() -> None:
    one = award(
        "ab", jury_rounds=[jury(1)], hall=vote(), blend=Blend.SHARES, jury_weight=60, audience_weight=40
    )
    found = counted(one, [sheet(1, a=2, b=1)], ballots({"b": 1, "a": 1}))
    assert result_sentence(one, found, "de") == (
        "A gewinnt mit 60 von 100 Teilen: 40 von der Jury und 20 vom Publikum"
    )


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (JuryRule.MEAN, "A wins with a mark of 8.50"),
        (JuryRule.MEDIAN, "A wins with a mark of 8.50"),
        (JuryRule.RANKSUM, "A wins with a mean place of 1"),
        (JuryRule.POINTS, "A wins with 24 points"),
    ],
)
def test_a_jury_says_its_figure(rule: JuryRule, said: str) -> None:
    one = award("ab", jury_rounds=[jury(2, rule)])
    assert result_sentence(one, counted(one, [sheet(1, a=9, b=1), sheet(2, a=8, b=2)]), "en") == said


def test_orders_and_picks_of_a_jury_have_their_sentences() -> None:
    picks = award("ab", jury_rounds=[jury(2, JuryRule.APPROVAL)])
    assert "the picks of 2 jurors" in result_sentence(
        picks, counted(picks, [sheet(1, picks="a"), sheet(2, picks="ab")]), "en"
    )
    for rule, said in [
        (JuryRule.BORDA, "A wins with 4 points"),
        (JuryRule.IRV, "A wins with 2 of 2 votes in the last round"),
        (JuryRule.SCHULZE, "A wins when each two are compared"),
    ]:
        one = award("ab", jury_rounds=[jury(2, rule)])
        sheets = [sheet(1, ranking="a b"), sheet(2, ranking="a b")]
        assert result_sentence(one, counted(one, sheets), "en") == said


def test_with_a_recusal_points_are_said_as_shares() -> None:
    one = award("abc", jury_rounds=[jury(2, JuryRule.POINTS)])
    found = counted(one, [sheet(1, a=9, b=5, c=4), sheet(2, recused="a", b=1, c=2)])
    assert result_sentence(one, found, "en") == "A wins with 100\u00a0% of the possible points"
    (table,) = result_tables(one, found, "en")
    assert table.header[2] == "Share of the possible points"
    assert table.rows == (("1", "A", "100\u00a0%"), ("2", "B", "83.33\u00a0%"), ("2", "C", "83.33\u00a0%"))


def test_a_shared_award_names_all_in_the_order_of_the_paper() -> None:
    for names, said in [
        ("ba", "B and A share the award"),
        ("cba", "C, B and A share the award"),
        ("dcba", "4 candidates share the award: D, C, B and A"),
    ]:
        one = award(names, hall=vote())
        found = counted(one, (), ballots(dict.fromkeys(names, 2)))
        assert result_sentence(one, found, "en") == said


def test_what_is_open_or_without_result_is_said_plainly() -> None:
    waits = award("ab", hall=vote(), ladder=("countback", "chair"))
    tied = counted(waits, (), ballots({"a": 1, "b": 1}))
    assert "casting vote" in result_sentence(waits, tied, "en")
    assert tie_sentences(waits, tied, "en")[1:] == (
        "First places, second places and so on did not decide.",
        "The casting vote of the chair is needed.",
    )
    assert result_sentence(waits, counted(waits), "en") == "There is no valid result, and nobody wins"
    none = award("a", hall=vote(), none=True)
    nobody = counted(none, (), ballots({"a": 1, "nobody": 1}))
    assert "Nobody gets the award" in result_sentence(none, nobody, "en")
    assert tie_sentences(none, nobody, "en")[-1] == "A tie with “none of the above” is not enough to win."


@pytest.mark.parametrize(
    ("ladder", "told", "said"),
    [
        ("criterion:k1", {}, "higher mean mark for “Criterion 1”"),
        ("chair", {"chair": "b"}, "by the casting vote of the chair"),
        ("lot", {"lot": "4 8 15"}, "Draw: 4 8 15."),
    ],
)
def test_each_rung_says_why(ladder: str, told: dict[str, str], said: str) -> None:
    one = award("ab", jury_rounds=[jury(1, criteria=criteria(1, 1))], ladder=("countback", ladder))
    found = counted(one, [sheet(1, a=(3, 9), b=(9, 3))], choices=told)
    assert said in tie_sentences(one, found, "en", draw="4 8 15")[-1]


def test_a_runoff_has_its_table_and_its_sentence() -> None:
    one = award("ab", hall=vote(), ladder=("shared",))
    found = counted(one, (), ballots({"a": 1, "b": 1}), {"runoff1": ("ab", ballots({"b": 2, "a": 1}))})
    assert tie_sentences(one, found, "en")[-1] == "B is first by the run-off."
    assert [table.title for table in result_tables(one, found, "en")] == ["Audience", "Run-off"]


def test_equal_counts_read_equal_and_the_base_is_named() -> None:
    one = award("abc", hall=vote())
    (table,) = result_tables(one, counted(one, (), ballots({"a": 1, "b": 1, "c": 1, "": 2})), "en")
    assert table.rows == (
        ("1", "A", "1", "33\u00a0%"),
        ("1", "B", "1", "33\u00a0%"),
        ("1", "C", "1", "33\u00a0%"),
    )
    assert table.notes[0] == (
        "5 ballots, 2 without a choice; percentages of 3 valid votes, each rounded by itself."
    )


def test_void_ballots_and_weights_are_said_so_that_the_figures_add_up() -> None:
    """Eight codes were used, seven ballots counted and eleven votes given, and nothing said why."""
    hall = vote(classes=classes(members=3, guests=1))
    one = award("ab", hall=hall)
    found = counted(one, (), ballots({"a": 1}, "members") + ballots({"b": 1}, "guests"))

    (table,) = result_tables(one, found, "en")
    assert [row[2] for row in table.rows] == ["3", "1"]
    assert table.notes[-2:] == (
        "A ballot of “members” counts 3 times.",
        "A ballot of “guests” counts once.",
    )
    assert remarks(one, found, "en", voided=1) == (
        "1 ballot was declared void and does not count. The record gives the reason.",
    )
    assert remarks(one, found, "de", voided=2)[0].startswith("2 Stimmzettel wurden für ungültig erklärt")


@pytest.mark.parametrize("publish", list(Publish))
def test_how_many_sheets_a_mark_is_made_of_is_said_where_sheets_are_public(publish: Publish) -> None:
    panel = replace(jury(3, quorum_min=1), publish=publish)
    one = award("ab", jury_rounds=[panel], blend=Blend.JURY)
    sheets = [sheet(1, a=5, b=6), sheet(2, a=7, b=6), sheet(3, b=6)]

    (table,) = result_tables(one, counted(one, sheets, ()), "en")

    said = "Not everybody judged every entry. Sheets that count for each: A 2, B 3."
    assert table.notes[0] == "3 locked sheets of 3 jurors."
    assert table.notes[1:] == ((said,) if publish is Publish.BALLOTS else ())
    whole = [sheet(1, a=5, b=6), sheet(2, a=7, b=6)]
    assert len(result_tables(one, counted(one, whole, ()), "en")[0].notes) == 1


def test_a_quorum_that_needs_everybody_says_so() -> None:
    """With three jurors and the usual quorum one recusal takes an entry out: nobody would have guessed it."""
    said = "So every juror is needed: an entry that one juror does not judge is not rated."
    assert said in rules_text(award("ab", jury_rounds=[jury(3, quorum_min=3)]))
    assert said not in rules_text(award("ab", jury_rounds=[jury(4, quorum_min=3)]))


@pytest.mark.parametrize("rule", list(JuryRule))
def test_shares_are_named_only_for_rules_that_make_them(rule: JuryRule) -> None:
    said = "compared as shares" in rules_text(award("ab", jury_rounds=[jury(5, rule)]))
    assert said is (rule in (JuryRule.POINTS, JuryRule.RANKSUM, JuryRule.BORDA))


def test_who_is_not_rated_is_not_zero_and_withdrawals_are_said() -> None:
    one = award("abc", jury_rounds=[jury(2, JuryRule.TRIMMED, quorum_min=2)], hall=vote(), blend=Blend.JURY)
    sheets = [sheet(1, a=5, b=6, c=1), sheet(2, a=5)]
    found = counted(one, sheets, ballots({"c": 2}), withdrawn=("c",))
    assert result_tables(one, found, "en")[0].rows == (("1", "A", "5"), ("", "B", "not rated"))
    assert remarks(one, found, "en") == (
        "There were too few sheets to leave marks out, so the plain mean counts for everybody.",
        "C has withdrawn. 2 ballots named this candidate.",
    )
