"""Why a model read a text as it did: shares of words, rollout of attention, the smallest change that turns a label."""

from sentinel.model.attribution.explainer import Explainer

__all__ = ["Explainer"]
