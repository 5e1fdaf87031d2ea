"""Headlines with several names, made and read: one name is marked, and the label is for that one."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import TrainingError
from sentinel.model.training.augmentation import company_texts
from sentinel.model.training.augmentation.grammar import sections
from sentinel.model.training.companies import COMPANY_COLUMNS, MADE, by_source, read_companies
from sentinel.model.training.recipe import Companies
from sentinel.records import LABELS
from sentinel.text import fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


@pytest.fixture(scope="module")
def made() -> list[tuple[str, str]]:
    return company_texts(3_000, seed=5)


def unmarked(text: str) -> str:
    return text.replace("[[", "").replace("]]", "")


def labels_by_name(pairs: list[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Group made texts by headline: the label of each of its names."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for text, label in pairs:
        name = re.search(r"\[\[(.+?)\]\]", text)
        assert name is not None
        found[unmarked(text)][name.group(1).lower()] = label
    return found


def test_made_texts_are_the_same_for_a_seed_and_others_for_another(made: list[tuple[str, str]]) -> None:
    assert company_texts(200, seed=5) == made[:200]
    assert company_texts(200, seed=6) != made[:200]


def test_every_made_text_has_one_marked_name(made: list[tuple[str, str]]) -> None:
    assert all(text.count("[[") == text.count("]]") == 1 for text, _ in made)


def test_made_texts_have_no_marks_of_templates(made: list[tuple[str, str]]) -> None:
    assert not [text for text, _ in made if re.search(r"[{}|\x01\x02]", text)]


def test_a_third_of_made_names_has_each_label(made: list[tuple[str, str]]) -> None:
    for label in LABELS:
        assert 0.27 < sum(told == label for _, told in made) / len(made) < 0.4


def test_most_made_headlines_treat_their_names_differently(made: list[tuple[str, str]]) -> None:
    headlines = [labels for labels in labels_by_name(made).values() if len(labels) > 1]
    assert sum(len(set(labels.values())) > 1 for labels in headlines) / len(headlines) > 0.55


@pytest.mark.parametrize(
    ("pattern", "labels"),
    [
        (r"^(?P<a>.+) upgraded, (?P<b>.+) downgraded$", ("positive", "negative")),
        (r"^(?P<b>.+) sues (?P<a>.+) over fraud$", ("negative", "neutral")),
        (r"^(?P<b>.+) bullish on (?P<a>.+)$", ("positive", "neutral")),
        (r"^(?P<a>.+) up .+%, (?P<b>.+) down .+%$", ("positive", "negative")),
    ],
)
def test_each_name_has_the_label_that_the_words_give_it(pattern: str, labels: tuple[str, str]) -> None:
    checked = 0
    for text, by_name in labels_by_name(company_texts(24_000, seed=11)).items():
        found = re.match(pattern, text, re.IGNORECASE)
        names = [found.group(slot).lower() for slot in "ab"] if found else []
        if names and set(names) <= set(by_name):
            assert tuple(by_name[name] for name in names) == labels, text
            checked += 1
    assert checked > 0


def test_templates_stand_under_two_labels_and_name_both() -> None:
    for section, lines in sections("companies").items():
        assert set(section.split()) <= set(LABELS)
        assert len(section.split()) == 2
        assert all("{a}" in line and "{b}" in line for line in lines)


# Labelled files


def write_names(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "label", "entity"), *rows])
    return path


def read(folder: Path, rows: list[tuple[str, str, str]], *, n_made: int = 0) -> pd.DataFrame:
    write_names(folder / "names.csv", rows)
    file = {"path": "names.csv", "name": "Invented", "licence": "CC0", "source": "invented"}
    settings = Companies.model_validate({"labels": [file], "generated_texts": n_made})
    return read_companies(settings, folder, validation_share=0.2, test_share=0.2, seed=3)[0]


def test_rows_ask_about_their_name_and_stand_in_the_split_of_their_headline(tmp_path: Path) -> None:
    rows = [
        (f"Firm{n} gains as Rival{n} warns", label, name)
        for n in range(60)
        for name, label in ((f"Firm{n}", "positive"), (f"Rival{n}", "negative"))
    ]
    frame = read(tmp_path, rows)
    assert tuple(frame.columns) == COMPANY_COLUMNS
    assert frame["text"].tolist()[:2] == ["[[Firm0]] gains as Rival0 warns", "Firm0 gains as [[Rival0]] warns"]
    assert frame["disagrees"].all()
    assert len(set(zip(frame["text"].map(unmarked), frame["split"], strict=True))) == 60
    assert set(frame["split"]) == {"train", "validation", "test"}


def test_rows_whose_text_lacks_the_name_are_left_out(tmp_path: Path) -> None:
    frame = read(tmp_path, [("Ockley gains", "positive", "Ockley"), ("Ockley gains", "neutral", "Lantry")])
    assert frame["text"].tolist() == ["[[Ockley]] gains"]
    assert not frame["disagrees"].any()


def test_a_file_in_which_no_text_has_its_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no text has the name"):
        read(tmp_path, [("Ockley gains", "positive", "Lantry")])


def test_made_rows_are_for_training_alone(tmp_path: Path) -> None:
    frame = read(tmp_path, [("Ockley gains", "positive", "Ockley")], n_made=50)
    assert set(frame.loc[frame["source"] == MADE, "split"]) == {"train"}
    assert (frame["source"] == MADE).sum() > 40


def test_test_rows_are_measured_by_file_and_where_names_disagree(tmp_path: Path) -> None:
    rows = [(f"Firm{n} gains", "positive", f"Firm{n}") for n in range(30)]
    rows += [
        (f"Firm{n} gains as Rival{n} warns", label, name)
        for n in range(30)
        for name, label in ((f"Firm{n}", "positive"), (f"Rival{n}", "negative"))
    ]
    groups = dict(by_source(read(tmp_path, rows)))
    assert list(groups) == ["Invented", "Invented in disagreement"]
    assert groups["Invented in disagreement"]["text"].map(unmarked).map(fingerprint).nunique() < len(groups["Invented"])
    assert groups["Invented in disagreement"]["disagrees"].all()
