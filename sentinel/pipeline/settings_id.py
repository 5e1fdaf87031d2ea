"""A short name for everything besides the news that changes the figures of a page."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from sentinel import mood

if TYPE_CHECKING:
    from sentinel.config import Settings

_CHARACTERS = 12


def settings_id(settings: Settings, *, list_id: str, model_id: str) -> str:
    """Hash what changes figures: feeds with their weights and topics, zone, languages, lists, model and formulas.

    Args:
        settings: the settings in force; where feeds are read from and how they are fetched is no part of it.
        list_id: names the lists that texts are searched with.
        model_id: names the model.

    Returns:
        12 hexadecimal digits.
    """
    told = {
        "feeds": sorted((feed.name, feed.kind, feed.weight, feed.topics, feed.use_summary) for feed in settings.feeds),
        "timezone": settings.timezone,
        "languages": sorted(settings.model_of_language),
        "list": list_id,
        "model": model_id,
        "formulas": {
            "days before first seen": mood.DAYS_BEFORE_FIRST_SEEN,
            "lookback days": mood.LOOKBACK_DAYS,
            "shrinkage": mood.SHRINKAGE_STORIES,
            "effective stories at least": mood.MIN_EFFECTIVE_STORIES,
            "novelty": mood.NOVELTY_DECAY,
            "trend decay per day": mood.TREND_DECAY_PER_DAY,
            "draws": mood.BOOTSTRAP_DRAWS,
            "days for z at least": mood.MIN_DAYS_FOR_Z,
            "weeks for usual items at least": mood.MIN_WEEKS_FOR_USUAL,
        },
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:_CHARACTERS]
