"""Print how fast headlines are scored on a GPU by this program and by others, for GPT-2 small and the packaged model.

    python benchmarks/gpu.py [FILE --text-column title] [--rows 200000] [--device cuda] [--model gpt2-small]

Text in, probabilities out: tokenising counts, loading does not. GPT-2 small has random weights and the packaged
tokenizer. The peak is that of large bfloat16 matrix products, measured here; the work of a token is that of a forward
without short cuts, whatever a system leaves out. Beside this program run transformers' `pipeline` (batch 64, as much
precision as the weights have), transformers on batches sorted by length (bfloat16), and vLLM where it is installed. The
slow ones score a part of the rows, the same for all. `tokenizer alone` says what the tokenizer would allow. With
`--device cpu` the whole way can be tried without a GPU, on few rows.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import transformers
from peaks import GPT2_SMALL, flops_per_token, measured_peak, resolve_model
from score import network_of, pipeline_of, read_texts, sorted_by_length

from sentinel.model.bundle import PACKAGED, Bundle, load_bundle
from sentinel.model.classifier import Classifier
from sentinel.model.tokens import load_encoding

if TYPE_CHECKING:
    from collections.abc import Callable

    Score = Callable[[list[str]], np.ndarray]

BATCH_TEXTS = 64
SLOW_SHARE = 10
"""The others score one row in so many."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--text-column", default="title")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--model", action="append", help='"gpt2-small", "packaged" or a directory; both when left out.')
    arguments = parser.parse_args()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    device = torch.device(arguments.device)
    texts = read_texts(arguments.file, arguments.text_column, arguments.rows)
    peak = measured_peak(device, time.perf_counter)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else torch.backends.cpu.get_cpu_capability()
    n_devices = torch.cuda.device_count() if device == torch.device("cuda") else 1
    print(f"{name} x{n_devices}, bfloat16 peak of one {peak / 1e12:.2f} TFLOP/s, {len(texts)} headlines")
    for model in arguments.model or (GPT2_SMALL, PACKAGED):
        with tempfile.TemporaryDirectory() as folder:
            _print_table(model, load_bundle(resolve_model(model, Path(folder))), texts, device, peak * n_devices)


def _print_table(model: str, bundle: Bundle, texts: list[str], device: torch.device, peak: float) -> None:
    few = texts[::SLOW_SHARE]
    encoding = load_encoding(bundle.path, max_tokens=bundle.max_tokens, pad_token_id=None)
    n_tokens = np.array([len(row) for row in encoding.rows(texts)])
    work = flops_per_token(bundle.path)
    print(f"\n{model}: {work * n_tokens.mean() / 1e9:.2f} GFLOP and {n_tokens.mean():.1f} tokens per headline")
    print("| system | headlines/s | tokens/s | share of the peak | to pipeline | largest difference |")
    print("|---|---|---|---|---|---|")
    first_rate, expected = 0.0, np.empty(0)
    for name, score in _systems(bundle, device).items():
        is_ours = name == "sentinel"
        seconds, said = _timed(score, texts if is_ours else few, device)
        rate = len(said) / seconds
        first_rate, expected = first_rate or rate, expected if expected.size else said
        tokens_rate = rate * (n_tokens if is_ours else n_tokens[::SLOW_SHARE]).mean()
        difference = np.abs((said[::SLOW_SHARE] if is_ours else said) - expected).max()
        print(
            f"| {name} | {rate:.0f} | {tokens_rate:.0f} | {tokens_rate * work / peak:.1%} | {rate / first_rate:.1f} | "
            f"{difference:.4f} |",
            flush=True,
        )
    seconds, _ = _timed(lambda rows: np.array(list(map(len, encoding.rows(rows)))), texts, device)
    print(f"| tokenizer alone | {len(texts) / seconds:.0f} | {n_tokens.sum() / seconds:.0f} | | | |")


def _timed(score: Score, texts: list[str], device: torch.device) -> tuple[float, np.ndarray]:
    score(texts[:: max(1, len(texts) // 1_000)])  # kernels are chosen, memory is taken
    _wait(device)
    started = time.perf_counter()
    said = score(texts)
    _wait(device)
    return time.perf_counter() - started, said


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _systems(bundle: Bundle, device: torch.device) -> dict[str, Score]:
    """Load the systems one after the other as they are asked for, so that each has the memory; the pipeline first."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(bundle.path)
    one = torch.device("cuda", 0) if device == torch.device("cuda") else device
    model = transformers.AutoModelForSequenceClassification.from_pretrained(bundle.path, dtype=torch.bfloat16)
    systems: dict[str, Score] = {
        f"transformers pipeline, batch {BATCH_TEXTS}": pipeline_of(bundle, device=one, batch_texts=BATCH_TEXTS),
        "transformers sorted by length, bfloat16": sorted_by_length(
            bundle, tokenizer, network_of(model.eval().to(one)), batch_texts=BATCH_TEXTS
        ),
    }
    if device.type == "cuda" and find_spec("vllm"):
        systems["vLLM"] = _vllm(bundle)
    systems["sentinel"] = Classifier.load_unchecked(bundle, device=str(device)).probabilities
    return systems


def _vllm(bundle: Bundle) -> Score:
    import vllm

    engine: Any = vllm.LLM(
        str(bundle.path), runner="pooling", convert="classify", dtype="bfloat16", gpu_memory_utilization=0.4
    )

    def score(texts: list[str]) -> np.ndarray:
        answers = engine.classify(texts, use_tqdm=False)
        said = np.array([answer.outputs.probs for answer in answers])[:, list(bundle.column_of_label)]
        sharpened = np.log(np.maximum(said, 1e-9)) / bundle.temperature
        unnormalised = np.exp(sharpened - sharpened.max(axis=1, keepdims=True))
        return bundle.calibration.apply(unnormalised / unnormalised.sum(axis=1, keepdims=True))

    return score


if __name__ == "__main__":
    main()
