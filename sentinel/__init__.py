"""A financial sentiment monitor: news feeds in, GPT-2 scores, daily market-mood reports out."""

__version__ = "0.1.0"
