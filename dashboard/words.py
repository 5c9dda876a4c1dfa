"""Every sentence that people read, by key and language.

A sentence is whole: nothing is put together from pieces, and a sentence that counts something has
one whole form per plural category (CLDR names: one, other, …). English is complete; a language that
lacks a key falls back to it.
"""

from collections.abc import Callable, Mapping

from dashboard import (
    words_de,
    words_de_award,
    words_de_award_jury,
    words_de_award_stage,
    words_de_award_voter,
    words_de_codes,
    words_de_rules,
    words_en,
    words_en_award,
    words_en_award_desk,
    words_en_award_jury,
    words_en_award_stage,
    words_en_award_voter,
    words_en_codes,
    words_en_rules,
    words_en_staff,
)
from dashboard.phrase import Phrase, Plural

LANGUAGES: Mapping[str, Mapping[str, Phrase]] = {
    "en": {
        **words_en.WORDS,
        **words_en_award.WORDS,
        **words_en_award_desk.WORDS,
        **words_en_award_jury.WORDS,
        **words_en_award_stage.WORDS,
        **words_en_award_voter.WORDS,
        **words_en_codes.WORDS,
        **words_en_rules.WORDS,
        **words_en_staff.WORDS,
    },
    "de": {
        **words_de.WORDS,
        **words_de_award.WORDS,
        **words_de_award_jury.WORDS,
        **words_de_award_stage.WORDS,
        **words_de_award_voter.WORDS,
        **words_de_codes.WORDS,
        **words_de_rules.WORDS,
    },
}
"""Sentences by language tag and key."""


def _one_other(number: int) -> str:
    return "one" if number == 1 else "other"


CATEGORY: Mapping[str, Callable[[int], str]] = {"en": _one_other, "de": _one_other}
"""How a language sorts whole numbers into plural categories (CLDR's cardinal rules)."""

PHONE_PREFIXES = ("phone_", "reject_", "choose_")
"""The keys whose sentences the phone's script shows by itself start like this."""


def language_of(tag: str) -> str:
    """The language whose sentences serve a BCP 47 tag: `de` for `de-AT`, `en` when there is none."""
    base = tag.split("-")[0].lower()
    return base if base in LANGUAGES else "en"


def say(lang: str, key: str, **values: str | int) -> str:
    """The sentence `key` in `lang`, filled with `values`; values it does not use are ignored.

    Raises KeyError for an unknown key or a value that the sentence needs.
    """
    language = language_of(lang)
    phrase = LANGUAGES[language].get(key)
    if phrase is None:
        language, phrase = "en", LANGUAGES["en"][key]
    if isinstance(phrase, Plural):
        category = CATEGORY[language](int(values[phrase.by]))
        return phrase.forms.get(category, phrase.forms["other"]).format_map(values)
    return phrase.format_map(values)


def forms(lang: str, key: str) -> dict[str, str]:
    """A sentence for a script to fill in: its forms by plural category, at least "other"."""
    own = LANGUAGES[language_of(lang)].get(key, LANGUAGES["en"][key])
    return dict(own.forms) if isinstance(own, Plural) else {"other": own}


def paper_words(lang: str) -> dict[str, str]:
    """What the script of a paper that puts options in order needs, by key; {names} are for it to fill in."""
    own = LANGUAGES[language_of(lang)]
    return {
        key: text
        for key, english in LANGUAGES["en"].items()
        if key.startswith("paper_rank_") and isinstance(text := own.get(key, english), str)
    }


def voter_words(lang: str) -> dict[str, str]:
    """What the script of an award's voter's page needs, by key; {names} are for it to fill in."""
    own = LANGUAGES[language_of(lang)]
    return {
        key: text
        for key, english in LANGUAGES["en"].items()
        if key.startswith("voter_") and isinstance(text := own.get(key, english), str)
    }


def phone_words(lang: str) -> dict[str, str]:
    """What the phone's script needs, by key; {names} in braces are for the script to fill in.

    None of these counts something, so a plain replacement is right in every language.
    """
    own = LANGUAGES[language_of(lang)]
    return {
        key: text
        for key, english in LANGUAGES["en"].items()
        if key.startswith(PHONE_PREFIXES) and isinstance(text := own.get(key, english), str)
    }
