"""The classifier: a model directory that can be trusted, and probabilities for texts."""
