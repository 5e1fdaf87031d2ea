"""Augmentation of the labelled texts: direction and negation.

Generated texts teach what is good or bad news about a quantity that moves, about what was expected, and about what
does not happen; variations of labelled texts teach that names, figures, units and casing say nothing.
"""

from sentinel.model.training.augmentation.direction import direction_texts
from sentinel.model.training.augmentation.leaks import without_leaks
from sentinel.model.training.augmentation.variation import vary_texts

__all__ = ["direction_texts", "vary_texts", "without_leaks"]
