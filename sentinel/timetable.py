"""What is due when: entries of a schedule, and pure decisions on them from what last happened and the time.

In: entries, when each last began, the time. Out: the entries that are due, and when to look again. No clock, no store,
no process: a year of a schedule is a loop in a test. Invariant: however many times of an entry were missed, it is due
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentinel.cron import next_time, parse_when

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

DEFAULT_DEADLINE_S = 2 * 3600


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a schedule.

    Attributes:
        when: cron expression or interval, as for ``parse_when``.
        feeds: which feeds it asks, as ``kind:``, ``topic:`` or ``feed:`` with a name; none for all of them.
        deadline_s: seconds after which a run of it is ended.
    """

    when: str
    feeds: tuple[str, ...] = ()
    deadline_s: float = DEFAULT_DEADLINE_S

    @property
    def key(self) -> str:
        """Name it in the store and on the command line; an entry that is changed is another one."""
        return " ".join([self.when, *self.feeds])


@dataclass(frozen=True, slots=True)
class Timetable:
    """The entries of a schedule and the zone that they are meant in."""

    entries: tuple[Entry, ...]
    zone: ZoneInfo

    def due_at(self, entry: Entry, last: datetime) -> datetime:
        """Tell when an entry falls due after it last began, aware UTC."""
        return next_time(parse_when(entry.when), last, self.zone)

    def due(self, begun: Mapping[str, datetime], since: datetime, now: datetime) -> tuple[Entry, ...]:
        """Choose the entries that are due.

        Args:
            begun: when entries last began, aware, by key.
            since: what an entry that never began is counted from.
            now: aware.

        Returns:
            Entries in the order of the schedule; the runs that they were missed for are one.
        """
        return tuple(entry for entry in self.entries if self.due_at(entry, begun.get(entry.key, since)) <= now)

    def next_due(self, begun: Mapping[str, datetime], since: datetime) -> datetime:
        """Tell when the first of the entries is due, aware UTC; in the past where one is overdue."""
        return min(self.due_at(entry, begun.get(entry.key, since)) for entry in self.entries)


def feeds_of(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Give which feeds several entries ask together; none where one of them asks all."""
    chosen: dict[str, None] = {}
    for entry in entries:
        if not entry.feeds:
            return ()
        chosen.update(dict.fromkeys(entry.feeds))
    return tuple(chosen)
