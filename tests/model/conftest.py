"""Real, tiny model directories shared by the tests of the model package."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import torch

from .bundles import build_bert, build_gpt2

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Keep torch to one thread: tiny matrices gain nothing from more, and sums stay in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def gpt2_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a bundle with random weights; not to be changed."""
    return build_gpt2(tmp_path_factory.mktemp("models") / "tiny-gpt2")


@pytest.fixture(scope="session")
def bert_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a BERT directory without a manifest; not to be changed."""
    return build_bert(tmp_path_factory.mktemp("models") / "tiny-bert")


@pytest.fixture
def bundle_dir(gpt2_dir: Path, tmp_path: Path) -> Path:
    """Give a copy of the bundle that a test may damage."""
    return shutil.copytree(gpt2_dir, tmp_path / "tiny-gpt2")
