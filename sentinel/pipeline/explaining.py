"""Why texts were read as they were: one that is asked about, and the leading stories of a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel import report, store
from sentinel.text import classifier_text

if TYPE_CHECKING:
    from sentinel.explanations import Explanation
    from sentinel.pipeline.job import Job

EXPLAINED_DAYS = 2
"""Of today and the day before, stories are explained; those of earlier days where that is on file: a page of a past day
is the same whenever it is made, and half a second for each story is too long for a whole archive."""


def explain_text(model: str, text: str, *, device: str = "auto") -> Explanation:
    """Explain what a model says of one text.

    Args:
        model: "packaged", a directory or a hub id.
        text: a headline or post.
        device: where the texts of changes are scored.

    Raises:
        ModelError: the model cannot be trusted, or is none that can be explained.
        ConfigError: the device does not exist here.
    """
    from sentinel.model.attribution import Explainer
    from sentinel.model.classifier import Classifier

    classifier = Classifier.load(model, device=device)
    return Explainer(classifier.bundle, classifier.probabilities).explain(text)


def explain_leading(job: Job, page: report.DayReport, *, is_late: bool) -> dict[str, Explanation]:
    """Explain the leading stories of a day, each text once: what stands in the day's folder is not computed again.

    Args:
        job: an open job.
        page: the day.
        is_late: whether what is not on file may be computed.

    Returns:
        Explanations by the id of the item that leads its story; none of a model that is no transformer.

    Raises:
        ModelError: the configured model cannot be loaded.
    """
    if job.bundle.kind != "transformer" or page.items.empty:
        return {}
    with job.database.read() as connection:
        texts = store.load_item_texts(connection, report.leading_items(page))
    on_file = report.read_explanations(job.settings.reports, page.day, model=job.bundle.facts)
    found: dict[str, Explanation] = {}
    for item_id, text in sorted(texts.items()):
        key = classifier_text(text)
        if key not in on_file and is_late:
            on_file[key] = job.model.explainer.explain(text)
        if key in on_file:
            found[item_id] = on_file[key]
    return found
