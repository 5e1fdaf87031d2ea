"""Where a model runs, and in which number format."""

from __future__ import annotations

import os

import torch

from sentinel.errors import ConfigError


def choose_device(device: str) -> torch.device:
    """Find a device.

    Args:
        device: "auto" (a GPU where there is one), "cpu", "cuda" or "cuda:N".

    Returns:
        The torch device.

    Raises:
        ConfigError: there is no such device here.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError as error:
        raise ConfigError(f"{device!r} is not a device", hint='use "auto", "cpu" or "cuda"') from error
    if chosen.type not in ("cpu", "cuda"):
        raise ConfigError(f"{device!r} is not a device to score on", hint='use "auto", "cpu" or "cuda"')
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        raise ConfigError(f"{device!r} is not on this machine", hint='use "auto" or "cpu"')
    return chosen


def equal_devices(device: torch.device) -> list[torch.device]:
    """Give the devices that share the work of one: every GPU, unless a number names one."""
    is_any = device.type == "cuda" and device == torch.device("cuda")
    return [torch.device("cuda", index) for index in range(torch.cuda.device_count())] if is_any else [device]


def count_workers(device: str) -> int:
    """Tell how many processes score side by side: one per GPU, or per core where there is none.

    Raises:
        ConfigError: there is no such device here.
    """
    if choose_device(device).type == "cuda":
        return torch.cuda.device_count()
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def device_of_worker(device: str, worker: int) -> str:
    """Give one of several processes its device, and on a CPU one thread, since threads for one text wait for another.

    Args:
        device: as for ``choose_device``.
        worker: its number, from 0 on; workers take turns on the GPUs.

    Raises:
        ConfigError: there is no such device here.
    """
    chosen = choose_device(device)
    if chosen.type == "cpu":
        torch.set_num_threads(1)
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    elif chosen.index is None:
        chosen = torch.device("cuda", worker % torch.cuda.device_count())
    return str(chosen)


def supports_bfloat16(device: torch.device) -> bool:
    """Tell whether a device multiplies bfloat16 in hardware: CUDA from Ampere on, CPUs with AMX or AVX512-BF16."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported() and torch.cpu._is_avx512_bf16_supported())  # noqa: SLF001  # torch has no public name for it
