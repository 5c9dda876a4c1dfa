"""Exact numbers as people read them."""

from fractions import Fraction

from dashboard.words import language_of


def two_decimals(value: Fraction, lang: str = "en") -> str:
    """A fraction with two decimals, halves up, worked out in whole numbers: 5/8 is "0.63"."""
    hundredths = (200 * value.numerator + value.denominator) // (2 * value.denominator)
    whole, rest = divmod(abs(hundredths), 100)
    point = "," if language_of(lang) == "de" else "."
    return f"{'−' if hundredths < 0 else ''}{whole}{point}{rest:02d}"
