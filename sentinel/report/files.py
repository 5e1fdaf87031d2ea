"""Write report files so that a reader sees the old page or the new one, never half of one.

A file is written beside its place, flushed to disk and renamed over the old one; a file that would not
change is left alone. The partial file has a fixed name, so what a killed run left is overwritten by the next one, or
removed where that has nothing to write; that only one run writes at a time is the run lock's business.
"""

from __future__ import annotations

import filecmp
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sentinel.errors import ReportError, TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

HINT = "check that the folder exists, belongs to the user who runs this, and that the disk is not full"


def make_folder(folder: Path) -> None:
    """Create a folder and its parents.

    Args:
        folder: folder to create; an existing one is fine.

    Raises:
        ReportError: the folder cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError(_because("cannot create the folder", error), where=str(folder), hint=HINT) from error


def check_folder(folder: Path) -> None:
    """Check that a folder can be written, or be created where it is missing; nothing is created.

    Args:
        folder: folder that will be written to.

    Raises:
        ReportError: it cannot.
    """
    try:
        place = folder
        while not (place.exists() or place.is_symlink()):
            place = place.parent
        is_folder = place.is_dir()
    except OSError as error:
        raise ReportError(_because("cannot be written", error), where=str(folder), hint=HINT) from error
    if not is_folder:
        raise ReportError(f"cannot create the folder: {place} is no folder", where=str(folder), hint=HINT)
    if not os.access(place, os.W_OK | os.X_OK):
        raise ReportError("cannot be written: permission denied", where=str(folder), hint=HINT)


def write_bytes(path: Path, content: bytes) -> bool:
    """Put content into a file, all of it or nothing.

    Args:
        path: file to write; its folder exists.
        content: the whole new content.

    Returns:
        Whether the file changed.

    Raises:
        ReportError: the file cannot be written; the old one is untouched.
    """
    try:
        if path.stat().st_size == len(content) and path.read_bytes() == content:
            return False
    except OSError:
        pass  # absent or unreadable: writing it settles which
    return write_chunks(path, [content])


def write_chunks(path: Path, chunks: Iterable[bytes]) -> bool:
    """Put content that is made piece by piece into a file, all of it or nothing.

    Args:
        path: file to write; its folder exists.
        chunks: the new content in order.

    Returns:
        Whether the file changed.

    Raises:
        ReportError: the file cannot be written; the old one is untouched.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.writelines(chunks)
        changed = place_file(partial, path)
    except OSError as error:
        _drop(partial)
        raise ReportError(_because("cannot write the file", error), where=str(path), hint=HINT) from error
    except ReportError:
        _drop(partial)
        raise
    return changed


@contextmanager
def named_as(aside: Path, folder: Path) -> Iterator[None]:
    """Let an error name the file that was to be written, not the folder aside in which it is made first.

    Args:
        aside: where files are made.
        folder: where they belong.
    """
    try:
        yield
    except (ReportError, TableError) as error:
        if not error.where.startswith(str(aside)):
            raise
        where = f"{folder}{error.where.removeprefix(str(aside))}"
        raise type(error)(error.what, where=where, hint=error.hint) from error


@contextmanager
def replaced_together(folder: Path, *, last: str) -> Iterator[Path]:
    """Give an empty folder for files that belong together; they take their places once the block has ended well.

    Files that would not change are left alone, and files of other names stay.

    Args:
        folder: where the files shall stand; created when absent.
        last: name of the file that takes its place after all others.

    Raises:
        ReportError: a file cannot be written or put into its place. Where the block fails nothing is replaced.
    """
    aside = folder.with_name(f".{folder.name}.partial")
    make_folder(folder)
    try:
        shutil.rmtree(aside, ignore_errors=True)
        with named_as(aside, folder):
            make_folder(aside)
            yield aside
            for partial in sorted(aside.iterdir(), key=lambda path: (path.name == last, path.name)):
                place_file(partial, folder / partial.name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def place_file(partial: Path, path: Path) -> bool:
    """Put a finished file into its place unless the same stands there.

    Args:
        partial: the finished file, on the same disk; it is gone afterwards.
        path: its place.

    Returns:
        Whether the file there changed.

    Raises:
        ReportError: it cannot be put there.
    """
    try:
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        if path.is_file() and filecmp.cmp(partial, path, shallow=False):
            partial.unlink()
            return False
        partial.replace(path)
    except OSError as error:
        raise ReportError(_because("cannot write the file", error), where=str(path), hint=HINT) from error
    return True


def drop_partial_files(folder: Path) -> None:
    """Remove what killed runs were writing in the folders of a folder.

    Raises:
        ReportError: one cannot be removed.
    """
    for partial in folder.glob("*/.*.partial"):
        try:
            partial.unlink()
        except OSError as error:
            raise ReportError(_because("cannot remove the file", error), where=str(partial), hint=HINT) from error


def _drop(partial: Path) -> None:
    try:
        partial.unlink(missing_ok=True)
    except OSError:
        return  # the folder itself refuses; the error on its way says so


def _because(what: str, error: OSError) -> str:
    return f"{what}: {error.strerror or error}"
