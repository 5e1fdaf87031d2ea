"""What is checked before a command makes a file or asks a feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel import report
from sentinel.errors import ConfigError
from sentinel.pipeline.alerts import check_rules
from sentinel.pipeline.job import check_free, today_in, utc_now
from sentinel.pipeline.scorer import ConfiguredModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from sentinel.config import Settings


def prepare(
    settings: Settings,
    *,
    now: Callable[[], datetime] = utc_now,
    days: Iterable[date] = (),
    as_of: datetime | None = None,
    scores: bool = True,
    reports: bool = True,
) -> ConfiguredModel:
    """Check what a command will need before its store is opened; nothing is written.

    Args:
        settings: the settings in force.
        now: clock, aware UTC.
        days: days that will be reported.
        as_of: time as of which they will be.
        scores: whether texts will be scored, which needs the model loaded on its device.
        reports: whether pages will be written.

    Returns:
        The models, for ``open_job``.

    Raises:
        ConfigError: a day or ``as_of`` lies in the future, two companies share a name, an alert rule names what there
            is not, or the device does not exist.
        ReportError: the report folder cannot be written.
        LockHeldError: another command works on this store.
        StoreError: the address of the store is none, or its server cannot be reached.
        ModelError: the model cannot be trusted.
    """
    for day in days:
        check_day(settings, day, now=now)
    if as_of is not None:
        check_time(as_of, now=now)
    if reports:
        check_rules(settings, settings.build_watchlist())
        report.check_folder(settings.reports)
    check_free(settings)
    model = ConfiguredModel(settings)
    if scores:
        model.load()
    _ = model.facts
    return model


def check_day(settings: Settings, day: date, *, now: Callable[[], datetime]) -> None:
    """Refuse a day that has not begun.

    Raises:
        ConfigError: it lies in the future.
    """
    if day > today_in(settings, now()):
        raise ConfigError(f"{day} has not begun yet in {settings.timezone}", hint="give today or a day before")


def check_time(as_of: datetime, *, now: Callable[[], datetime]) -> None:
    """Refuse a time as of which nothing can be known yet.

    Raises:
        ConfigError: it lies in the future.
    """
    if as_of > now():
        raise ConfigError(f"{report.utc_text(as_of)} lies in the future", where="--as-of")
