from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from sentinel.model.gate import GATE_DIR, HEADLINES_NAME
from sentinel.model.training.augmentation import news_texts
from sentinel.model.training.augmentation.grammar import Grammar, sections
from sentinel.model.training.augmentation.leaks import without_figures
from sentinel.model.training.augmentation.names import SLOTS
from sentinel.model.training.augmentation.news import FILES, slot_values
from sentinel.model.training.datasets import NEWS, read_labelled, with_augmentation
from sentinel.model.training.recipe import Augmentation, LabelFile
from sentinel.records import LABELS
from sentinel.text import clean_text, fingerprint

from .tiny_training import write_data

N_TEXTS = 9_000
FIGURE = r"(?:[A-Z]{2,3} ?|[A-Z]?\$|€|£|Rs )?([\d,]+(?:\.\d+)?)"


@pytest.fixture(scope="module")
def pairs() -> list[tuple[str, str]]:
    return news_texts(N_TEXTS, seed=30)


def _rng(seed: int) -> Random:
    return Random(seed)  # noqa: S311, variety, not secrecy


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z']+", text.lower()))


def _likeness(words: set[str], others: set[str]) -> float:
    return len(words & others) / len(words | others)


# Texts


def test_texts_are_the_same_for_a_seed_and_others_for_another(pairs: list[tuple[str, str]]) -> None:
    """A seed decides the texts, and a smaller number of them is the beginning of a larger one."""
    assert news_texts(300, seed=30) == pairs[:300]
    assert news_texts(300, seed=31) != pairs[:300]


def test_texts_are_distinct_and_labels_are_a_third_each(pairs: list[tuple[str, str]]) -> None:
    """No fingerprint comes twice, and no label more often than another."""
    assert len({fingerprint(text) for text, _ in pairs}) == N_TEXTS
    assert Counter(label for _, label in pairs) == dict.fromkeys(LABELS, N_TEXTS // 3)


def test_texts_are_clean_lines_without_marks_of_templates(pairs: list[tuple[str, str]]) -> None:
    """Nothing of the template language is left in a text."""
    assert [text for text, _ in pairs if clean_text(text) != text or re.search(r"[\[\]{}|]", text)] == []


def test_few_texts_differ_in_their_figures_alone(pairs: list[tuple[str, str]]) -> None:
    """At most three texts are alike but for their figures."""
    assert max(Counter(without_figures(fingerprint(text)) for text, _ in pairs).values()) <= 3


def test_frames_are_many_and_stand_under_one_label_only() -> None:
    """There are more than 700 frames, each in one section, and every file has frames for every label."""
    frames = [frame for file in FILES for label in LABELS for frame in sections(file)[label]]
    assert all(sections(file)[label] for file in FILES for label in LABELS)
    assert len(set(frames)) == len(frames) > 700


def test_every_frame_finds_what_fills_its_slots() -> None:
    """Each frame can be written, whatever its alternatives lead to."""
    rng = _rng(1)
    grammar = Grammar({**SLOTS, **sections("news_words")})
    for file in FILES:
        for frame in (frame for label in LABELS for frame in sections(file)[label]):
            for _ in range(30):
                assert grammar.write(rng, frame, slot_values(rng))


# Labels


@pytest.mark.parametrize(
    ("pattern", "label"),
    [
        (
            r"(?:wins|lands|secures|clinches|bags|nabs|scoops) (?:\S+ )*(?:order|contract|deal) (?:from|with)",
            "positive",
        ),
        (r"(?:cancels|scraps|terminates|axes|pulls) .*(?:order|contract|deal) with", "negative"),
        (r"(?:drug|vaccine|valve) (?:meets|hits|reaches) (?:main|primary)", "positive"),
        (r"(?:drug|vaccine|valve) (?:misses|fails to meet|falls short of) (?:main|primary)", "negative"),
        (r"^(?!.*profit forecasts).*\b(?:dividend|payout) (?:unchanged|steady|flat|at same level)", "neutral"),
        (r"(?:suspends|scraps|omits|axes|cancels|skips) (?:dividend|payout)", "negative"),
        (r"(?:resumes|restores|reinstates) (?:dividend|payout)", "positive"),
        (r"recalls|withdraws .* over (?:fire risk|contamination|faulty batteries)", "negative"),
        (r"(?:dodges|averts|escapes|is spared) (?:default|bankruptcy|strike|sanctions|fine)\b", "positive"),
        (r"(?:defaults on|fined) ", "negative"),
        (r"rates? (?:on hold|steady|unchanged)", "neutral"),
        (r"no (?:buyer|rescuer|bidder|investor|taker|saviour) (?:in sight|found|comes forward|for)", "negative"),
        (r"exactly as (?:expected|forecast)", "neutral"),
        (r"(?:gap|shortfall) at .* (?:closed|plugged|nearly gone)", "positive"),
        (r"beats by \S+, misses on revenue|misses by \S+, beats on revenue", "neutral"),
        (
            r"(?:more than offset|outweighed|more than made up for) by (?:strong|robust|surging|brisk) (?!\w+ in)",
            "positive",
        ),
    ],
)
def test_words_have_the_label_that_they_mean(pairs: list[tuple[str, str]], pattern: str, label: str) -> None:
    """Every text with these words stands under the label that a reader gives them."""
    found = [(text, given) for text, given in pairs if re.search(pattern, text, re.IGNORECASE)]
    assert found
    assert [text for text, given in found if given != label] == []


def test_label_of_a_figure_beside_its_estimate_follows_from_their_order(pairs: list[tuple[str, str]]) -> None:
    """A company's figure above, below or equal to the estimate is positive, negative or neutral."""
    compared = re.compile(
        rf"(?:profit|revenue|sales|EBITDA|intake|earnings) {FIGURE}[^,\d]* (?:vs|against|versus) {FIGURE}",
        re.IGNORECASE,
    )
    n_checked = 0
    for text, label in pairs:
        if found := compared.search(text):
            new, expected = (float(figure.replace(",", "")) for figure in found.groups())
            n_checked += 1
            assert label == ("neutral" if new == expected else "positive" if new > expected else "negative"), text
    assert n_checked > 30


def test_label_of_a_dividend_follows_from_the_one_before(pairs: list[tuple[str, str]]) -> None:
    """A dividend above, below or equal to that of the year before is positive, negative or neutral."""
    compared = re.compile(rf"{FIGURE} per share ?(?:will be paid ?, (?:up|down) from|\( ?[a-z0-9 ]+:) ?{FIGURE}")
    n_checked = 0
    for text, label in pairs:
        if found := compared.search(text):
            new, old = (float(figure) for figure in found.groups())
            n_checked += 1
            assert label == ("neutral" if new == old else "positive" if new > old else "negative"), text
    assert n_checked > 30


# Leaks, and other made texts


def test_no_text_is_like_a_headline_of_the_gate(pairs: list[tuple[str, str]]) -> None:
    """No text shares two thirds of its words with a headline that the model is judged by."""
    with (GATE_DIR / HEADLINES_NAME).open(encoding="utf-8", newline="") as stream:
        gate = [_words(row["text"]) for row in csv.DictReader(stream)]
    made = [_words(text) for text, _ in pairs]
    assert len(gate) > 400
    assert [words for words in gate if any(_likeness(words, others) > 2 / 3 for others in made)] == []


def test_news_is_added_and_leaves_the_other_texts_as_they_are(tmp_path: Path) -> None:
    """Rows with and without news differ by the news alone, all of it for training."""
    file = LabelFile(path=Path("labels.csv"), name="Invented", licence="CC0", source="invented")
    labelled, _ = read_labelled([file], write_data(tmp_path), validation_share=0.15, test_share=0.15)
    settings = Augmentation(direction_texts=60, variations=1)
    plain = with_augmentation(labelled, settings, seed=3)
    both = with_augmentation(labelled, settings.model_copy(update={"news_texts": 45}), seed=3)
    added = both[both["source"] == NEWS]
    assert len(added) == 45
    assert set(added["split"]) == {"train"}
    assert both[both["source"] != NEWS].reset_index(drop=True).equals(plain)
