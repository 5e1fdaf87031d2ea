"""Find texts that nearly repeat others, so that a figure on held-out texts can be trusted.

Comes in: normalised texts (see ``sentinel.text.fingerprint``). Goes out: which of them are near-copies, and counts
for a manifest. Two texts are near-copies when their sets of words have a Jaccard similarity of NEAR or more.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

NEAR = 0.8


def near_copies(keys: Sequence[str], others: Iterable[str], *, near: float = NEAR) -> list[bool]:
    """Tell which texts nearly repeat one of some others.

    Args:
        keys: fingerprints to look at.
        others: fingerprints they are compared with.
        near: least Jaccard similarity of the sets of words, in (0, 1].

    Returns:
        A flag for each of ``keys``.

    Source: prefix filtering, Chaudhuri, Ganti and Kaushik 2006, "A Primitive Operator for Similarity Joins in Data
    Cleaning": two sets that are near share one of their rarest words, so only those are looked up; the similarity
    of what is found is computed exactly.
    """
    known = [frozenset(key.split()) for key in others]
    frequency = Counter(word for words in known for word in words)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, words in enumerate(known):
        for word in _rarest(words, frequency, near):
            places[word].append(place)
    return [_is_near(frozenset(key.split()), known, places, frequency, near) for key in keys]


def _rarest(words: frozenset[str], frequency: Counter[str], near: float) -> list[str]:
    n_rarest = len(words) - math.ceil(near * len(words)) + 1
    return sorted(words, key=lambda word: (frequency[word], word))[:n_rarest] if words else []


def _is_near(
    words: frozenset[str],
    known: list[frozenset[str]],
    places: dict[str, list[int]],
    frequency: Counter[str],
    near: float,
) -> bool:
    candidates = {place for word in _rarest(words, frequency, near) for place in places.get(word, ())}
    return any(len(words & known[place]) >= near * len(words | known[place]) for place in candidates)


def count_overlaps(labelled: pd.DataFrame, corpus_keys: Sequence[str] = ()) -> dict[str, int]:
    """Count near-copies of held-out texts among what is trained on.

    Args:
        labelled: frame with fingerprint, source and split.
        corpus_keys: fingerprints of the pre-training texts.

    Returns:
        Number of held-out texts, of those with a near-copy among the labelled training texts, and of pre-training
        texts that are near-copies of a held-out text.
    """
    held_out = labelled.loc[labelled["split"] != "train", "fingerprint"].tolist()
    training = labelled.loc[labelled["split"] == "train", "fingerprint"].tolist()
    return {
        "held_out": len(held_out),
        "held_out_near_a_training_text": sum(near_copies(held_out, training)),
        "pretraining_near_a_held_out_text": sum(near_copies(corpus_keys, held_out)),
    }
