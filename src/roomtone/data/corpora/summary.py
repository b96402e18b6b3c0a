"""What a built corpus holds, and the note about its origin that lies beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from roomtone.data.corpora.split import SPLITS
from roomtone.data.fetch import Package
from roomtone.labels import SENTIMENT

Counts = Mapping[str, Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True)
class CorpusSummary:
    """The result of building a corpus.

    Attributes
    ----------
    output_dir : Path
        Where ``train.csv``, ``val.csv``, ``test.csv`` and ``SOURCE.md`` lie.
    threshold : float
        Ratings from ``-threshold`` to ``threshold``, both included, are neutral.
    seed : int
        Seed of the split.
    counts : mapping
        Rows by split, source and label: ``counts["train"]["tweets"]["neutral"]``.
    already_there : bool
        Whether the files were found as wanted, so that nothing was written.
    """

    output_dir: Path
    threshold: float
    seed: int
    counts: Counts
    already_there: bool = False

    @property
    def files(self) -> dict[str, Path]:
        """The CSV file of each split."""
        return {split: self.output_dir / f"{split}.csv" for split in SPLITS}

    def table(self) -> Iterator[tuple[str, str, tuple[int, ...]]]:
        """Yield the lines of a table, with a total after each split's sources.

        Yields
        ------
        tuple
            Split, source (or ``"all"``), and rows by label in the order of
            ``roomtone.labels.SENTIMENT``.
        """
        for split in SPLITS:
            by_source = self.counts[split]
            lines = [tuple(row[label] for label in SENTIMENT) for row in by_source.values()]
            yield from zip([split] * len(lines), by_source, lines, strict=True)
            yield split, "all", tuple(map(sum, zip(*lines, strict=True)))


_NOTE = """\
# Where this corpus comes from

Sentences in English that people rated for sentiment, from -4 (most negative) to 4 (most
positive); `mean_rating` is the mean of about 20 ratings (15 to 99).

- Source: `{archive}`, the source package of {name} {version}, in it
  `additional_resources/hutto_ICWSM_2014.tar.gz`; sha256 of the package:
  `{sha256}`.
- Licence: the package is under the MIT licence. The sentences were taken from tweets, film
  reviews, product reviews and newspaper editorials, whose authors may hold rights in them:
  check before you republish the text.
- Please cite: Hutto, C.J. & Gilbert, E.E. (2014). VADER: A Parsimonious Rule-based Model for
  Sentiment Analysis of Social Media Text. Eighth International Conference on Weblogs and Social
  Media (ICWSM-14). Ann Arbor, MI.

## How it was made

    roomtone corpus vader --output_dir DIR --threshold {threshold} --seed {seed}

- `label`: negative where `mean_rating` < -{threshold}, positive where it is > {threshold}, else
  neutral (so -{threshold} and {threshold} themselves are neutral).
- Split: 70 % train, 15 % val, 15 % test, stratified by source and label. Texts that differ only
  in case, punctuation, blanks and markup, or in links and user names, are duplicates, as in
  roomtone's data report: all of them are in the same split, and none is removed.
- Text: decoded as UTF-8, HTML entities resolved, outer blanks removed; otherwise as published.
- This command writes the files anew when they differ from what it wrote. Edit copies.

## Rows

| split | source | {labels} | total |
| --- | --- |{rules} ---: |
{rows}
"""


def source_note(summary: CorpusSummary, package: Package) -> str:
    """Write the text of ``SOURCE.md``: origin, licence, citation, settings and counts.

    Parameters
    ----------
    summary : CorpusSummary
        The corpus that was built.
    package : Package
        The archive that it was read from.

    Returns
    -------
    str
        Markdown; it depends on the settings and the data alone.
    """
    rows = [
        " | ".join([f"| {split}", source, *map(str, counts), f"{sum(counts)} |"])
        for split, source, counts in summary.table()
    ]
    return _NOTE.format(
        name=package.name,
        version=package.version,
        archive=package.archive,
        sha256=package.sha256,
        threshold=summary.threshold,
        seed=summary.seed,
        labels=" | ".join(SENTIMENT),
        rules=" ---: |" * len(SENTIMENT),
        rows="\n".join(rows),
    )
