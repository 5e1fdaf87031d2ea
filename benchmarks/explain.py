"""Do explanations point to the words that matter, and how long do they take?

On the gate's headlines: deletes the word with the largest share and looks which way the polarity goes, beside what
deleting any word does. Half of the headlines (even rows) chose the reference of the shares; the other half judges it.

    python benchmarks/explain.py [--model DIR] [--half 1] [--threads 2] [--rows N]
"""

from __future__ import annotations

import argparse
import csv
import time

import numpy as np
import torch

from sentinel.model.attribution import Explainer
from sentinel.model.attribution.words import Edit, changed
from sentinel.model.classifier import Classifier
from sentinel.model.gate import GATE_DIR, HEADLINES_NAME

N_TIMED = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="packaged")
    parser.add_argument("--half", type=int, default=1, choices=(0, 1))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=int, default=None)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with (GATE_DIR / HEADLINES_NAME).open(encoding="utf-8", newline="") as stream:
        texts = [row["text"] for row in csv.DictReader(stream)][options.half :: 2][: options.rows]
    classifier = Classifier.load(options.model, device="cpu")
    explainer = Explainer(classifier.bundle, classifier.probabilities)
    explainer.explain(texts[0])
    begin, cpu = time.perf_counter(), time.process_time()
    for text in texts[:N_TIMED]:
        explainer.explain(text)
    wall, spent = time.perf_counter() - begin, time.process_time() - cpu
    found = [explainer.explain(text) for text in texts]
    said, moved, of_any = [], [], []
    for explanation in found:
        shares = np.array([word.share for word in explanation.words])
        top = int(np.abs(shares).argmax())
        deleted = [changed(explanation.text, [Edit(place, "", "")]) or " " for place in range(len(shares))]
        probabilities = classifier.probabilities([explanation.text, *deleted])
        polarity = (probabilities[:, 2] - probabilities[:, 0]).astype(np.float64)
        fell = polarity[0] - polarity[1:]
        said.append(fell[top] * shares[top] > 0)
        moved.append(fell[top] * np.sign(shares[top]))
        of_any.append(np.abs(fell).mean())
    errors = np.abs([explanation.error for explanation in found])
    top_move, any_move = np.mean(moved), np.mean(of_any)
    turned = np.mean([explanation.change is not None for explanation in found])
    print(f"model {classifier.bundle.model_id}, {len(texts)} headlines of half {options.half}")
    print(f"top word deleted: polarity goes where its share says in {np.mean(said):.1%}")
    print(f"top word moves it by {top_move:.3f}, any word by {any_move:.3f}: {top_move / any_move:.1f} times")
    print(f"completeness error: mean {errors.mean():.4f}, 95 % under {np.percentile(errors, 95):.4f}")
    print(f"label turned by at most two words: {turned:.1%}")
    print(f"{N_TIMED} explained in {wall:.1f} s, {spent:.1f} s of processor time, {options.threads} threads")


if __name__ == "__main__":
    main()
