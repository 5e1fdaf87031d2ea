"""Why texts were read as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentinel.explanations import Explanation


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
