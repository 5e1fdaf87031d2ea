"""One error tree for the whole program.

    SentinelError
    ├── ConfigError            a setting or feeds.yaml is wrong           (exit 2)
    ├── FeedError              an address that was asked for is no feed   (exit 1)
    ├── TableError             a table to read or write is not usable     (exit 2)
    ├── ArchiveError           an archive cannot be scored or read whole  (exit 1)
    ├── StoreError             the database cannot be opened or written   (exit 1)
    ├── ModelError             a model directory cannot be trusted        (exit 1)
    │   └── CanaryError        ... it scores obvious sentences wrongly    (exit 1)
    ├── TrainingError          a recipe or its data cannot be trained on  (exit 1)
    ├── ReportError            a report cannot be written                 (exit 1)
    │   └── DisagreementError  ... two of its files tell other numbers    (exit 4)
    ├── DeliveryError          a message to an alert target failed        (exit 1)
    ├── PartialRunError        some feeds failed and --strict was given   (exit 3)
    ├── QualityGateError       a model is below its pinned floor          (exit 4)
    ├── TroubleError           'sentinel status' found the job in trouble (exit 5)
    └── LockHeldError          another run holds the lock                 (exit 75)

Each class writes its own one-line message from facts: what is wrong, where, and what to do. Only ``cli``
turns an error into text on a terminal and an exit code. A failing feed is not an error but a FeedResult.
"""

from __future__ import annotations


class SentinelError(Exception):
    """Base of every error this program raises on purpose.

    Attributes:
        what: what is wrong, one sentence without a full stop.
        where: file, key, URL or address it concerns; empty when there is none.
        hint: what to do about it; empty when there is nothing useful to say.
        exit_code: what the command line ends with.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        place = f"{where}: " if where else ""
        advice = f" ({hint})" if hint else ""
        super().__init__(" ".join(f"{place}{what}{advice}".split()))


class ConfigError(SentinelError):
    """A setting, a variable or feeds.yaml is wrong."""

    exit_code = 2


class FeedError(SentinelError):
    """An address that somebody wants to add is no feed and leads to none."""


class TableError(SentinelError):
    """A CSV, JSONL or Parquet file cannot be read, or lacks a column."""

    exit_code = 2


class ArchiveError(SentinelError):
    """Shards of an archive cannot be scored, or are not those that were asked for."""


class StoreError(SentinelError):
    """The database cannot be opened, is newer than this program, or refuses a write."""


class ModelError(SentinelError):
    """A model directory is missing, damaged, or not a three-way sentiment classifier."""


class CanaryError(ModelError):
    """A loaded model gives obvious sentences the wrong label."""


class TrainingError(SentinelError):
    """A recipe or the data it names cannot be trained on."""


class ReportError(SentinelError):
    """A report file cannot be written."""


class DisagreementError(ReportError):
    """Two files of a day tell different numbers; none of them took its place."""

    exit_code = 4


class DeliveryError(SentinelError):
    """A target could not be told something that was asked for, a test."""


class PartialRunError(SentinelError):
    """Some feeds failed, and the caller asked for that to count."""

    exit_code = 3


class QualityGateError(SentinelError):
    """A model scores below its pinned floor."""

    exit_code = 4


class TroubleError(SentinelError):
    """The job as a whole is in trouble, and somebody asked."""

    exit_code = 5


class LockHeldError(SentinelError):
    """Another run works on the same store."""

    exit_code = 75
