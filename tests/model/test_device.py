from __future__ import annotations

import pytest
import torch

from sentinel.errors import ConfigError
from sentinel.model.device import choose_device, count_workers, device_of_worker, equal_devices, supports_bfloat16


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_device_is_the_cpu_where_there_is_no_gpu(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device(device) == torch.device("cpu")


@pytest.mark.parametrize(
    ("device", "n_gpus", "expected"), [("auto", 1, "cuda"), ("cuda", 1, "cuda"), ("cuda:1", 2, "cuda:1")]
)
def test_device_is_the_gpu_that_is_there(
    device: str, n_gpus: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: n_gpus)
    assert choose_device(device) == torch.device(expected)


@pytest.mark.parametrize(("device", "n_gpus"), [("cuda", 0), ("cuda:1", 1), ("cuda:99", 2)])
def test_gpu_that_is_not_there_is_refused(device: str, n_gpus: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: n_gpus)
    with pytest.raises(ConfigError, match=f"'{device}' is not on this machine"):
        choose_device(device)


@pytest.mark.parametrize("device", ["", "gpu", "cuda:x", "cuda:-1", "meta"])
def test_device_of_another_name_is_refused_with_a_hint(device: str) -> None:
    with pytest.raises(ConfigError, match='use "auto", "cpu" or "cuda"'):
        choose_device(device)


@pytest.mark.parametrize(
    ("device", "expected"), [("cuda", ["cuda:0", "cuda:1"]), ("cuda:1", ["cuda:1"]), ("cpu", ["cpu"])]
)
def test_every_gpu_shares_the_work_unless_one_is_named(
    device: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert [str(one) for one in equal_devices(torch.device(device))] == expected


def test_workers_take_turns_on_the_gpus_unless_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert count_workers("cuda") == 2
    assert [device_of_worker("cuda", worker) for worker in range(3)] == ["cuda:0", "cuda:1", "cuda:0"]
    assert device_of_worker("cuda:1", 0) == "cuda:1"


def test_worker_on_a_cpu_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert device_of_worker("cpu", 1) == "cpu"
        assert torch.get_num_threads() == 1
        assert count_workers("cpu") >= 1
    finally:
        torch.set_num_threads(before)


def test_bfloat16_support_is_known_of_the_cpu() -> None:
    assert supports_bfloat16(torch.device("cpu")) in (True, False)
