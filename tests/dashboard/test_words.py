"""The sentences."""

import re
from string import Formatter

import pytest

from dashboard.phrase import Plural
from dashboard.words import CATEGORY, LANGUAGES, language_of, phone_words, say

CODES = [
    "closed",
    "other_round",
    "conflict",
    "stale",
    "frozen",
    "busy",
    "store_full",
    "store_conflict",
    "recount_mismatch",
    "voting_error",
    "no_such_poll",
    "none_chosen",
    "unknown_option",
    "too_many",
    "chosen_twice",
    "same_place",
    "abstain_not_allowed",
    "not_for_you",
    "malformed",
    "bad_frame",
]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def forms(lang: str, key: str) -> list[str]:
    phrase = LANGUAGES[lang][key]
    return list(phrase.forms.values()) if isinstance(phrase, Plural) else [phrase]


def test_the_sentence_of_the_stage_reads_as_designed() -> None:
    said = say("en", "result_leads", option="Increase public investments", share="35\u00a0%", n=213)
    assert said == "Increase public investments leads with 35\u00a0%, 213 answers"


def test_a_count_of_one_has_its_own_sentence() -> None:
    assert say("en", "ask_reset", n=1).startswith("Reset deletes 1 ballot of")
    assert say("en", "ask_reset", n=213) == "Reset deletes 213 ballots of this round. Type RESET to go on."
    assert say("de", "abstained", n=1) == "1 Enthaltung"


def test_a_regional_tag_finds_its_language_and_others_english() -> None:
    assert language_of("de-AT") == "de"
    assert language_of("DE") == "de"
    assert language_of("fr-BE") == language_of("") == "en"
    assert say("fr", "phone_send") == "Send"


def test_a_missing_translation_falls_back_to_english() -> None:
    assert "do_open" not in LANGUAGES["de"]
    assert say("de", "do_open") == "Open voting"


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("en", "no_such_sentence")


def test_braces_in_what_people_wrote_are_left_alone() -> None:
    assert "{n}{0.__class__}" in say("en", "result_leads", option="{n}{0.__class__}", share="1\u00a0%", n=2)


@pytest.mark.parametrize("lang", list(LANGUAGES))
def test_every_language_speaks_only_keys_and_values_of_english(lang: str) -> None:
    for key, phrase in LANGUAGES[lang].items():
        assert key in LANGUAGES["en"], key
        known = set().union(*(fields(text) for text in forms("en", key)))
        for text in forms(lang, key):
            assert fields(text) <= known, key
        if isinstance(phrase, Plural):
            assert set(phrase.forms) == {CATEGORY[lang](n) for n in range(200)} | {"other"}, key


@pytest.mark.parametrize("lang", list(LANGUAGES))
def test_no_line_ends_between_a_number_and_its_percent_sign(lang: str) -> None:
    texts = [form for key in LANGUAGES[lang] for form in forms(lang, key)]
    assert [text for text in texts if " %" in text] == []
    assert [text for text in texts if "\u00a0%" in text], "else nothing was looked at"


@pytest.mark.parametrize("lang", list(LANGUAGES))
def test_words_are_calm_and_plain(lang: str) -> None:
    for key in LANGUAGES[lang]:
        for text in forms(lang, key):
            assert "!" not in text, key
            assert text == text.strip(), key
            assert not re.search(r"\b(invalid|error|oops|please)\b", text, re.IGNORECASE), key


@pytest.mark.parametrize("lang", list(LANGUAGES))
def test_every_reject_has_words_for_the_phone(lang: str) -> None:
    for code in CODES:
        assert f"reject_{code}" in LANGUAGES[lang]
        assert say(lang, f"reject_{code}", n=3)
        assert f"reject_{code}" in phone_words(lang)


def test_phone_words_are_plain_texts_in_the_language_asked_for() -> None:
    german, english = phone_words("de-CH"), phone_words("en")
    assert german["phone_send"] == "Senden"
    assert german.keys() == english.keys()
    assert english["choose_up_to"] == "Choose up to {n}"
    assert all(key in LANGUAGES["de"] for key in german)


STAGE_AND_RULES = (
    "stage_",
    "chamber_",
    "base_",
    "rule_",
    "rules_",
    "rounding_",
    "compare_",
    "flow_",
    "tie_",
    "value_",
    "names_",
    "result_",
    "place_",
)


def test_whatever_a_hall_reads_of_a_count_is_there_in_german() -> None:
    wanted = {key for key in LANGUAGES["en"] if key.startswith(STAGE_AND_RULES)}
    assert wanted - set(LANGUAGES["de"]) == set()
