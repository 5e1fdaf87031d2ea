"""Augmentation of the labelled texts: direction, negation, news in general, names that fare differently.

Generated texts teach what is good or bad news about a quantity that moves, about what was expected, about what does not
happen, about what companies and economies go through, and about one of two names in a headline; variations of labelled
texts teach that names, figures, units and casing say nothing, copies about somebody else that countries, persons and
sizes of companies do not either.
"""

from sentinel.model.training.augmentation.companies import company_texts
from sentinel.model.training.augmentation.direction import direction_texts
from sentinel.model.training.augmentation.identity import swap_identities
from sentinel.model.training.augmentation.leaks import without_leaks
from sentinel.model.training.augmentation.news import news_texts
from sentinel.model.training.augmentation.variation import vary_texts

__all__ = [
    "company_texts",
    "direction_texts",
    "news_texts",
    "swap_identities",
    "vary_texts",
    "without_leaks",
]
