# ruff: noqa: RUF001
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.language import LANGUAGES, UNDETERMINED, detect_languages

FOREIGN = {
    "de": ["Gewinn der Nordhafen AG bricht im dritten Quartal ein", "Aktien schließen leicht im Plus"],
    "fr": ["Le bénéfice de Valmore recule fortement au troisième trimestre", "La Bourse termine en hausse"],
    "es": ["El beneficio de Valmora cae un 12 % en el trimestre", "La inflación baja por tercer mes"],
    "it": ["L'utile netto di Valmora cala nel terzo trimestre", "Il petrolio scende ancora"],
    "pt": ["Lucro da Valmora cai 30% no terceiro trimestre", "Bolsa fecha em alta após decisão"],
    "nl": ["Winst van Noordhaven daalt licht in het derde kwartaal"],
    "pl": ["Zysk spółki wzrósł w trzecim kwartale"],
    "sv": ["Vinsten faller mer än väntat för Nordhamn"],
    "tr": ["Merkez bankası faizi sabit tuttu"],
    "ru": ["Прибыль банка выросла в третьем квартале", "Рубль укрепился"],
    "el": ["Άνοδος στο χρηματιστήριο"],
    "ar": ["أسعار النفط ترتفع بعد القرار"],
    "he": ["הבורסה ננעלה בעליות"],
    "zh": ["国际油价大幅下跌", "央行宣布降息"],
    "ja": ["日経平均が反発、終値は小幅高"],
    "ko": ["영업이익 급감에 주가 하락"],
}
ENGLISH = [
    "Barrowgate Q3 EPS $1.04 beats by $0.07",
    "Lantry AG to buy Valmora SpA for EUR 2.1 bln",
    "Société Générale cuts Renault to sell",
    "Petrobras, Vale lead Bovespa lower",
    "Fed holds rates",
    "Nikkei, Hang Seng slip; Kospi flat",
    "Brief: Nordhafen CFO resigns",
    "Oil jumps 3% as OPEC+ talks stall",
]


@pytest.mark.parametrize(("language", "texts"), FOREIGN.items(), ids=FOREIGN.keys())
def test_headline_in_another_language_is_told_from_english(language: str, texts: list[str]) -> None:
    assert detect_languages(texts) == [language] * len(texts)


def test_english_headline_of_names_and_figures_is_english() -> None:
    assert detect_languages(ENGLISH) == ["en"] * len(ENGLISH)


@pytest.mark.parametrize("text", ["", "42", "$AAPL $TSLA", "Aktie", "https://example.com/der-gewinn-faellt-weiter"])
def test_text_of_too_few_words_is_undetermined(text: str) -> None:
    assert detect_languages([text]) == [UNDETERMINED]


@settings(deadline=None)
@given(texts=st.lists(st.text(max_size=80), max_size=4))
def test_every_text_has_a_language(texts: list[str]) -> None:
    found = detect_languages(texts)
    assert len(found) == len(texts)
    assert set(found) <= {*LANGUAGES, UNDETERMINED}
