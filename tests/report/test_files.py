"""A file is replaced whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sentinel.errors import ReportError
from sentinel.report.files import make_folder, write_bytes, write_chunks


def test_write_bytes_says_whether_the_file_changed(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    assert write_bytes(path, b"one")
    assert not write_bytes(path, b"one")
    assert write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in tmp_path.iterdir()] == ["page.html"]


def test_write_chunks_leaves_an_equal_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    assert write_chunks(path, [b"a", b"b"])
    before = path.stat()
    assert not write_chunks(path, [b"ab"])
    assert path.stat().st_ino == before.st_ino
    assert [entry.name for entry in tmp_path.iterdir()] == ["items.csv"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_write_keeps_the_old_file_when_the_disk_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "page.html"
    write_bytes(path, b"old")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), refuse)
    with pytest.raises(ReportError, match=r"page\.html: cannot write the file: No space left") as caught:
        write_bytes(path, b"new")
    assert caught.value.hint
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["page.html"]


def test_write_survives_a_partial_file_of_a_killed_run(tmp_path: Path) -> None:
    (tmp_path / ".page.html.partial").write_bytes(b"half")
    write_bytes(tmp_path / "page.html", b"whole")
    assert [entry.name for entry in tmp_path.iterdir()] == ["page.html"]


def test_make_folder_names_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(ReportError, match="cannot create the folder") as caught:
        make_folder(tmp_path / "reports" / "2026-03-02")
    assert caught.value.where == str(tmp_path / "reports" / "2026-03-02")
