"""A folder of tables, here or in an object store. The only door to fsspec; pyarrow opens s3:// and gs:// itself.

Comes in: a path or URL. Goes out: the tables in it, streams to read them, and files that appear whole. Invariant: what
is written stands aside under a name that begins with a dot until it is whole, and such names are never read.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import fs

from sentinel.archive.tables import PARQUET, format_of
from sentinel.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CREDENTIALS = re.compile(r"//[^/@]*@")
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}


@dataclass(frozen=True)
class Shard:
    """One table of a folder.

    Attributes:
        name: its path below the folder, with slashes.
        n_bytes: size of the file.
        modified_ns: when it was last written, nanoseconds since 1970; 0 where the file system does not say.
    """

    name: str
    n_bytes: int
    modified_ns: int


class Folder:
    """A folder on any file system.

    Attributes:
        shown: path or URL as it was given, without credentials.
        path: the folder on its file system.
    """

    def __init__(self, spec: str, filesystem: fs.FileSystem, path: str) -> None:
        self.shown = _CREDENTIALS.sub("//", spec)
        self.path = path.rstrip("/")
        self._filesystem = filesystem

    @classmethod
    def open(cls, spec: str) -> Folder:
        """Find a folder; it need not be there.

        Args:
            spec: path, or URL such as s3://bucket/news.

        Raises:
            TableError: the URL is of no known kind, or what reads it is not installed.
        """
        try:
            if "://" not in spec:
                return cls(spec, fs.LocalFileSystem(), str(Path(spec).resolve()))
            return cls(spec, *_resolve(spec))
        except (OSError, ValueError, ImportError) as error:
            shown = _CREDENTIALS.sub("//", spec)
            raise TableError(f"cannot be opened: {_cause(error)}", where=shown, hint="see docs/formats.md") from error

    @property
    def local(self) -> Path | None:
        """The folder as a path, where it is on this machine."""
        return Path(self.path) if isinstance(self._filesystem, fs.LocalFileSystem) else None

    def shards(self, *, leave_out: Folder | None = None) -> list[Shard]:
        """List the tables in the folder and below it, by name; a single table is the only one of its folder.

        Args:
            leave_out: a folder whose files are none of them, because results are written there.

        Raises:
            TableError: it is not there, or cannot be listed.
        """
        try:
            here = self._filesystem.get_file_info(self.path)
            if here.type == fs.FileType.NotFound:
                raise TableError("no such folder", where=self.shown)
            selector = fs.FileSelector(self.path, recursive=True)
            found = [here] if here.type == fs.FileType.File else self._filesystem.get_file_info(selector)
        except OSError as error:
            raise TableError(f"cannot be listed: {_cause(error)}", where=self.shown) from error
        hidden = f"{leave_out.path}/" if leave_out and leave_out._filesystem == self._filesystem else None  # noqa: SLF001  # its own kind
        shards = [
            Shard(self._name(info), info.size or 0, info.mtime_ns or 0)
            for info in found
            if info.type == fs.FileType.File and not (hidden and info.path.startswith(hidden))
        ]
        return sorted((shard for shard in shards if _is_table(shard.name)), key=lambda shard: shard.name)

    def _name(self, info: fs.FileInfo) -> str:
        below = info.path.removeprefix(self.path).lstrip("/")
        return below or str(info.base_name)

    def _place(self, name: str) -> str:
        single = self.path.rsplit("/", 1)[-1] == name and self._filesystem.get_file_info(self.path).is_file
        return self.path if single else f"{self.path}/{name}"

    def exists(self, name: str) -> bool:
        """Tell whether there is a file of that name."""
        return bool(self._filesystem.get_file_info(f"{self.path}/{name}").type == fs.FileType.File)

    def open_file(self, name: str) -> pa.NativeFile:
        """Open a file at any place of it. Raises OSError."""
        return self._filesystem.open_input_file(self._place(name))

    def open_stream(self, name: str) -> pa.NativeFile:
        """Open a file from its beginning, decompressed where its name ends in .gz or .zst. Raises OSError."""
        stream = self._filesystem.open_input_stream(self._place(name), compression=None)
        compression = COMPRESSIONS.get(Path(name).suffix.lower())
        return pa.CompressedInputStream(stream, compression) if compression else stream

    @contextmanager
    def write_aside(self, name: str) -> Iterator[pa.NativeFile]:
        """Give a stream whose file appears under its name when the block ends well.

        Raises:
            TableError: it cannot be written.
        """
        parent, _, last = f"{self.path}/{name}".rpartition("/")
        aside = f"{parent}/.{last}.part"
        try:
            self._filesystem.create_dir(parent, recursive=True)
            with self._filesystem.open_output_stream(aside) as stream:
                yield stream
            if self.local:
                with Path(aside).open("rb") as written:
                    os.fsync(written.fileno())
            self._filesystem.move(aside, f"{parent}/{last}")
        except OSError as error:
            raise TableError(f"cannot be written: {_cause(error)}", where=f"{self.shown}/{name}") from error
        finally:
            with suppress(OSError):
                self._filesystem.delete_file(aside)


def _resolve(url: str) -> tuple[fs.FileSystem, str]:
    """Find the file system of a URL: one of pyarrow's own, else one of fsspec's."""
    try:
        filesystem, path = fs.FileSystem.from_uri(url)
    except pa.ArrowInvalid:
        import fsspec

        remote, path = fsspec.core.url_to_fs(url)
        filesystem = fs.PyFileSystem(fs.FSSpecHandler(remote))
    return filesystem, path


def kind_of(name: str) -> str:
    """Tell a kind of table by the end of its name, behind which .gz or .zst may stand but for Parquet.

    Raises:
        TableError: it is of none.
    """
    path = Path(name)
    if path.suffix.lower() not in COMPRESSIONS:
        return format_of(path)
    kind = format_of(path.with_suffix(""))
    if kind == PARQUET:
        raise TableError("not a kind of table this reads", where=name, hint="Parquet is compressed inside")
    return kind


def _is_table(name: str) -> bool:
    if any(part.startswith((".", "_")) for part in name.split("/")):
        return False
    try:
        kind_of(name)
    except TableError:
        return False
    return True


def _cause(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
