"""Write what a bundle is, was trained on and can do as a page that people read: the model card.

Comes in: a manifest. Goes out: Markdown, with the metadata block that model hubs read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CARD = "README.md"
_PURPOSE = (
    "Reads English financial headlines and says how probable it is that they are negative, neutral or positive. "
    "Longer texts, other languages and trading without a human are not what it is for."
)
_AUDIT = (
    "Countries, companies, persons and company sizes were swapped in headlines written for it (`sentinel audit`). A "
    "shift is a group's mean polarity less that of all groups; of each kind, the largest, with its 95 % interval."
)
_FIGURES = ("accuracy", "macro_f1", "ece")


def build_card(manifest: Mapping[str, Any]) -> str:
    """Describe a trained bundle.

    Args:
        manifest: what training writes: name, recipe, labelled_data, metrics, and the stages it had.

    Returns:
        Markdown.
    """
    licences = sorted({str(fact["licence"]) for fact in manifest["labelled_data"]})
    parts = [
        "---\nlanguage: en\npipeline_tag: text-classification\ntags: [finance, sentiment]\n---",
        f"# {manifest['name']}",
        _PURPOSE,
        f"## Trained on\n\nLabels under: {', '.join(licences)}.\n\n{_data_table(manifest)}",
    ]
    if teachers := manifest.get("distillation", {}).get("teachers_on_validation_rows"):
        parts.append(f"## Teachers, on the validation rows\n\n{_figures_table(teachers)}")
    parts.append(
        "## On test rows, which nothing was chosen on\n\n"
        f"{_figures_table(_by_source(manifest['metrics']))}\n\n{_overlap(manifest.get('overlap', {}))}"
    )
    if audit := manifest.get("audit"):
        parts.append(f"## The same news about others\n\n{_AUDIT}\n\n{_audit_table(audit)}")
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _data_table(manifest: Mapping[str, Any]) -> str:
    rows = [
        (fact["name"], f"{fact['n_texts']:,}", use, fact["licence"], fact["source"])
        for use, facts in (
            ("labels", manifest["labelled_data"]),
            ("pre-training", manifest.get("pretraining", {}).get("corpora", ())),
        )
        for fact in facts
    ]
    return _table(("data", "texts", "used for", "licence as stated", "source"), rows)


def _by_source(metrics: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Turn "SOURCE FIGURE" names into a mapping of sources."""
    sources: dict[str, dict[str, float]] = {}
    for name, value in metrics.items():
        source, _, figure = name.rpartition(" ")
        sources.setdefault(source, {})[figure] = value
    return sources


def _figures_table(figures: Mapping[str, Mapping[str, float]]) -> str:
    rows = [(name, *(f"{values[figure]:.3f}" for figure in _FIGURES)) for name, values in figures.items()]
    return _table(("", "accuracy", "macro-F1", "ECE"), rows)


def _audit_table(audit: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            str(found["kind"]),
            f"{found['group']} ({found['dimension']})",
            f"{found['value']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f})",
        )
        for found in audit
    ]
    return _table(("swapped", "group", "shift"), rows)


def _overlap(overlap: Mapping[str, int]) -> str:
    if not overlap:
        return ""
    return (
        f"No held-out text stands among the training texts; {overlap['held_out_near_a_training_text']:,} of "
        f"{overlap['held_out']:,} nearly repeat one (four fifths of the words), and "
        f"{overlap['pretraining_near_a_held_out_text']:,} pre-training texts nearly repeat a held-out one."
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
