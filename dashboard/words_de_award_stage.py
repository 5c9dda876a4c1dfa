# ruff: noqa: E501 - a sentence stays on its line
"""The sentences in German of awards on the big screen and on phones in the hall."""

from collections.abc import Mapping

from dashboard.phrase import Phrase, count

WORDS: Mapping[str, Phrase] = {
    "award_stage_candidates": "Nominiert",
    "award_stage_finalists": "Im Finale",
    "award_stage_runoff": "In der Stichwahl",
    "award_stage_draft": "In Kürze",
    "award_stage_waiting": "Die Abstimmung beginnt bald",
    "award_stage_waiting_jury": "Die Jury urteilt bald",
    "award_stage_jury_open": "Die Jury urteilt",
    "award_stage_vote_open": "Die Abstimmung läuft",
    "award_stage_closed": "Geschlossen",
    "award_stage_sealed": "Versiegelt",
    "award_stage_tie": "Gleichstand auf dem ersten Platz",
    "award_stage_reveal": "Das Ergebnis",
    "award_stage_revealed": "Das Ergebnis",
    "award_stage_published": "Das Ergebnis",
    "award_stage_hidden": "Solange die Abstimmung läuft, sieht niemand eine Summe.",
    "award_stage_closed_vote": "Die Abstimmung ist geschlossen",
    "award_stage_closed_jury": "Die Jury ist fertig",
    "award_stage_approvals": count(
        "needed",
        "Gezählt wird erst, wenn {needed} Person der Aufsicht die Urne bestätigt hat. Bisher: {n}.",
        "Gezählt wird erst, wenn {needed} Personen der Aufsicht die Urne bestätigt haben. Bisher: {n}.",
    ),
    "award_stage_approvals_organiser": "Gezählt wird erst, wenn der Veranstalter die Urne bestätigt hat.",
    "award_stage_approved": "bestätigt",
    "award_stage_not_approved": "noch nicht",
    "award_stage_sealed_title": "Das Ergebnis ist versiegelt",
    "award_stage_sealed_text": "Niemand hat es gesehen. Es wird vom letzten bis zum ersten Platz gezeigt.",
    "award_stage_codes": "Stimmcode eingeben",
    "award_stage_devices": "Mit dem Telefon abstimmen",
    "award_stage_cast_codes": "{counted} von {of} Codes benutzt",
    "award_stage_cast_devices": count(
        "counted", "{counted} Stimmzettel abgegeben", "{counted} Stimmzettel abgegeben"
    ),
    "award_stage_caption": count("counted", "Stimmzettel in der Urne", "Stimmzettel in der Urne"),
    "award_stage_pinned": count(
        "n", "Kontrollpunkt: {n} Stimmzettel, festgehalten als", "Kontrollpunkt: {n} Stimmzettel, festgehalten als"
    ),
    "award_stage_place": "Platz {n}",
    "award_stage_first": "Erster Platz",
    "award_stage_who": "Und der Preis geht an …",
    "award_stage_winner": "Gewonnen hat",
    "award_stage_winners": "Gewonnen haben",
    "award_stage_no_winner": "Kein Preis",
    "award_stage_jury": "Jury",
    "award_stage_audience": "Publikum",
    "award_stage_sum": "Summe",
    "award_stage_votes": count("n", "{n} Stimme", "{n} Stimmen"),
    "award_stage_tie_title": "Gleichstand auf dem ersten Platz",
    "award_stage_tie_runoff": "Die Regeln erlauben auch eine Stichwahl zwischen denen, die gleichauf liegen.",
    "award_stage_record": "Das Protokoll steht unter {url}. Jeder kann nachzählen.",
    "award_stage_record_soon": "Das Protokoll zum Nachzählen folgt.",
    "award_phone_draft": "Dieser Preis kommt bald.",
    "award_phone_waiting": "Die Abstimmung beginnt bald.",
    "award_phone_waiting_jury": "Die Jury urteilt bald.",
    "award_phone_jury_open": "Die Jury urteilt.",
    "award_phone_vote_open": "Die Abstimmung läuft.",
    "award_phone_closed": "Die Aufsicht prüft die geschlossene Urne.",
    "award_phone_sealed": "Das Ergebnis ist versiegelt. Bitte auf die Leinwand schauen.",
    "award_phone_tie": "Es gibt einen Gleichstand. Bitte auf die Leinwand schauen.",
    "award_phone_reveal": "Das Ergebnis wird gezeigt. Bitte auf die Leinwand schauen.",
    "award_phone_revealed": "Das Ergebnis ist da.",
    "award_phone_published": "Das Ergebnis ist da, und das Protokoll auch.",
    "award_phone_vote": "Jetzt abstimmen",
    "award_phone_about": "Über diesen Preis",
    "award_phone_record": "Ergebnis und Protokoll",
}
