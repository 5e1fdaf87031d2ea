from __future__ import annotations

import re
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.model.training import augmentation
from sentinel.model.training.augmentation import (
    direction_texts,
    events,
    expectation,
    movement,
    neutral,
    reports,
    vary_texts,
)
from sentinel.model.training.augmentation.direction import _FAMILIES
from sentinel.model.training.augmentation.grammar import Grammar
from sentinel.model.training.augmentation.leaks import without_leaks
from sentinel.model.training.augmentation.quantities import quantities, verbs
from sentinel.model.training.augmentation.variation import scale_figures
from sentinel.records import LABELS
from sentinel.text import clean_text, fingerprint

N_TEXTS = 6_000
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
MONEY = r"(?:[A-Z]{2,3} ?|\$|€|Rs )?([\d,]+(?:\.\d+)?)(?: ?(?:mn|m|million|crore|mln euro))?"
TURNING = (
    "less but yet despite although though while even below short miss misses beats still will poll no not cannot "
    "feared notwithstanding in of"
)
PLAIN = rf"(?i)^(?!.*\b(?:{TURNING.replace(' ', '|')})\b).*\b"
SENTIMENT_WORDS = re.compile(
    r"(?<!\$)\b(?:not|no|never|fail\w*|narrow\w*|wid\w+|ris\w+|rose|f[ae]ll\w*|drop\w*|up|down|higher|lower|beat\w*|miss\w*|"
    r"above|below|loss\w*|profit\w*|cut\w*|rais\w+|less|than|declin\w+|increas\w+|decreas\w+|avoid\w*|den\w+)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def pairs() -> list[tuple[str, str]]:
    return direction_texts(N_TEXTS, seed=20)


@pytest.fixture(scope="module")
def many() -> list[tuple[str, str]]:
    rng = _rng(5)
    families = (
        *(movement.moving, movement.moving, movement.not_moving, expectation.against_forecast),
        *(expectation.results, expectation.swing, events.threat, events.charge, events.goal),
    )
    drawn = [
        (family(rng, label), label) for family in families for label in ("negative", "positive") for _ in range(3_000)
    ]
    return [*drawn, *((events.denial(rng, "neutral"), "neutral") for _ in range(1_000))]


def _rng(seed: int) -> Random:
    return Random(seed)  # noqa: S311, variety, not secrecy


def _value(figure: str) -> float:
    return float(figure.replace(",", ""))


# Texts about direction


def test_public_names_are_the_six_functions() -> None:
    assert augmentation.__all__ == [
        "company_texts",
        "direction_texts",
        "news_texts",
        "swap_identities",
        "vary_texts",
        "without_leaks",
    ]


def test_texts_are_the_same_for_a_seed_and_others_for_another(pairs: list[tuple[str, str]]) -> None:
    assert direction_texts(300, seed=20) == pairs[:300]
    assert direction_texts(300, seed=21) != pairs[:300]


def test_texts_are_distinct_by_fingerprint(pairs: list[tuple[str, str]]) -> None:
    assert len({fingerprint(text) for text, _ in pairs}) == N_TEXTS


def test_labels_are_a_third_each(pairs: list[tuple[str, str]]) -> None:
    assert Counter(label for _, label in pairs) == dict.fromkeys(LABELS, N_TEXTS // 3)


def test_texts_are_clean_lines_without_marks_of_templates(pairs: list[tuple[str, str]]) -> None:
    assert [text for text, _ in pairs if clean_text(text) != text or re.search(r"[\[\]{}|]", text)] == []


def test_few_texts_differ_in_their_figures_alone(pairs: list[tuple[str, str]]) -> None:
    shapes = Counter(FIGURE.sub("0", fingerprint(text)) for text, _ in pairs)
    assert max(shapes.values()) <= 3
    assert len(shapes) > 0.97 * N_TEXTS


@pytest.mark.parametrize("label", LABELS)
def test_every_family_writes_texts_for_its_labels(label: str) -> None:
    rng = _rng(4)
    assert all(family(rng, label) for _, family in _FAMILIES[label] for _ in range(500))


def test_neutral_families_refuse_other_labels() -> None:
    with pytest.raises(ValueError, match="no positive text"):
        neutral.company(_rng(1), "positive")


def test_more_texts_than_there_are_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_FAMILIES, "negative", ((1, lambda _rng, _label: "Shares fall"),))
    with pytest.raises(ValueError, match="no new negative text"):
        direction_texts(100, seed=1)


# Labels


def test_label_of_a_report_agrees_with_its_two_figures() -> None:
    rng = _rng(7)
    compared = re.compile(
        rf"(?:totalled|amounted to|was|were|came to|stood at|totaled|reached) {MONEY},? "
        rf"(?:compared to|compared with|as compared to|versus|against|vs\.) {MONEY} (?:in|a|for|the|at)\b"
    )
    n_checked = 0
    for _ in range(6_000):
        label = rng.choice(("positive", "negative"))
        text = reports.report(rng, label)
        found = compared.search(text)
        if found is None:
            continue
        new, old = _value(found[1]), _value(found[2])
        is_bad = re.search(
            r"loss|debt|costs|expenses|bad loans|non-performing|impairment|write-downs", text, re.IGNORECASE
        )
        n_checked += 1
        assert new != old, text
        assert label == ("positive" if (new > old) != bool(is_bad) else "negative"), text
    assert n_checked > 800


def test_words_of_a_report_agree_with_its_figures() -> None:
    rng = _rng(8)
    moved = re.compile(
        r"(rose|increased|grew|climbed|went up|widened|deepened|fell|decreased|declined|dropped|went down|narrowed"
        r"|shrank|diminished)(?: by \S+(?: percent| per cent| pct| %)?)? "
        rf"(?:to {MONEY}(?: .*?)? from {MONEY}|from {MONEY} to {MONEY})[ .]"
    )
    up_words = ("rose", "increased", "grew", "climbed", "went up", "widened", "deepened")
    n_checked = 0
    for _ in range(6_000):
        text = reports.report(rng, rng.choice(("positive", "negative")))
        found = moved.search(text)
        if found is None:
            continue
        new, old = (found[2], found[3]) if found[2] else (found[5], found[4])
        n_checked += 1
        assert (_value(new) > _value(old)) == (found[1] in up_words), text
    assert n_checked > 500


def test_label_of_earnings_follows_from_the_forecast() -> None:
    rng = _rng(9)
    for label in LABELS:
        for _ in range(2_000):
            text = expectation.results(rng, label)
            found = re.search(r"EPS \D{0,3}([\d.]+)(?: vs|, consensus) \D{0,3}([\d.]+)", text)
            if found:
                new, expected = float(found[1]), float(found[2])
                side = "neutral" if new == expected else "positive" if new > expected else "negative"
                assert side == label, text


@pytest.mark.parametrize(
    ("pattern", "label"),
    [
        (rf"{PLAIN}claims (?:rise|rose|climb|jump|surge|soar|increase|spike)", "negative"),
        (rf"{PLAIN}claims (?:fall|fell|drop|decline|tumble|ease|slide)", "positive"),
        (rf"{PLAIN}loss (?:narrows|shrinks|halves|eases)\b", "positive"),
        (rf"{PLAIN}loss (?:widens|deepens|balloons|swells|grows)\b", "negative"),
        (rf"{PLAIN}(?:churn|inflation|debt|unemployment) (?:cools|eases|falls|drops|moderates)\b", "positive"),
        (rf"{PLAIN}(?:costs|bad loans|write-offs|provisions|write-downs) (?:rise|climb|mount|balloon)\b", "negative"),
        (rf"{PLAIN}(?:profit|revenue) (?:rises|climbs|jumps|surges|grows)\b", "positive"),
        (rf"{PLAIN}(?:profit|revenue) (?:falls|drops|slides|tumbles|shrinks)\b", "negative"),
        (r"(?:loss|inflation|debt|churn|costs|deficit) \w+(?: up| higher)? less than feared", "positive"),
        (r"(?:profit|revenue|sales|GDP|output|orders) \w+(?: up| higher)? less than hoped", "negative"),
        (r"[Nn]o (?:rise|increase|jump) in (?:unemployment|bad loans|layoffs|churn|debt)\b", "positive"),
        (r"^(?!.*[Ff]eared).*\b(?:profit|revenue|sales) fails? to \w+", "negative"),
        (r"(?:avoids|averts|escapes) (?:bankruptcy|default|delisting|strike)", "positive"),
        (r"fails to win", "negative"),
        (r"no longer expects loss", "positive"),
        (r"(?:lawsuit|suit|case) against .* dismissed$", "positive"),
        (r"(?:denies (?:report|claims|market)|declines to comment)", "neutral"),
    ],
)
def test_words_have_the_label_that_they_mean(many: list[tuple[str, str]], pattern: str, label: str) -> None:
    texts = [(text, found) for text, found in many if re.search(pattern, text)]
    assert texts
    assert [text for text, found in texts if found != label] == []


@pytest.mark.parametrize("scope", ["company", "bank", "shop", "macro"])
def test_movement_of_a_quantity_has_the_sign_of_the_label(scope: str) -> None:
    rng = _rng(2)
    for label in ("negative", "positive"):
        for _ in range(300):
            move = movement.draw_move(rng, label, scope)
            assert (move.up == move.quantity.up_is_good) == (label == "positive")
            assert move.values["tend"] in (("up", "higher") if move.up else ("down", "lower"))


def test_amounts_agree_with_the_direction() -> None:
    rng = _rng(3)
    n_checked = 0
    for _ in range(4_000):
        move = movement.draw_move(rng, "positive")
        found = re.fullmatch(r".*?to \D*([\d,.]*\d)\D* from \D*([\d,.]*\d)\D*", move.values["amt"])
        if found:
            n_checked += 1
            assert (_value(found[1]) > _value(found[2])) == move.up, move.values["amt"]
    assert n_checked > 300


def test_vocabulary_is_complete() -> None:
    words = [quantity for scope in ("company", "bank", "shop", "macro") for quantity in quantities(scope)]
    assert {quantity.unit for quantity in words} == {"money", "percent", "count", "points"}
    assert len({quantity.name for quantity in words if quantity.up_is_good}) > 100
    assert len({quantity.name for quantity in words if not quantity.up_is_good}) > 100
    assert not {quantity.name for quantity in words if quantity.up_is_good} & {
        quantity.name for quantity in words if not quantity.up_is_good
    }
    assert all(verbs(kind) for kind in ("up", "down", "widen", "narrow", "good up", "good down", "bad up", "bad down"))


# Grammar


def test_grammar_fills_slots_and_nested_alternatives() -> None:
    grammar = Grammar({"co": ("Acme",), "verb": lambda rng: rng.choice(("[rises]", "[rises|]"))})
    texts = {
        grammar.write(_rng(seed), "{co} [{verb}[ again|]|falls] , {why}", {"why": "it says"}) for seed in range(40)
    }
    assert texts == {
        "Acme rises, it says",
        "Acme rises again, it says",
        "Acme falls, it says",
        "Acme, it says",
        "Acme again, it says",
    }


@pytest.mark.parametrize("template", ["[a|b", "a]", "a|b", "{not closed", "{Upper}"])
def test_grammar_refuses_a_broken_template(template: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        Grammar({}).write(_rng(1), template, {})


def test_grammar_names_an_unknown_slot() -> None:
    with pytest.raises(KeyError, match="nobody"):
        Grammar({}).write(_rng(1), "{nobody}", {})


# Variations


def test_variations_are_the_same_for_a_seed_and_differ_from_their_texts(pairs: list[tuple[str, str]]) -> None:
    texts = [text for text, _ in pairs]
    varied = vary_texts(texts, seed=1)
    assert varied == vary_texts(texts, seed=1)
    assert len(varied) == len(texts)
    assert [text for text, variation in zip(texts, varied, strict=True) if text == variation] == []


def test_variations_keep_every_word_that_may_carry_sentiment(pairs: list[tuple[str, str]]) -> None:
    texts = [text for text, _ in pairs]
    for text, varied in zip(texts, vary_texts(texts, seed=2), strict=True):
        before = [word.lower() for word in SENTIMENT_WORDS.findall(text)]
        assert [word.lower() for word in SENTIMENT_WORDS.findall(varied)] == before


def test_variations_keep_the_order_of_figures(pairs: list[tuple[str, str]]) -> None:
    rng = _rng(6)
    n_changed = 0
    for text, _ in pairs:
        varied = scale_figures(rng, text)
        before, after = (
            [_value(figure) for figure in FIGURE.findall(one) if figure.count(".") < 2] for one in (text, varied)
        )
        n_changed += text != varied
        comparisons = [(a > b, a == b) for a in before for b in before]
        if re.search(r" from | vs|compared|versus", text):
            assert [(a > b, a == b) for a in after for b in after] == comparisons, (text, varied)
    assert n_changed > 500


@pytest.mark.parametrize(
    "text",
    [
        "S&P 500 falls in 2019",
        "Acme profit up to $1 billion from $950 million",
        "Results due on March 17 at 10:30",
        "Stock at 52-week high after 10-Q",
        "EUR20m against 27.6",
    ],
)
def test_figures_that_cannot_be_scaled_safely_stay(text: str) -> None:
    assert {scale_figures(_rng(seed), text) for seed in range(20)} == {text}


def test_figures_are_scaled_by_one_factor() -> None:
    varied = {scale_figures(_rng(seed), "Acme EPS $1.20 vs $2.40, sales 1,500") for seed in range(30)}
    assert "Acme EPS $0.96 vs $1.92, sales 1,200" in varied
    assert len(varied) > 4


@given(st.lists(st.text(max_size=80), max_size=5), st.integers(0, 1_000))
def test_any_text_can_be_varied(texts: list[str], seed: int) -> None:
    assert len(vary_texts(texts, seed=seed)) == len(texts)


# Leaks


def test_leaks_are_dropped_with_and_without_their_figures() -> None:
    pairs = [
        ("Acme profit rises 5% to $3.2 mln", "positive"),
        ("ACME profit rises 7% to $1,200 mln!", "positive"),
        ("Acme profit rises", "positive"),
        ("Acme shares halted", "neutral"),
    ]
    held_out = {fingerprint("Acme profit rises 9% to $88 mln"), fingerprint("acme shares halted.")}
    assert without_leaks(pairs, held_out) == [("Acme profit rises", "positive")]
    assert without_leaks(pairs, set()) == pairs
