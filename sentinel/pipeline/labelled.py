"""How often the configured model reads headlines as people do, for the page of a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sentinel import labels, store

if TYPE_CHECKING:
    from datetime import datetime

    from sentinel.figures import LabelledShare
    from sentinel.pipeline.job import Job


def load_labelled(job: Job, end: datetime) -> LabelledShare | None:
    """Compare the model with people on the random half of the days before a time.

    Args:
        job: an open job.
        end: aware UTC; later labels do not count.

    Returns:
        None where nobody has labelled anything by then.
    """
    with job.database.read() as connection:
        given = store.load_labels(connection, end=end)
        readings = store.load_readings(connection, model_id=job.bundle.model_id, by_language=job.model.ids_by_language)
    if given.empty:
        return None
    start = end - timedelta(days=labels.WINDOW_DAYS)
    return labels.measure_labelled(given[[moment > start for moment in given["labelled_at"]]], readings)
