# ruff: noqa: E501 - a sentence stays on its line
"""The sentences in German about preference polls that people see on their phones."""

from collections.abc import Mapping

from dashboard.phrase import Phrase, count

WORDS: Mapping[str, Phrase] = {
    "not_ranked": "ohne Platz",
    "value_points": "{score} von {max}",
    "value_ahead": "vor {count}",
    "value_wins": "{count} von {max} Siegen",
    "result_preference_points": count(
        "n",
        "{option} führt mit im Mittel {score} von {max} Punkten, {n} Stimmzettel",
        "{option} führt mit im Mittel {score} von {max} Punkten, {n} Stimmzettel",
    ),
    "result_preference_first": count(
        "n",
        "{option} führt mit {share} der ersten Plätze, {n} Stimmzettel",
        "{option} führt mit {share} der ersten Plätze, {n} Stimmzettel",
    ),
    "result_preference_runoff": count(
        "total",
        "{option} hat in Runde {round} mehr als die Hälfte: {count} von {total} Stimmzettel",
        "{option} hat in Runde {round} mehr als die Hälfte: {count} von {total} Stimmzetteln",
    ),
    "result_preference_pairs": count(
        "n",
        "{option} führt im Vergleich je zweier, {n} Stimmzettel",
        "{option} führt im Vergleich je zweier, {n} Stimmzettel",
    ),
    "result_preference_pair_winner": count(
        "n",
        "{option} wird jeder anderen Antwort vorgezogen, {n} Stimmzettel",
        "{option} wird jeder anderen Antwort vorgezogen, {n} Stimmzettel",
    ),
    "result_preference_no_pair_winner": count(
        "n",
        "Keine Antwort wird jeder anderen vorgezogen, {n} Stimmzettel",
        "Keine Antwort wird jeder anderen vorgezogen, {n} Stimmzettel",
    ),
    "result_preference_undecided": count(
        "n",
        "Die letzten sind gleichauf, nichts ist entschieden, {n} Stimmzettel",
        "Die letzten sind gleichauf, nichts ist entschieden, {n} Stimmzettel",
    ),
    "result_preference_shared_2": count(
        "n",
        "{first} und {second} teilen sich den ersten Platz, {n} Stimmzettel",
        "{first} und {second} teilen sich den ersten Platz, {n} Stimmzettel",
    ),
    "result_preference_shared_3": count(
        "n",
        "{first}, {second} und {third} teilen sich den ersten Platz, {n} Stimmzettel",
        "{first}, {second} und {third} teilen sich den ersten Platz, {n} Stimmzettel",
    ),
    "result_preference_shared_many": count(
        "n",
        "{options} Antworten teilen sich den ersten Platz, {n} Stimmzettel",
        "{options} Antworten teilen sich den ersten Platz, {n} Stimmzettel",
    ),
    "base_preference_borda": "Punkte im Mittel, höchstens {options}, N = {n}",
    "base_preference_dowdall": "Punkte im Mittel, höchstens 1, N = {n}",
    "base_preference_plurality": "erste Plätze und ihr Anteil der gültigen Stimmzettel, N = {n}",
    "base_preference_copeland": "Siege weniger Niederlagen im Vergleich je zweier, N = {n}",
    "base_preference_minimax-winning": "Stimmen gegen sie in der schwersten Niederlage, wenigste zuerst, N = {n}",
    "base_preference_minimax-margins": "Abstand in der schwersten Niederlage, kleinster zuerst, N = {n}",
    "base_preference_schulze-winning": "Zahl der Antworten, vor denen jede liegt, N = {n}",
    "base_preference_schulze-margins": "Zahl der Antworten, vor denen jede liegt, N = {n}",
    "base_preference_condorcet": "Siege im Vergleich je zweier, N = {n}",
    "base_preference_irv": "Stimmzettel in der letzten Runde jeder Antwort, N = {n}",
    "rounding_two_decimals": "Die Punkte sind exakte Brüche; gezeigt werden zwei Nachkommastellen.",
    "rounding_whole": "Alle Zahlen sind ganze Zahlen.",
    "rules_method_borda": "Von {options} Antworten bekommt die erste eines Stimmzettels {options} Punkte, jede weitere einen weniger. Die meisten Punkte führen.",
    "rules_method_dowdall": "Die erste eines Stimmzettels bekommt 1 Punkt, die zweite 1/2, die dritte 1/3 und so weiter. Die meisten Punkte führen.",
    "rules_method_plurality": "Nur erste Plätze zählen. Es führt, wer die meisten hat.",
    "rules_method_copeland": "Je zwei Antworten werden verglichen: Wie viele Stimmzettel ziehen die eine vor? Es führen die meisten Siege weniger Niederlagen.",
    "rules_method_minimax-winning": "Je zwei Antworten werden verglichen. Es führt, wer in der schwersten Niederlage die wenigsten Stimmen gegen sich hat.",
    "rules_method_minimax-margins": "Je zwei Antworten werden verglichen. Es führt, wer in der schwersten Niederlage den kleinsten Abstand hat.",
    "rules_method_schulze-winning": "Je zwei Antworten werden verglichen. Es führt, wer zu jeder anderen den stärkeren Weg aus Siegen hat, gemessen in Stimmen (Schulze).",
    "rules_method_schulze-margins": "Je zwei Antworten werden verglichen. Es führt, wer zu jeder anderen den stärkeren Weg aus Siegen hat, gemessen in Abständen (Schulze).",
    "rules_method_condorcet": "Je zwei Antworten werden verglichen. Es gewinnt, wer jede andere schlägt; sonst ist nichts entschieden.",
    "rules_method_irv": "Jeder Stimmzettel zählt für seine erste Antwort, die noch dabei ist. Bis eine mehr als die Hälfte hat, geht die letzte, und ihre Stimmzettel zählen weiter.",
}
