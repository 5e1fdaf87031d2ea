"""Tell a dead man's switch that the job is alive: one guarded GET, bounded in time and bytes.

In: an address of one's own, from the environment. Out: why it could not be told, "" where it was. Invariant: nothing of
the address is in the reason, since the address is the secret.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sentinel.feeds.answer import Errand, FetchFailure, FetchLimits
from sentinel.feeds.collect import open_sender_of
from sentinel.feeds.fetch import fetch

if TYPE_CHECKING:
    from sentinel.feeds.collect import Manners

PING_LIMITS = FetchLimits(timeout_s=10, connect_timeout_s=5, max_body_bytes=100_000, max_redirects=2)


def ping(url: str, *, manners: Manners) -> str:
    """Ask for an address once, and forget the answer.

    It may lie in one's own networks, where many a switch runs; addresses that nobody of one's own has (link-local,
    multicast) stay closed.

    Args:
        url: http(s) address.
        manners: how sites are asked.

    Returns:
        Why it could not be told; empty where it was.
    """
    answer = asyncio.run(fetch(open_sender_of(manners), Errand(url, allow_private=True), limits=PING_LIMITS))
    return answer.reason if isinstance(answer, FetchFailure) else ""
