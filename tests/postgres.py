"""A PostgreSQL server of the tests' own: no network, in a folder that goes with it."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER = "sentinel"
_PACKAGED = "/usr/lib/postgresql/*/bin"
# An order of texts that is not that of their bytes, as servers have it: "a" before "B".
_ORDER = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en")
_SETTINGS = "-c fsync=off -c listen_addresses= -c max_connections=60"


def find_binaries() -> Path | None:
    """Find the folder with initdb and pg_ctl: on the path, or where Debian puts the newest version."""
    on_path = shutil.which("initdb")
    if on_path and shutil.which("pg_ctl"):
        return Path(on_path).resolve().parent
    found = [folder for folder in Path("/").glob(_PACKAGED.lstrip("/")) if (folder / "initdb").exists()]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


class PostgresServer:
    """A running server that makes databases; its connections come through a socket in its folder.

    Attributes:
        folder: where its data and its socket lie.
    """

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.folder = folder
        self._binaries = binaries
        self._numbers = count(1)
        # The server refuses to run as root, so root lends it a user without rights.
        self._user: dict[str, Any] = {"user": "nobody", "extra_groups": ()} if os.geteuid() == 0 else {}
        if self._user:
            nobody = pwd.getpwnam("nobody")
            self._user["group"] = nobody.pw_gid
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        folder.chmod(0o755)
        self._call("initdb", "-U", OWNER, "-A", "trust", "-E", "UTF8", *_ORDER, "--no-sync")

    def start(self) -> None:
        options = f"{_SETTINGS} -c unix_socket_directories={self.folder}"
        self._call("pg_ctl", "-w", "-t", "60", "-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: "fast" ends every connection, "immediate" is as if its machine had lost power."""
        self._call("pg_ctl", "-w", "-m", mode, "stop")

    def create_database(self) -> str:
        """Make an empty database.

        Returns:
            Its address, as it stands under ``store:``.
        """
        name = f"store_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self.folder}"

    def execute(self, statement: str, name: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement past the program, in a transaction of its own."""
        address = f"host={self.folder} user={OWNER} dbname={name}"
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _call(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), "-D", str(self.folder / "data"), *arguments]
        # What the server inherits of standard output would be waited for until it ends.
        with (self.folder / f"{program}.out").open("wb") as output:
            subprocess.run(
                command, check=True, cwd=self.folder, stdout=output, stderr=output, timeout=120, **self._user
            )


def name_of(url: str) -> str:
    """Tell the database of an address that this server gave."""
    name = sa.make_url(url).database
    assert name
    return name


@contextlib.contextmanager
def serve_postgres(binaries: Path) -> Iterator[PostgresServer]:
    """Run a server while the block runs."""
    # Not below pytest's folder: a socket's path is short, and root's folders are closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # as said, and 0700 by mkdtemp
    try:
        server = PostgresServer(binaries, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)
