"""What a database refuses, as one line with a hint."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from sentinel.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

_AWAY = "run again when the server is up; what was stored is safe"
_HINTS = {
    "locked": "another program holds it; try again when that has ended",
    "lock timeout": "another program holds it; try again when that has ended",
    "full": "free some space and run again; what was stored is safe",
    "No space left": "free some space on the server and run again; what was stored is safe",
    "disk I/O error": "check the disk; what was stored before is kept",
    "readonly": "check the permissions of the file and its folder",
    "unable to open": "check that the folder exists and may be written",
    "terminating connection": _AWAY,
    "server closed": _AWAY,
    "the connection is": _AWAY,
    "the database system is": _AWAY,
    "connection is bad": _AWAY,
    "connection failed": _AWAY,
    "connection timeout": _AWAY,
    "not a database": "move it away or name another store; the file is left as it is",
    "malformed": "restore a backup; the file is left as it is",
}


@contextmanager
def one_line(verb: str, *, where: str) -> Iterator[None]:
    """Turn what goes wrong in the block into a line.

    Args:
        verb: what could not be done with the store, as a participle.
        where: the store.

    Raises:
        StoreError: the database refused, or is not there.
    """
    try:
        yield
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        hint = next((hint for words, hint in _HINTS.items() if words in cause), "")
        raise StoreError(f"cannot be {verb}: {cause}", where=where, hint=hint) from error
