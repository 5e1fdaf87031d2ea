"""A file is replaced whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sentinel.errors import ReportError
from sentinel.report.files import make_folder, replaced_together, write_bytes, write_chunks


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


def test_files_take_their_places_together_and_the_last_one_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "day"
    placed = []
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda path, to: (placed.append(to.name), replace(path, to))[1])
    for content in ("one", "two"):
        with replaced_together(folder, last="a.json") as aside:
            for name in ("a.json", "b.csv"):
                (aside / name).write_text(content if name == "a.json" else "always")
            assert not placed or content == "two"
    assert placed == ["b.csv", "a.json", "a.json"]
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"a.json": "two", "b.csv": "always"}
    assert [path.name for path in tmp_path.iterdir()] == ["day"]


def test_files_of_before_stay_when_the_new_ones_fail(tmp_path: Path) -> None:
    folder = tmp_path / "day"
    with replaced_together(folder, last="a") as aside:
        (aside / "a").write_text("old")
    with pytest.raises(ReportError, match="no"), replaced_together(folder, last="a") as aside:  # noqa: PT012
        (aside / "a").write_text("new")
        raise ReportError("no")
    assert (folder / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["day"]


def test_make_folder_names_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(ReportError, match="cannot create the folder") as caught:
        make_folder(tmp_path / "reports" / "2026-03-02")
    assert caught.value.where == str(tmp_path / "reports" / "2026-03-02")
