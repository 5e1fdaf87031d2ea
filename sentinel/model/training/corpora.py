"""Draw plain texts for pre-training: cleaned, distinct, like the labelled texts, and none that is held out.

Comes in: the files a recipe names. Goes out: a list of texts in random order, and facts about each corpus.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sentinel.errors import TrainingError
from sentinel.model.training.datasets import FileFacts, sha256
from sentinel.text import classifier_text, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sentinel.model.training.recipe import CorpusFiles

MIN_SENTENCE_WORDS = 5
SIMILARITY_TEXTS = 300_000
"""Texts of a corpus whose words stand for the whole corpus."""

# A full stop after a single capital letter or in "Inc. said" ends no sentence: a capital must follow three letters.
_SENTENCE_END = re.compile(r"(?<=[a-z0-9)%]{3}[.!?]) (?=[A-Z\"'])")
_DATELINE = re.compile(r"^(?:[A-Z][\w .,/-]{0,60})?\((?:Reuters|AP|Bloomberg)\) ?[-\u2013\u2014]+ ")


def read_corpora(
    corpora: Sequence[CorpusFiles],
    data_dir: Path,
    *,
    n_texts: int,
    excluded: set[str],
    seed: int,
    domain: Iterable[str] = (),
    domain_share: float = 1.0,
) -> tuple[list[str], list[FileFacts]]:
    """Draw distinct texts for pre-training, each corpus by its share.

    Args:
        corpora: what to read.
        data_dir: folder their patterns are relative to.
        n_texts: how many texts to draw in all; fewer come back where a corpus has fewer.
        excluded: fingerprints that must not be among them (validation and test texts).
        seed: seed of the draw.
        domain: fingerprints of texts of the domain wanted.
        domain_share: the part of each corpus, most like the domain, that is drawn from.

    Returns:
        Texts in random order, and facts about each corpus.

    Raises:
        TrainingError: a pattern matches no file, or a file lacks the column.
    """
    generator = np.random.default_rng(seed)
    in_domain = Counter(word for key in domain for word in key.split())
    texts: list[str] = []
    facts = []
    seen = set(excluded)
    total_share = sum(corpus.share for corpus in corpora)
    for corpus in corpora:
        paths = _matching(data_dir, corpus.path)
        raw = list(_raw_texts(paths, corpus))
        order = generator.permutation(len(raw))
        wanted = round(n_texts * corpus.share / total_share)
        if domain_share < 1 and in_domain:
            order = _most_like(raw, order, in_domain, domain_share)
        drawn = _draw(raw, order, wanted, seen)
        digest = hashlib.sha256("".join(sha256(path) for path in paths).encode()).hexdigest()
        facts.append(FileFacts(corpus.path, len(drawn), corpus.licence, corpus.source, digest))
        texts.extend(drawn)
    return [texts[i] for i in generator.permutation(len(texts))], facts


def _draw(raw: list[str], order: Iterable[int], wanted: int, seen: set[str]) -> list[str]:
    drawn: list[str] = []
    for index in order:
        if len(drawn) == wanted:
            break
        text = classifier_text(raw[index])
        key = fingerprint(text)
        if key and key not in seen:
            seen.add(key)
            drawn.append(text)
    return drawn


def _most_like(raw: list[str], order: np.ndarray, in_domain: Counter[str], share: float) -> np.ndarray:
    """Keep the share of an order whose texts are most like the domain, in the same order.

    Source: Moore and Lewis 2010, "Intelligent Selection of Language Model Training Data": the difference of the
    cross-entropies under a language model of the domain and one of the corpus, here of single words.
    """
    words = [text.casefold().split() for text in raw]
    general = Counter(word for index in order[:SIMILARITY_TEXTS] for word in words[index])
    log_ratio = _log_ratios(in_domain, general)
    unknown = log_ratio[""]
    likeness = np.array([np.mean([log_ratio.get(word, unknown) for word in row] or [unknown]) for row in words])
    kept = likeness >= np.quantile(likeness, 1 - share)
    return np.asarray(order[kept[order]])


def _log_ratios(in_domain: Counter[str], general: Counter[str]) -> dict[str, float]:
    """Give log(P(word | domain) / P(word | corpus)) with one added to every count; "" stands for an unknown word."""
    vocabulary = set(in_domain) | set(general) | {""}
    n_domain = in_domain.total() + len(vocabulary)
    n_general = general.total() + len(vocabulary)
    offset = math.log(n_general / n_domain)
    return {word: math.log((in_domain[word] + 1) / (general[word] + 1)) + offset for word in vocabulary}


def sentences(text: str) -> list[str]:
    """Take a paragraph of news apart into its sentences, without dateline.

    Args:
        text: a cleaned paragraph.

    Returns:
        Sentences of at least MIN_SENTENCE_WORDS words, in order.
    """
    parts = _SENTENCE_END.split(_DATELINE.sub("", text))
    return [part for part in parts if len(part.split()) >= MIN_SENTENCE_WORDS]


def _raw_texts(paths: list[Path], corpus: CorpusFiles) -> Iterator[str]:
    for path in paths:
        for value in _read_column(path, corpus.column):
            if value and corpus.in_sentences:
                yield from sentences(value)
            elif value:
                yield value


def _matching(data_dir: Path, pattern: str) -> list[Path]:
    try:
        paths = sorted(data_dir.glob(pattern))
    except (NotImplementedError, ValueError) as error:  # an absolute or empty pattern
        raise TrainingError("not a pattern of files in the data directory", where=pattern) from error
    if not paths:
        raise TrainingError("no file matches", where=str(data_dir / pattern))
    return paths


def _read_column(path: Path, column: str) -> list[str | None]:
    try:
        if column not in pq.read_schema(path).names:
            raise TrainingError(f"lacks the column {column!r}", where=str(path))
        return list(pq.read_table(path, columns=[column]).column(0).cast(pa.string()).to_pylist())
    except (OSError, ValueError, NotImplementedError) as error:
        raise TrainingError(f"cannot be read as Parquet: {error}", where=str(path)) from error
