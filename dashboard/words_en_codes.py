# ruff: noqa: E501 - a sentence stays on its line
"""The sentences in English on sheets with voting codes."""

from collections.abc import Mapping

from dashboard.phrase import Phrase

WORDS: Mapping[str, Phrase] = {
    "code_sheet_scan": "Scan this with your phone and choose on the page that opens.",
    "code_sheet_type": "Or open {address} and type the code below.",
    "code_sheet_once": "This code counts once and cannot be replaced.",
    "code_sheet_secret": "Keep it to yourself: whoever has it can vote in your place. Your ballot is stored without it.",
}
"""The sentences."""
