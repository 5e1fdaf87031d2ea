"""Print how fast headlines are scored here by this program and by others, side by side in one run.

    python benchmarks/score.py [FILE --text-column title] [--rows 5000] [--threads 1] [--model packaged]

Text in, probabilities out: tokenising counts, loading does not. Without FILE (Parquet) the packaged sample's headlines
are scored, with other numbers in each. No headline comes twice. The systems take turns over equal parts of the rows, so
that what else the machine does hits all alike; a rate is the median over the parts, by the clock and by the CPU seconds
that the process was given, which tell more on a machine that is shared. The share of the peak is by CPU seconds too,
of the products of a whole forward, whatever a system leaves out; `--model gpt2-small` has random weights. Probabilities
are compared with those of transformers in float32 on batches without padding. ONNX Runtime and OpenVINO take part where
they are installed (`pip install onnxruntime onnxscript openvino`), sorted by length like the others.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import torch
import transformers
from peaks import flops_per_token, measured_peak, resolve_model

from sentinel.model.bundle import Bundle, load_bundle
from sentinel.model.classifier import Classifier
from sentinel.model.device import supports_bfloat16
from sentinel.model.tokens import load_encoding
from sentinel.sample import SAMPLE_DIR
from sentinel.text import classifier_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Logits = Callable[[np.ndarray, np.ndarray], np.ndarray]
    Score = Callable[[list[str]], np.ndarray]
    Rates = tuple[float, float]

N_PARTS = 5
BATCH_TEXTS = 32
SEED = 1
CPU = torch.device("cpu")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--text-column", default="title")
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--model", default="packaged")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    texts = read_texts(arguments.file, arguments.text_column, arguments.rows)
    with tempfile.TemporaryDirectory() as folder:
        bundle = load_bundle(resolve_model(arguments.model, Path(folder)))
        work = flops_per_token(bundle.path) * _tokens_per_text(bundle, texts)
        systems = _systems(bundle, arguments.threads)
    peak = measured_peak(CPU, time.process_time)
    parts = [texts[start::N_PARTS] for start in range(N_PARTS)]
    rates, said = _take_turns(systems, parts)
    expected = np.concatenate(said.pop("reference"))
    first_rate = _median(rates["transformers pipeline, batch 32"])
    print(f"{len(texts)} headlines, {arguments.threads} threads, {torch.backends.cpu.get_cpu_capability()}")
    print(f"{work / 1e9:.2f} GFLOP per headline; bfloat16 peak {peak / 1e9:.0f} GFLOP per CPU second")
    print(
        "| system | headlines/s | to pipeline | by CPU second | to pipeline | share of the bfloat16 peak "
        "| largest difference | equal labels |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, answers in said.items():
        probabilities = np.concatenate(answers)
        speed = " | ".join(
            f"{rate:.0f} | {rate / first:.1f}" for rate, first in zip(_median(rates[name]), first_rate, strict=True)
        )
        difference = np.abs(probabilities - expected).max()
        n_equal = (probabilities.argmax(axis=1) == expected.argmax(axis=1)).mean()
        share = _median(rates[name])[1] * work / peak
        print(f"| {name} | {speed} | {share:.1%} | {difference:.4f} | {n_equal:.2%} |")


def _tokens_per_text(bundle: Bundle, texts: list[str]) -> float:
    rows = load_encoding(bundle.path, max_tokens=bundle.max_tokens, pad_token_id=None).rows(texts)
    return sum(map(len, rows)) / len(rows)


def _take_turns(
    systems: dict[str, Score], parts: list[list[str]]
) -> tuple[dict[str, list[Rates]], dict[str, list[np.ndarray]]]:
    """Let every system score every part; rates and probabilities, by system and part."""
    rates: dict[str, list[Rates]] = {name: [] for name in systems}
    said: dict[str, list[np.ndarray]] = {name: [] for name in systems}
    for score in systems.values():
        score(parts[0][:BATCH_TEXTS])
    for part in parts:
        for name, score in systems.items():
            started, spent = time.perf_counter(), time.process_time()
            said[name].append(score(part))
            seconds = (time.perf_counter() - started, time.process_time() - spent)
            rates[name].append((len(part) / seconds[0], len(part) / seconds[1]))
    return rates, said


def _median(rates: list[Rates]) -> Rates:
    by_clock, by_cpu = zip(*rates, strict=True)
    return statistics.median(by_clock), statistics.median(by_cpu)


def read_texts(file: Path | None, column: str, n_rows: int) -> list[str]:
    """Draw different headlines."""
    random = np.random.default_rng(SEED)
    if file is not None:
        found = pq.read_table(file, columns=[column]).column(0).to_pylist()
        texts = list(dict.fromkeys(filter(None, (classifier_text(text or "") for text in found))))
        return [texts[place] for place in sorted(random.permutation(len(texts))[:n_rows].tolist())]
    pages = "".join(path.read_text(encoding="utf-8") for path in sorted(SAMPLE_DIR.glob("*.xml")))
    titles = [classifier_text(title) for title in re.findall(r"<title[^>]*>([^<]+)<", pages)]
    texts: list[str] = []
    while len(texts := list(dict.fromkeys(texts))) < n_rows:
        title = titles[random.integers(len(titles))]
        texts.append(classifier_text(f"{re.sub('[0-9]+', '', title)} {random.integers(1, 1_000)}"))
    return texts


def _systems(bundle: Bundle, n_threads: int) -> dict[str, Score]:
    """Load every system that is installed, and the reference."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(bundle.path)
    exact = transformers.AutoModelForSequenceClassification.from_pretrained(bundle.path, dtype=torch.float32).eval()
    systems: dict[str, Score] = {
        "reference": sorted_by_length(bundle, tokenizer, network_of(exact), has_padding=False),
        "transformers pipeline, batch 32": pipeline_of(bundle),
        "transformers sorted by length, float32": sorted_by_length(bundle, tokenizer, network_of(exact)),
    }
    if supports_bfloat16(CPU):
        rounded = transformers.AutoModelForSequenceClassification.from_pretrained(bundle.path, dtype=torch.bfloat16)
        score = sorted_by_length(bundle, tokenizer, network_of(rounded.eval()))
        systems["transformers sorted by length, bfloat16"] = score
        systems["sentinel, float32"] = Classifier(bundle, device=CPU, dtype=torch.float32).probabilities
    systems |= _exported(bundle, tokenizer, exact, n_threads)
    systems["sentinel"] = Classifier.load_unchecked(bundle, device="cpu").probabilities
    return systems


def pipeline_of(bundle: Bundle, *, device: torch.device = CPU, batch_texts: int = BATCH_TEXTS) -> Score:
    peer = transformers.pipeline("text-classification", model=str(bundle.path), device=device, top_k=None)
    names = [peer.model.config.id2label[column] for column in bundle.column_of_label]

    def score(texts: list[str]) -> np.ndarray:
        answers = peer(texts, batch_size=batch_texts, truncation=True, max_length=bundle.max_tokens)
        by_name = [{answer["label"]: answer["score"] for answer in row} for row in answers]
        return _calibrated(bundle, np.log([[row[name] for name in names] for row in by_name]))

    return score


def network_of(model: Any) -> Logits:
    def logits(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            sent = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
            said = model(**{name: tensor.to(model.device) for name, tensor in sent.items()})
            return said.logits.float().cpu().numpy()

    return logits


def sorted_by_length(
    bundle: Bundle, tokenizer: Any, logits: Logits, *, has_padding: bool = True, batch_texts: int = BATCH_TEXTS
) -> Score:
    """Score batches in the order of length, padded to the longest, or batches of one length each."""

    def score(texts: list[str]) -> np.ndarray:
        rows = tokenizer(texts, truncation=True, max_length=bundle.max_tokens)["input_ids"]
        order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
        said = np.empty((len(rows), 3), dtype=np.float64)
        for places in _batches(order, rows, has_padding=has_padding, batch_texts=batch_texts):
            ids = np.full((len(places), len(rows[places[-1]])), tokenizer.pad_token_id, dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, place in enumerate(places):
                ids[row, : len(rows[place])], mask[row, : len(rows[place])] = rows[place], 1
            said[places] = logits(ids, mask)[:, list(bundle.column_of_label)]
        return _calibrated(bundle, said)

    return score


def _batches(
    order: Sequence[int], rows: Sequence[Sequence[int]], *, has_padding: bool, batch_texts: int
) -> list[list[int]]:
    batches: list[list[int]] = []
    for place in order:
        is_like = batches and (has_padding or len(rows[batches[-1][0]]) == len(rows[place]))
        if is_like and len(batches[-1]) < batch_texts:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches


def _calibrated(bundle: Bundle, logits: np.ndarray) -> np.ndarray:
    unnormalised = np.exp((logits - logits.max(axis=1, keepdims=True)) / bundle.temperature)
    return bundle.calibration.apply(unnormalised / unnormalised.sum(axis=1, keepdims=True))


def _exported(bundle: Bundle, tokenizer: Any, model: Any, n_threads: int) -> dict[str, Score]:
    """Give the network to the engines that are installed, through an ONNX file."""
    engines = {"ONNX Runtime": _onnx_runtime, "OpenVINO": _openvino}
    installed = {name: load for name, load in engines.items() if find_spec(name.lower().replace(" ", ""))}
    if not installed or not find_spec("onnxscript"):
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        _export(model, path)
        return {
            name: sorted_by_length(bundle, tokenizer, load(path, n_threads), has_padding=False)
            for name, load in installed.items()
        }


def _export(model: Any, path: Path) -> None:
    """Write the network for batches of one length, which need no mask."""

    class Plain(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.score = model.transformer, model.score

        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            return self.score(self.body(input_ids=input_ids, use_cache=False).last_hidden_state[:, -1])

    example = torch.randint(2, 100, (3, 11))
    shapes = {"input_ids": {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens", max=model.config.n_positions)}}
    torch.onnx.export(
        Plain().eval(), (example,), path, input_names=["input_ids"], dynamic_shapes=shapes, dynamo=True, verbose=False
    )


def _onnx_runtime(path: Path, n_threads: int) -> Logits:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda ids, _: session.run(None, {"input_ids": ids})[0]


def _openvino(path: Path, n_threads: int) -> Logits:
    import openvino

    settings = {"INFERENCE_NUM_THREADS": n_threads, "PERFORMANCE_HINT": "LATENCY"}
    compiled = openvino.Core().compile_model(path, "CPU", settings)
    return lambda ids, _: compiled({"input_ids": ids})[0]


if __name__ == "__main__":
    main()
