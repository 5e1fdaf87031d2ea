"""What is asked of a feed, and what follows from the answer: pure decisions over (feed, state, answer, now).

In: what is remembered, what a server said, what its body came to. Out: an Errand or a FeedResult with the state
to store in the same transaction as its items. Invariants: validators change only with a body that parsed whole;
an address is replaced only by one that delivered the same items on several days; nothing is given up for good
but what a server itself calls gone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sentinel.feeds.answer import Answer, Errand, FetchFailure
from sentinel.feeds.cadence import is_due, must_ask_afresh, next_check_after_answer, next_check_after_failure
from sentinel.feeds.hints import ScheduleHints
from sentinel.feeds.parsed import ParseFailure
from sentinel.feeds.reservations import read_reservation
from sentinel.records import FeedResult, FeedState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sentinel.feeds.identity import FeedItems
    from sentinel.records import Feed

FAILURES_TO_GO_BACK = 3
"""After so many failures in a row at an adopted address the configured one is asked again."""

_ID_CHARACTERS = 8
_MAX_KNOWN_IDS = 50


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides about one feed at one moment.

    Attributes:
        feed: as configured.
        known: what is remembered of it at this address.
        now: aware UTC.
        heeds_reservations: whether headlines are left where a publisher reserves them, too.
        is_same_origin: tells whether two addresses share scheme, host and port.
    """

    feed: Feed
    known: FeedState
    now: datetime
    heeds_reservations: bool
    is_same_origin: Callable[[str, str], bool]

    def without_asking(self) -> FeedResult | None:
        """Give the result of a feed that is not to be asked now; None for one that is."""
        known = self.known
        if known.gone_at is not None:
            reason = f"gone for good (HTTP 410) since {known.gone_at:%Y-%m-%d}: not asked any more, its items are kept"
            return FeedResult(feed=known.feed, outcome="failed", reason=reason, state=known)
        if is_due(known, self.now) or known.next_check is None:
            return None
        reason = f"not due before {known.next_check:%Y-%m-%d %H:%M} UTC"
        if known.reason:
            reason += f"; the last time: {known.reason}"
        return FeedResult(feed=known.feed, outcome="not due", reason=reason, state=known)

    def errand(self, authorization: str) -> Errand:
        """Say what to ask for; the whole body where the copy held must not be trusted any longer.

        Args:
            authorization: header for the feed's own origin; "" for none.
        """
        known = self.known
        is_own = self.is_same_origin(known.address, known.url)
        afresh = must_ask_afresh(known, self.now)
        return Errand(
            address=known.address,
            allow_private=self.feed.allow_private,
            etag="" if afresh else known.etag,
            last_modified="" if afresh else known.last_modified,
            authorization=authorization if is_own else "",
        )

    def failed(self, failure: FetchFailure) -> FeedResult:
        """Count a failure; validators stay as they were."""
        known = self.known
        n_failures = known.n_failures + 1
        has_moved = known.address != known.url
        is_gone = failure.status == HTTPStatus.GONE and not has_moved
        state = replace(
            known,
            checked_at=self.now,
            n_failures=n_failures,
            reason=failure.reason,
            next_check=next_check_after_failure(
                failure.status, failure.headers, n_failures, feed=known.feed, now=self.now
            ),
            gone_at=self.now if is_gone else known.gone_at,
        )
        if has_moved and (n_failures >= FAILURES_TO_GO_BACK or failure.status == HTTPStatus.GONE):
            state = replace(state, moved_to="", moved_at=None, n_moves=0)
        reason = f"{failure.reason}: not asked any more, its items are kept" if is_gone else failure.reason
        return FeedResult(feed=known.feed, outcome="failed", reason=reason, state=state, http_status=failure.status)

    def unchanged(self, answer: Answer) -> FeedResult:
        """Keep the validators, or take the newer ones a 304 may carry (RFC 9111 4.3.4)."""
        known = self.known
        hints = ScheduleHints.from_text(known.hints)
        state = replace(
            known,
            etag=answer.validator("etag") or known.etag,
            last_modified=answer.validator("last-modified") or known.last_modified,
            **self._well(answer.headers, hints),
        )
        return FeedResult(feed=known.feed, outcome="unchanged", reason="", state=state, http_status=answer.status)

    def parsed(self, answer: Answer, parsed: FeedItems | ParseFailure) -> FeedResult:
        """Take items and validators; of a body that was cut off the whole items, so that the next try sees the rest."""
        if isinstance(parsed, ParseFailure):
            reason = "the connection ended before a whole item had come" if answer.is_cut_off else parsed.reason
            return self.failed(FetchFailure(reason, answer.status, answer.headers))
        reservation = read_reservation(answer.headers)
        if reservation and self.heeds_reservations:
            return self._reserved(answer, reservation)
        if parsed.truncated:
            reason = f"the body is cut off; whole items kept: {len(parsed.items)}"
            failed = self.failed(FetchFailure(reason, answer.status, answer.headers))
            return replace(failed, items=parsed.items, n_skipped=parsed.n_skipped)
        known_ids = [item.item_id[:_ID_CHARACTERS] for item in parsed.items[:_MAX_KNOWN_IDS]]
        state = replace(
            self.known,
            # a connection that ended early may have carried the validators of another body
            etag="" if answer.is_cut_off else answer.validator("etag"),
            last_modified="" if answer.is_cut_off else answer.validator("last-modified"),
            whole_at=self.now,
            hints=parsed.hints.to_text(),
            known_ids=" ".join(known_ids),
            reservation=reservation,
            **self._moves(answer.moved_to, known_ids),
            **self._well(answer.headers, parsed.hints),
        )
        return FeedResult(
            feed=self.feed.name,
            outcome="fetched",
            reason="",
            state=state,
            items=parsed.items,
            n_skipped=parsed.n_skipped,
            http_status=answer.status,
        )

    def _reserved(self, answer: Answer, reservation: str) -> FeedResult:
        reason = f"its publisher reserves what it says ({reservation}), and respect_reservations is headlines"
        failed = self.failed(FetchFailure(reason, answer.status, answer.headers))
        return replace(failed, state=replace(failed.state, reservation=reservation))

    def _well(self, headers: Mapping[str, str], hints: ScheduleHints) -> dict[str, Any]:
        """Give what every good answer changes."""
        return {
            "checked_at": self.now,
            "succeeded_at": self.now,
            "n_failures": 0,
            "reason": "",
            "gone_at": None,
            "next_check": next_check_after_answer(headers, hints, self.now),
        }

    def _moves(self, moved_to: str, ids: list[str]) -> dict[str, Any]:
        """Count the days on which the address pointed to the same new one, which had items known from before.

        A maintenance page, a domain that changed hands or a portal's login must not take a feed over.
        """
        known = self.known
        if known.address != known.url:
            return {}
        if not moved_to or not self._may_adopt(moved_to):
            return {"moved_to": "", "moved_at": None, "n_moves": 0}
        moved_at, n_moves = (known.moved_at, known.n_moves) if moved_to == known.moved_to else (None, 0)
        is_another_day = moved_at is None or moved_at.date() != self.now.date()
        if is_another_day and not set(ids).isdisjoint(known.known_ids.split()):
            moved_at, n_moves = self.now, n_moves + 1
        return {"moved_to": moved_to, "moved_at": moved_at, "n_moves": n_moves}

    def _may_adopt(self, moved_to: str) -> bool:
        """Refuse to give up TLS, or to leave the origin that the feed's credentials are for."""
        if self.feed.url.startswith("https:") and not moved_to.startswith("https:"):
            return False
        return not self.feed.auth or self.is_same_origin(moved_to, self.feed.url)


def known_state(feed: Feed, state: FeedState | None) -> FeedState:
    """Give what is remembered of a feed; nothing where its address was changed since."""
    return state if state is not None and state.url == feed.url else FeedState(feed=feed.name, url=feed.url)
