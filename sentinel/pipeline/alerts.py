"""Alerts of a job: judge the current day, keep what was found, tell it, and show it.

Only the current day is judged, by ``sentinel run`` alone: pages of old days, imported ones among them, show what is
stored. An alert is stored with what is to be told of it before anything is sent, and what was not delivered stays to
be told by the next run. So a target hears of an alert once, or twice where a run was killed after it was told.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sentinel import alerts, drift, report, store
from sentinel.alert_types import Delivery
from sentinel.alerts.settings import MAX_COOL_DOWN_H
from sentinel.credentials import load_alert_targets
from sentinel.errors import CanaryError, ConfigError, SentinelError
from sentinel.kinds import FEED_KINDS
from sentinel.language import USUAL
from sentinel.pipeline.job import open_job, utc_now
from sentinel.pipeline.weeks import newest_drift

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    import pandas as pd

    from sentinel.alert_types import Alert, Event
    from sentinel.config import Settings
    from sentinel.pipeline.coverage import FeedLives
    from sentinel.pipeline.job import Job
    from sentinel.watchlist import Watchlist

RECENT = timedelta(days=30)
_LONGEST_LOOK = timedelta(days=7)

_log = logging.getLogger(__name__)


class AlertDesk:
    """Where the alerts of one run are raised and sent.

    Attributes:
        n_raised: alerts raised so far.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._rules = job.settings.alerts.build_rules()
        self.n_raised = 0

    def judge(self, page: report.DayReport, items: pd.DataFrame, topics: pd.DataFrame, lives: FeedLives) -> None:
        """Raise and clear what the current day gives reason to.

        Args:
            page: what is known of the day.
            items: weighed items of the day and at least a week before it.
            topics: what they speak of.
            lives: of the feeds.
        """
        now = self._job.now()
        feeds = [feed.name for feed in self._job.settings.feeds]
        coverage = page.coverage.set_index("feed")["stale"]
        failing = {feed: lives.failing(feed, now) for feed in feeds}
        evidence = alerts.Evidence(
            now=now,
            moods=report.shown_moods(page),
            day_items=items[items["day"] == page.day],
            recent_items=items[items["time"] > now - _LONGEST_LOOK],
            topics=topics,
            names=page.watched.names,
            n_unread=page.n_excluded.get(report.UNREAD, 0),
            stale={feed: str(coverage[feed]) for feed in feeds if feed in coverage.index},
            failing={feed: found for feed, found in failing.items() if found is not None},
            canary=self._weakest_canary(),
            drift=newest_drift(self._job) if any(rule.kind == "drift" for rule in self._rules) else {},
        )
        self._note(self._rules, alerts.measure(self._rules, evidence), keeps_others=False)

    def tell_canary(self, error: CanaryError) -> None:
        """Raise that the model was refused, where a rule watches it, and send it; the run is about to end.

        Nothing that goes wrong here is raised: the refusal says more.
        """
        rules = [rule for rule in self._rules if rule.kind == "canary"]
        figure = alerts.Figure("model", 0.0, f"The model was refused, and nothing was scored: it {error.what}")
        try:
            self._note(rules, {rule.name: [figure] for rule in rules}, keeps_others=True)
            self.deliver()
        except SentinelError as other:
            _log.warning("the refusal of the model could not be told: %s", other)

    def deliver(self) -> None:
        """Send every target what it is still to be told; what fails is noted and logged, and fails nothing."""
        settings, now = self._job.settings.alerts, self._job.now()
        with self._job.database.read() as connection:
            pending = store.load_pending(connection)
        plan = alerts.plan_deliveries(pending, settings.targets, now)
        messages = {target: self._write(due) for target, due in plan.due.items()}
        targets = load_alert_targets(settings.targets) if messages else ()
        outcomes = alerts.send_messages(messages, targets, deadline_s=settings.deadline_s)
        changed = list(plan.given_up)
        for outcome in outcomes:
            told = [delivery for delivery, _ in plan.due[outcome.target]]
            changed += alerts.settle(told, outcome, self._job.now())
            if outcome.error:
                _log.warning("alerts were not delivered to %s: %s", outcome.target, outcome.error)
        if changed:
            with self._job.database.write() as connection:
                store.save_deliveries(connection, changed)

    def _write(self, due: Sequence[tuple[Delivery, Alert]]) -> alerts.Message:
        settings = self._job.settings
        root = settings.site_url or f"{settings.reports.absolute()}/"
        return alerts.build_message(
            [(delivery.event, alert) for delivery, alert in due],
            page=f"{root}{self._job.today}/index.html#alerts",
            zone=settings.zone,
            n_waiting=sum(delivery.n_attempts > 0 for delivery, _ in due),
        )

    def _note(
        self, rules: Sequence[alerts.Rule], figures: Mapping[str, Sequence[alerts.Figure]], *, keeps_others: bool
    ) -> None:
        """Store what is raised and cleared, with what is to be told of it, in one transaction."""
        database, now = self._job.database, self._job.now()
        names = {rule.name for rule in rules}
        with database.read() as connection:
            known = store.load_alerts(connection, since=now - timedelta(hours=MAX_COOL_DOWN_H))
            if keeps_others:
                known = [alert for alert in known if alert.rule in names]
            verdict = alerts.judge(rules, figures, known, now)
            titles = {key: store.load_titles(connection, item_ids) for key, item_ids in verdict.item_ids.items()}
        raised = [
            replace(alert, headlines=tuple(map(titles[alert.alert_id].__getitem__, verdict.item_ids[alert.alert_id])))
            for alert in verdict.raised
        ]
        by_name = {rule.name: rule for rule in rules}
        told = [alert for alert in verdict.cleared if alert.rule in names and by_name[alert.rule].tell_cleared]
        deliveries = [*_deliveries(raised, "raised", by_name), *_deliveries(told, "cleared", by_name)]
        with database.write() as connection:
            store.save_alerts(connection, [*raised, *verdict.cleared, *verdict.seen])
            store.save_deliveries(connection, deliveries)
        self.n_raised += len(raised)

    def _weakest_canary(self) -> float | None:
        is_watched = any(rule.kind == "canary" for rule in self._rules)
        if not is_watched or USUAL not in self._job.model.readers[0].languages:
            return None
        from sentinel.model.classifier import CANARIES, weakest_canary

        return weakest_canary(self._job.model.scorer.probabilities([text for text, _ in CANARIES]))


def _deliveries(found: Sequence[Alert], event: Event, rules: Mapping[str, alerts.Rule]) -> list[Delivery]:
    return [Delivery(alert.alert_id, target, event) for alert in found for target in rules[alert.rule].targets]


@contextmanager
def canary_told(
    settings: Settings, *, now: Callable[[], datetime] = utc_now, holds_lock: bool = False
) -> Iterator[None]:
    """Tell that the model was refused in the block, where a rule watches it; the refusal goes on.

    Args:
        settings: the settings in force.
        now: clock, aware UTC.
        holds_lock: whether the caller has taken the lock already.
    """
    try:
        yield
    except CanaryError as error:
        if any(rule.when == "canary" for rule in settings.alerts.rules):
            try:
                with open_job(settings, now=now, holds_lock=holds_lock) as job:
                    AlertDesk(job).tell_canary(error)
            except SentinelError as other:  # no store, or another run at work: the refusal says more
                _log.warning("the refusal of the model could not be told: %s", other)
        raise


def load_alerts_of_day(
    job: Job, span: tuple[datetime, datetime], *, as_of: datetime | None
) -> tuple[Alert, ...] | None:
    """Read the alerts that a day's page shows.

    Args:
        job: an open job.
        span: begin and end of the day, aware UTC.
        as_of: only what was raised, or cleared, by then; None for all of the day.

    Returns:
        Alerts that were open at any time of the day, as known at its end; None where there are neither rules nor
        alerts.
    """
    end = span[1] - timedelta(microseconds=1)
    with job.database.read() as connection:
        found = store.load_alerts_of(connection, start=span[0], end=min(end, as_of) if as_of else end)
    return tuple(found) if found or job.settings.alerts.rules else None


def alerts_of_late(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> list[tuple[Alert, list[Delivery]]]:
    """Read the open alerts and those that cleared within RECENT, each with what was told of it; no lock is taken.

    Args:
        settings: the settings in force.
        now: clock, aware UTC.

    Returns:
        Open ones first, then the newest first.

    Raises:
        StoreError: there is no store yet, or it cannot be read.
    """
    since = now() - RECENT
    database = store.read_database(settings.store)
    try:
        with database.read() as connection:
            found = store.load_alerts(connection, since=since)
            told: dict[str, list[Delivery]] = {alert.alert_id: [] for alert in found}
            for delivery in store.load_deliveries(connection, since=since):
                told[delivery.alert_id].append(delivery)
    finally:
        database.close()
    ordered = sorted(found, key=lambda alert: alert.raised_at, reverse=True)
    ordered.sort(key=lambda alert: alert.cleared_at is not None)
    return [(alert, told[alert.alert_id]) for alert in ordered]


def try_targets(
    settings: Settings, names: Collection[str] = (), *, now: Callable[[], datetime] = utc_now
) -> list[alerts.Outcome]:
    """Send a test message to targets; nothing is stored and no lock is taken.

    Args:
        settings: the settings in force.
        names: of the targets; all of them when empty.
        now: clock, aware UTC.

    Returns:
        What came of each, in the order of the settings.

    Raises:
        ConfigError: there are no targets, or not such a one.
    """
    known = settings.alerts.targets
    if not known:
        raise ConfigError("no alert targets are configured", hint="name some in feeds.yaml under alerts: targets:")
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise ConfigError(f"no alert target is named {unknown}", where="--target", hint=f"use {', '.join(known)}")
    chosen = [target for target in load_alert_targets(known) if not names or target.name in names]
    moment = now().astimezone(settings.zone)
    messages = {target.name: alerts.build_test_message(target.name, moment) for target in chosen}
    return alerts.send_messages(messages, chosen, deadline_s=settings.alerts.deadline_s)


def check_rules(settings: Settings, watchlist: Watchlist) -> None:
    """Refuse a rule on a topic, company or feed that there is not: it would never be raised, and nobody would notice.

    Raises:
        ConfigError: there is such a rule.
    """
    companies = watchlist.companies
    known: dict[str, Collection[str]] = {
        "company": companies,
        "sector": {company.sector for company in companies.values()},
        "theme": watchlist.themes,
        "topic": {topic for feed in settings.feeds for topic in feed.topics},
        "kind": FEED_KINDS,
        "feed": {feed.name for feed in settings.feeds},
        "language": settings.models,
        "drift": drift.MEASURES,
    }
    for place, rule in enumerate(settings.alerts.build_rules()):
        if rule.topic and rule.topic not in known[rule.topic_kind]:
            raise ConfigError(
                f"there is no {rule.topic_kind} {rule.topic!r}, so the rule {rule.name!r} would never be raised",
                where=f"alerts.rules[{place}]",
            )
