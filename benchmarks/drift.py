"""Print how wire headlines drift over the years, and what sport headlines put among them do: every measure of a sample.

    python benchmarks/drift.py FOLDER [--per-sample 1000] [--device cpu]

FOLDER holds reuters_wire_YYYY.parquet with the columns published_et and title. The reference is a sample of each of
eight weeks of the first year; every other sample has as many headlines, drawn by a seed. Sport, of all years, is told
by the desk's own word before a hyphen ("Golf-"): none of it is in the reference, nor in the years, and where there are
too few such headlines the sample says how many it has. Scores and byte pieces are those of the packaged model.
"""

from __future__ import annotations

import argparse
import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from sentinel.drift import REFERENCE_WEEKS, WeekSample, build_weeks
from sentinel.model.classifier import Classifier
from sentinel.model.tokens import Encoding, load_encoding
from sentinel.pipeline.weeks import count_pieces
from sentinel.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Sequence

SPORT = re.compile(
    r"^(?:UPDATE \d+-)?(?:Soccer|Tennis|Golf|Cricket|Rugby|Cycling|Athletics|Baseball|Olympics|NBA|NFL|NHL|MLB|Swimming"
    r"|Alpine skiing|Motor racing|Boxing|Basketball)-"
)
SPORT_SHARES = (0.1, 0.25, 0.5, 1.0)
SEED = 5
COLUMNS = ("polarity", "polarity_noise", "length", "length_noise", "bits_per_piece", "novelty", "pieces_per_word")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-sample", type=int, default=1_000)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    chance = np.random.default_rng(SEED)
    classifier = Classifier.load("packaged", device=arguments.device)
    bundle = classifier.bundle
    encoding = load_encoding(bundle.path, max_tokens=bundle.max_tokens, pad_token_id=None)
    named = draw_samples(arguments.folder, arguments.per_sample, chance)
    samples = [make_sample(titles, number, classifier, encoding) for number, titles in enumerate(named.values())]
    weeks = build_weeks(samples, n_reference=REFERENCE_WEEKS).assign(sample=list(named))
    usual = weeks[weeks["is_reference"]]
    print(f"{'sample':<24}" + "".join(f"{name:>16}" for name in COLUMNS) + "  passed")
    print(f"{'reference, mean':<24}" + "".join(f"{usual[name].mean():>16.3f}" for name in COLUMNS))
    print(f"{'reference, highest':<24}" + "".join(f"{usual[name].max():>16.3f}" for name in COLUMNS))
    for row in weeks[~weeks["is_reference"]].to_dict("records"):
        print(f"{row['sample']:<24}" + "".join(f"{row[name]:>16.3f}" for name in COLUMNS) + f"  {row['passed']}")


def draw_samples(folder: Path, n_titles: int, chance: np.random.Generator) -> dict[str, list[str]]:
    """Draw the headlines of the eight weeks, of every year, and of the first year with sport of any among them."""
    samples: dict[str, list[str]] = {}
    years = {file.stem.rpartition("_")[2]: read_year(file) for file in sorted(folder.glob("reuters_wire_*.parquet"))}
    first_news = next(iter(years.values()))[0]
    first = first_news["published_et"].min().normalize()
    for week in range(1, 5 * REFERENCE_WEEKS, 5):
        of_week = first_news[(first_news["published_et"] - first) // timedelta(days=7) == week]
        samples[f"week {week}"] = draw(of_week["title"], n_titles, chance)
    samples |= {year: draw(news["title"], n_titles, chance) for year, (news, _) in years.items()}
    every_sport = pd.concat([sport["title"] for _, sport in years.values()])
    for share in SPORT_SHARES:
        sport = draw(every_sport, round(share * n_titles), chance)
        samples[f"{len(sport):,} of sport"] = sport + draw(first_news["title"], n_titles - len(sport), chance)
    return samples


def read_year(file: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the headlines of a year: those that are no sport, and those that are."""
    frame = pq.read_table(file, columns=["published_et", "title"]).to_pandas()
    frame["published_et"] = pd.to_datetime(frame["published_et"])
    is_sport = frame["title"].str.contains(SPORT)
    return frame[~is_sport], frame[is_sport]


def draw(titles: pd.Series, n_titles: int, chance: np.random.Generator) -> list[str]:
    places = chance.choice(len(titles), size=min(n_titles, len(titles)), replace=False)
    return titles.iloc[places].map(clean_text).tolist()


def make_sample(titles: Sequence[str], number: int, classifier: Classifier, encoding: Encoding) -> WeekSample:
    probabilities = classifier.probabilities(titles)
    return WeekSample(
        week=date(2007, 1, 1) + number * timedelta(days=7),
        n_items=len(titles),
        n_unread=0,
        polarity=(probabilities[:, 2] - probabilities[:, 0]).astype(float),
        length=np.array([len(title) for title in titles], dtype=float),
        pieces=count_pieces(encoding, titles),
    )


if __name__ == "__main__":
    main()
