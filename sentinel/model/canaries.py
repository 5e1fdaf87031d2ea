"""Sentences of obvious sentiment by language: a model that reads them wrongly is not the model it claims to be.

Pairs of a sentence and its label, the clearest of each sort; a language that is not here is not checked.
"""

from __future__ import annotations

CANARIES = {
    "en": (
        ("Shares plunge after the company files for bankruptcy", "negative"),
        ("Quarterly loss widens as sales slump and the company warns on profit", "negative"),
        ("Shares soar after quarterly profit beats expectations", "positive"),
        ("Net profit rises 30 percent on strong demand", "positive"),
        ("The company will hold its annual general meeting on Tuesday", "neutral"),
        ("The board meets on 12 May to consider quarterly results", "neutral"),
    ),
    "de": (
        ("Aktie stürzt ab, nachdem das Unternehmen Insolvenz angemeldet hat", "negative"),
        ("Verlust im Quartal wächst, weil der Umsatz einbricht", "negative"),
        ("Aktie steigt kräftig, der Gewinn übertrifft die Erwartungen", "positive"),
        ("Gewinn steigt um 30 Prozent dank starker Nachfrage", "positive"),
        ("Die Hauptversammlung findet am Dienstag statt", "neutral"),
    ),
    "fr": (
        ("L'action s'effondre après le dépôt de bilan du groupe", "negative"),
        ("La perte trimestrielle se creuse avec la chute des ventes", "negative"),
        ("L'action bondit, le bénéfice dépasse les attentes", "positive"),
        ("Le bénéfice net augmente de 30 % grâce à une forte demande", "positive"),
        ("L'assemblée générale aura lieu mardi", "neutral"),
    ),
    "es": (
        ("La acción se desploma tras la quiebra de la empresa", "negative"),
        ("La pérdida trimestral aumenta por la caída de las ventas", "negative"),
        ("La acción se dispara, el beneficio supera las expectativas", "positive"),
        ("El beneficio neto sube un 30 % por la fuerte demanda", "positive"),
        ("La junta general se celebrará el martes", "neutral"),
    ),
    "it": (
        ("Il titolo crolla dopo il fallimento della società", "negative"),
        ("La perdita trimestrale si allarga per il calo delle vendite", "negative"),
        ("Il titolo vola, l'utile supera le attese", "positive"),
        ("L'utile netto sale del 30% grazie alla forte domanda", "positive"),
        ("L'assemblea generale si terrà martedì", "neutral"),
    ),
}

ENGLISH = "en"
