"""Labelled comments as the three files that training reads."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from roomtone.data.corpora.split import SPLITS, assign_splits
from roomtone.data.duplicates import TextKeys, fold
from roomtone.data.streams.spreadsheet import harmless
from roomtone.errors import DataError
from roomtone.files import write_bytes
from roomtone.labels import SENTIMENT
from roomtone_site.comments.held_out import SHARE, drawn_places
from roomtone_site.comments.models import Source, YouTubeComment
from roomtone_site.ownership import OwnedQuerySet

COLUMNS = ("text", "label")


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes
    ----------
    files : dict of str to Path
        The file of each split that has rows.
    counts : dict of str to Counter
        Rows of each label, for each of those splits.
    left_out : int
        Labelled comments that came from YouTube's API and were not asked for.
    """

    files: dict[str, Path]
    counts: dict[str, Counter[str]]
    left_out: int

    def warnings(self) -> list[str]:
        """Say which files lack a label."""
        return [
            f"{split}.csv has no {label} row; label more comments before you train on it"
            for split, counts in self.counts.items()
            for label in SENTIMENT
            if not counts[label]
        ]


def parse_shares(text: str) -> tuple[float, float, float]:
    """Read shares such as ``70/15/15``, in percent or as parts of 1; the last may be left out.

    Raises
    ------
    DataError
        If they are no shares of a whole, or none is left to train on.
    """
    try:
        shares = [float(part) for part in text.split("/")]
    except ValueError:
        shares = []
    total = sum(shares)
    if not (
        2 <= len(shares) <= 3
        and all(0 <= share <= total for share in shares)
        and shares[0] > 0
        and (abs(total - 1) < 1e-6 or abs(total - 100) < 1e-4)
    ):
        raise DataError(
            f"--split: found {text!r}, expected the shares of train, val and test that make up "
            "100, such as 70/15/15 or 80/20"
        )
    train, val, *test = (share / total for share in shares)
    return train, val, test[0] if test else 0.0


def export_labelled(
    comments: OwnedQuerySet,
    output_dir: str | Path,
    *,
    shares: Sequence[float] = (0.70, 0.15, 0.15),
    by_video: bool = False,
    with_api_data: bool = False,
    safe: bool = False,
    held_out: bool = False,
    seed: int = 42,
) -> Exported:
    """Write the labelled ones among some comments as ``train.csv``, ``val.csv`` and ``test.csv``.

    Each file has its share of each label, and comments with the same text are in the same one,
    as in `roomtone.data.corpora`.

    Parameters
    ----------
    comments : queryset of YouTubeComment
        Where to look.
    output_dir : str or Path
        Where the files go, over older ones; a file whose share is 0 is not written.
    shares : sequence of float, length 3
        Of train, val and test; they make up 1.
    by_video : bool
        Keep each video's comments in one file, so that a test is on videos that are new. Videos
        that share a text are then in the same one, too.
    with_api_data : bool
        Whether comments that came from YouTube's API count, whose terms do not let copies grow
        old.
    safe : bool
        Put an apostrophe before what a spreadsheet program would run as a formula. The text that
        a model learns from is then another, by that character.
    held_out : bool
        Put into the test file the comments that the site judges models by, about three in ten,
        and no others; train and val share the rest as their shares are to each other. A model
        that is trained on these files can then be compared here with others.
    seed : int
        Of the drawing.

    Raises
    ------
    DataError
        If both `by_video` and `held_out` are asked for, there is no labelled comment, a file cannot
        be written, or an older one that would not be replaced lies there: its rows could be in
        the new ones.
    """
    if by_video and held_out:
        raise DataError(
            "--held_out goes by the words of a comment and --by_video by its video; choose one"
        )
    labelled = comments.filter(sentiment__isnull=False).order_by("pk")
    # Those that a file brought to a video of YouTube's were never fetched, and are the user's own.
    of_api = labelled.filter(video__source=Source.API, fetched_at__isnull=False)
    left_out = 0 if with_api_data else of_api.count()
    if not with_api_data:
        labelled = labelled.exclude(video__source=Source.API, fetched_at__isnull=False)
    rows = list(labelled.values_list("text", "sentiment", "video_id"))
    if not rows:
        also = f"; {left_out:,} from YouTube's API are left out" if left_out else ""
        raise DataError(
            f"there is no labelled comment to export{also}. Label some on the site, or import "
            "rows with a label"
        )
    texts, codes, videos = zip(*rows, strict=True)
    keys = list(fold(texts))
    if by_video:
        keys = _connected(keys, videos)
    if held_out:
        splits = _around_held_out(texts, codes, keys, shares, seed)
    else:
        splits = assign_splits(codes, keys, seed=seed, fractions=shares)
    order = np.random.default_rng(seed).permutation(len(rows))
    chosen = {name: order[splits[order] == number] for number, name in enumerate(SPLITS)}
    return _write(Path(output_dir), chosen, rows, safe=safe, left_out=left_out)


def _around_held_out(
    texts: Sequence[str],
    codes: Sequence[int],
    keys: Sequence[str],
    shares: Sequence[float],
    seed: int,
) -> NDArray[np.int64]:
    splits = np.full(len(texts), SPLITS.index("test"))
    rest: list[int] = np.flatnonzero(drawn_places(TextKeys.of(texts)) >= SHARE).tolist()
    learning = [share / sum(shares[:2]) for share in shares[:2]]
    splits[rest] = assign_splits(
        [codes[row] for row in rest], [keys[row] for row in rest], seed=seed, fractions=learning
    )
    return splits


def _connected(texts: Sequence[str], videos: Sequence[int]) -> list[str]:
    """Give rows one key that share a text or a video, or are connected by a chain of such rows."""
    kinds = [np.unique(np.asarray(values), return_inverse=True)[1] for values in (texts, videos)]
    ends = (kinds[0], kinds[1] + len(texts))  # numbers of texts, and of videos after them
    edges = coo_array((np.ones(len(texts), bool), ends), shape=(2 * len(texts),) * 2)
    groups = connected_components(edges, directed=False)[1]
    return [str(group) for group in groups[ends[0]]]


def _write(
    folder: Path,
    chosen: dict[str, NDArray[np.int64]],
    rows: list[tuple[str, int, int]],
    *,
    safe: bool,
    left_out: int,
) -> Exported:
    files, counts = {}, {}
    for split, places in chosen.items():
        if not len(places) and (folder / f"{split}.csv").exists():
            raise DataError(
                f"{folder / f'{split}.csv'} is there from before, and this export has no such "
                "file; remove it, or choose another folder: its rows could be in the new files"
            )
    for split, places in chosen.items():
        path = folder / f"{split}.csv"
        if not len(places):
            continue
        pairs = [(rows[place][0], SENTIMENT[rows[place][1]]) for place in places]
        write_bytes(path, _table(pairs, safe=safe))
        files[split], counts[split] = path, Counter(label for _, label in pairs)
    return Exported(files, counts, left_out)


def _table(pairs: list[tuple[str, str]], *, safe: bool) -> bytes:
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((harmless(text) if safe else text, label) for text, label in pairs)
    return table.getvalue().encode("utf-8", "replace")


def labelled_comments(owner: object | None) -> OwnedQuerySet:
    """Return the comments of one account, or of all."""
    everything = YouTubeComment.objects.all()
    return everything if owner is None else everything.owned_by(owner)
