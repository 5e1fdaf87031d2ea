"""Items are read by the model of their language; moods stand for each language and for all; the rest is counted."""

from __future__ import annotations

import csv
import io
import itertools
import re
from typing import TYPE_CHECKING

import pytest
from jobs import NOON, PACKAGED_DIR, Clock, build_settings, feed_entry, job_in, news, query, serve_feeds
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from sentinel import pipeline
from sentinel.config import load_settings
from sentinel.errors import CanaryError, ConfigError
from sentinel.model.bundle import load_bundle, write_manifest
from sentinel.model.classifier import Classifier
from sentinel.model.linear import WORD_PATTERN, save_linear
from sentinel.records import LABELS

if TYPE_CHECKING:
    from pathlib import Path

SAID = {
    "negative": (
        "stürzt ab, nachdem das Unternehmen Insolvenz angemeldet hat",
        "meldet einen höheren Verlust, weil der Umsatz einbricht",
        "senkt die Prognose nach schwachem Quartal",
        "verliert deutlich, der Verlust wächst",
    ),
    "neutral": (
        "lädt zur Hauptversammlung am Dienstag ein",
        "eröffnet ein Büro in Leipzig",
        "nennt den Termin der nächsten Hauptversammlung",
        "findet am Dienstag statt",
    ),
    "positive": (
        "steigert den Gewinn um 30 Prozent dank starker Nachfrage",
        "übertrifft mit dem Gewinn die Erwartungen deutlich",
        "hebt die Prognose an, die Aktie steigt kräftig",
        "gewinnt einen großen Auftrag, der Gewinn steigt",
    ),
}
NAMES = ("Barrowgate", "Lantry", "Holmstead", "Corvale", "Ostrey", "Tamsin")
GERMAN = [f"Der Konzern {name} {SAID[label][0]}" for name in NAMES[:4] for label in ("negative", "positive")]
ENGLISH = [f"{name} says net profit rises 30 percent on strong demand" for name in NAMES[:4]]
FRENCH = ["Le groupe Barrowgate annonce une forte hausse de son bénéfice pour le deuxième trimestre de cette année"]


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle trained here on German headlines."""
    return train(tmp_path_factory.mktemp("german"))


def train(path: Path, *, swapped: bool = False) -> Path:
    labels = ("positive", "neutral", "negative") if swapped else LABELS
    rows = [
        (f"{name} {said}", LABELS.index(label))
        for label, shown in zip(LABELS, labels, strict=True)
        for name, said in itertools.product((*NAMES, "Aktie", "Das Unternehmen"), SAID[shown])
    ]
    texts, targets = zip(*rows, strict=True)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=WORD_PATTERN)
    model = LogisticRegression(C=100.0).fit(vectorizer.fit_transform(texts), targets)
    save_linear(
        path,
        terms=vectorizer.get_feature_names_out().tolist(),
        idf=vectorizer.idf_,
        weights=model.coef_.T,
        bias=model.intercept_,
    )
    write_manifest(
        path, {"name": "german-words", "kind": "linear", "temperature": 1.0, "metrics": {"own accuracy": 0.9}}
    )
    return path


def table(reports: Path, name: str) -> list[dict[str, str]]:
    content = (reports / "2026-03-02" / f"{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_each_language_is_read_by_its_model_and_has_a_mood(german: Path, tmp_path: Path) -> None:
    with serve_feeds() as server:
        server.routes["/wire"] = news(*((title, NOON) for title in (*GERMAN, *ENGLISH, *FRENCH)))
        models = {"en": "packaged", "de": str(german)}
        with job_in(tmp_path, feed_entry("wire", server.url("/wire")), models=models) as job:
            summary = pipeline.run_once(job)
            ids = {language: load_bundle(model).model_id for language, model in models.items()}
            assert job.model_id not in ids.values()
            model_id, settings = job.model_id, job.settings
    assert (summary.n_new, summary.n_scored) == (13, 12)
    read = query(
        tmp_path / "sentinel.db",
        "SELECT language, model_id, COUNT(*) FROM items LEFT JOIN scores USING (item_id) GROUP BY 1, 2 ORDER BY 1",
    )
    assert read == [("de", ids["de"], 8), ("en", ids["en"], 4), ("fr", None, 1)]
    moods = {
        (row["topic_kind"], row["topic"]): row
        for row in table(tmp_path / "reports", "daily")
        if row["topic_kind"] != "feed"
    }
    counts = {name: int(moods[name]["n_items"]) for name in moods if name[0] in ("market", "language")}
    assert counts == {("market", "market"): 12, ("language", "de"): 8, ("language", "en"): 4}
    assert float(moods["language", "en"]["mood"]) > 20 > abs(float(moods["language", "de"]["mood"]))
    labels = {row["title"]: row["label"] for row in table(tmp_path / "reports", "items")}
    assert {labels[title] for title in GERMAN[::2]} == {"negative"}
    assert {labels[title] for title in GERMAN[1::2]} == {"positive"}
    assert {row["model_id"] for row in table(tmp_path / "reports", "items")} == {model_id}
    day, target = NOON.date(), str(tmp_path / "german.csv")
    options = {"kind": "items", "first": day, "last": day, "topic": "language:de", "now": Clock()}
    assert pipeline.export_rows(settings, target, **options) == 8
    page = (tmp_path / "reports" / "2026-03-02" / "index.html").read_text(encoding="utf-8")
    assert "Mood by language" in page
    assert re.search(r"language that the model does not read</dt><dd>1 item<", page)
    assert f"german-words {ids['de']} (de)" in page


def test_a_model_of_another_language_reads_nothing_again(german: Path, tmp_path: Path) -> None:
    with serve_feeds() as server:
        server.routes["/wire"] = news(*((title, NOON) for title in (*GERMAN, *ENGLISH)))
        entry = feed_entry("wire", server.url("/wire"))
        with job_in(tmp_path, entry) as job:
            assert pipeline.run_once(job).n_scored == 4
            alone = job.model_id
        with job_in(tmp_path, entry, models={"en": "packaged", "de": str(german)}) as job:
            assert pipeline.run_step(job, pipeline.score).n_scored == 8
        with job_in(tmp_path, entry) as job:
            assert pipeline.run_step(job, pipeline.score).n_scored == 0
            assert job.model_id == alone


def test_one_model_for_two_languages_is_one_model(tmp_path: Path) -> None:
    settings = build_settings(tmp_path, models={"en": str(PACKAGED_DIR), "de": str(PACKAGED_DIR)})
    model = pipeline.prepare(settings, now=Clock(), scores=False)
    assert [reader.languages for reader in model.readers] == [("de", "en")]
    assert model.facts == load_bundle("packaged").facts


def test_the_id_of_several_models_changes_with_each_and_with_their_languages(german: Path, tmp_path: Path) -> None:
    def id_of(models: dict[str, str]) -> str:
        return pipeline.prepare(build_settings(tmp_path, models=models), now=Clock(), scores=False).facts.model_id

    both = {"en": "packaged", "de": str(german)}
    assert id_of(both) == id_of(dict(reversed(both.items())))
    assert len({id_of(both), id_of({**both, "fr": str(german)}), id_of({"en": "packaged"})}) == 3


def test_the_canaries_of_a_language_find_swapped_labels(german: Path, tmp_path: Path) -> None:
    assert Classifier.load(str(german), language="de").bundle.facts.name == "german-words"
    with pytest.raises(CanaryError, match="Aktie"):
        Classifier.load(str(train(tmp_path, swapped=True)), language="de")


# --- settings --------------------------------------------------------------------------------------------------

FEEDS = "feeds: [{name: wire, url: 'https://a.example/', kind: markets}]\n"


def load(folder: Path, text: str, **options: str) -> dict[str, str]:
    (folder / "feeds.yaml").write_text(text + FEEDS, encoding="utf-8")
    return load_settings(folder / "feeds.yaml", options=options, environment={}).settings.model_of_language


def test_models_are_folders_beside_the_file_or_names(tmp_path: Path) -> None:
    (tmp_path / "german").mkdir()
    models = load(tmp_path, "models: {en: packaged, de: german}\n")
    assert models == {"en": "packaged", "de": str(tmp_path / "german")}


def test_one_model_reads_the_languages_of_the_setting(tmp_path: Path) -> None:
    assert load(tmp_path, "model: packaged\nlanguages: [en, de]\n") == {"en": "packaged", "de": "packaged"}


def test_a_model_that_is_given_as_an_option_takes_the_place_of_all(tmp_path: Path) -> None:
    assert load(tmp_path, "models: {en: packaged, de: german}\n", model="other") == {"en": "other"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("models: {xx: packaged}\n", "'xx' is not a language that can be told"),
        ("models: {de: a}\nmodel: packaged\n", "model cannot stand beside models"),
        ("models: {de: a}\nlanguages: [de]\n", "languages cannot stand beside models"),
        ("models: {de: ''}\n", "at least 1 character"),
    ],
)
def test_models_that_cannot_be_meant_are_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load(tmp_path, text)
