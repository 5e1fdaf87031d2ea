"""A second set of weights is kept as its difference in bytes, and comes back nearly as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import ModelError
from sentinel.model.difference import add_difference, write_difference

if TYPE_CHECKING:
    from pathlib import Path


def draw(seed: int, scale: float = 1.0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {
        "matrix": scale * torch.randn(6, 5, generator=generator),
        "bias": scale * torch.randn(4, generator=generator),
    }


@given(seed=st.integers(0, 10_000), scale=st.floats(1e-6, 1e6))
def test_no_weight_is_off_by_more_than_half_a_step_of_its_row(
    tmp_path_factory: pytest.TempPathFactory, seed: int, scale: float
) -> None:
    path = tmp_path_factory.mktemp("difference") / "names.safetensors"
    weights, others = draw(seed, scale), draw(seed + 1, scale)
    write_difference(path, weights, others)
    for name, found in add_difference(path, weights).items():
        rows = (others[name] - weights[name]).reshape(len(others[name]), -1)
        step = rows.abs().amax(dim=1) / 127
        error = (found - others[name]).reshape(rows.shape).abs().amax(dim=1)
        assert bool((error <= 0.501 * step + 1e-6 * others[name].abs().max()).all())


def test_equal_weights_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "names.safetensors"
    write_difference(path, draw(1), draw(1))
    assert all(torch.equal(found, draw(1)[name]) for name, found in add_difference(path, draw(1)).items())


def test_a_difference_takes_a_byte_a_weight(tmp_path: Path) -> None:
    path = tmp_path / "names.safetensors"
    weights = {"matrix": torch.zeros(300, 400)}
    write_difference(path, weights, {"matrix": torch.ones(300, 400)})
    assert path.stat().st_size < 300 * 400 * 1.02


def test_a_damaged_file_and_one_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "names.safetensors"
    write_difference(path, draw(1), draw(2))
    with pytest.raises(ModelError, match="difference to another network"):
        add_difference(path, {"matrix": torch.zeros(7, 5)})
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ModelError, match="cannot be read"):
        add_difference(path, draw(1))
