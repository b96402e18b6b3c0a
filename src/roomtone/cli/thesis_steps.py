"""The steps of `roomtone thesis`, each a verb with its arguments and the file that it leaves."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MODELS = "logreg,svm,tfidf,hybrid_dl,ensemble"
SIZES = "0.1,0.25,0.5,all"
RUN = "hybrid"
VECTORS, DIMENSIONS = "glove.100d.txt", "100"


@dataclass(frozen=True)
class Step:
    """One verb of the sequence.

    Attributes
    ----------
    name : str
        What it is called on the command line.
    title : str
        What it does.
    arguments : tuple of str
        The verb and its arguments.
    result : Path
        The file that is there once it is finished.
    reads : tuple of Path
        Files that it depends on; it is out of date where one of them is newer than its result.
    folder : Path or None
        A folder of its own, in which an unfinished run is gone on with.
    needed : bool
        Whether nothing goes on without it.
    """

    name: str
    title: str
    arguments: tuple[str, ...]
    result: Path
    reads: tuple[Path, ...] = ()
    folder: Path | None = None
    needed: bool = True


def steps(args: argparse.Namespace) -> Iterator[Step]:
    """Yield all steps in their order; what comes later may look at what the earlier ones left."""
    root: Path = args.output_dir
    data = Files(args)
    if args.train_csv is None:
        words = ("corpus", "vader", "--output_dir", str(root / "data"))
        yield Step("corpus", "Getting the demo corpus", words, data.test)
    vectors = root / "vectors" / VECTORS
    if args.glove_path is None:
        words = ("vectors", "glove-100d", "--output_dir", str(vectors.parent))
        yield Step("vectors", "Getting word vectors", words, vectors, needed=False)
    yield Step(
        "audit",
        "Auditing the data",
        ("audit", *map(str, data.all), "--output_dir", str(root / "audit")),
        root / "audit" / "audit.json",
        reads=data.all,
    )
    settings = ("--config", str(args.config), *_vectors(args, vectors))
    two = ("--train_csv", str(data.train), "--val_csv", str(data.val))
    crossval, curve = root / "crossval", root / "learning_curve"
    yield Step(
        "crossval",
        f"Cross-validating {args.models.replace(',', ', ')}",
        (
            *("crossval", *settings, *two, "--models", args.models, "--folds", args.folds),
            *("--output_dir", str(crossval)),
        ),
        crossval / "crossval.json",
        reads=(data.train, data.val, args.config),
    )
    three = (*two, "--test_csv", str(data.test))
    yield Step(
        "learning-curve",
        "Training on growing parts of the rows",
        (
            *("learning-curve", *settings, *three, "--models", "hybrid_dl,logreg"),
            *("--sizes", SIZES, "--seeds", str(args.curve_seeds)),
            *("--output_dir", str(root), "--experiment_name", curve.name),
        ),
        curve / "learning_curve.json",
        reads=(*data.all, args.config),
        needed=False,
    )
    yield Step(
        "train",
        "Training the hybrid once, tested on the test rows",
        (
            *("train", *settings, *three, "--output_dir", str(root), "--experiment_name", RUN),
            *("--tensorboard_dir", str(root / "runs")),
        ),
        root / RUN / "report.html",
        reads=(*data.all, args.config),
        folder=root / RUN,
    )
    yield Step(
        "explain",
        f"Explaining its answers to {args.explained} test rows",
        (
            *("explain", str(root / RUN), "--test_csv", str(sample_path(root))),
            *("--output_dir", str(root / "explanations")),
        ),
        root / "explanations" / "explained.json",
        reads=(root / RUN / "final_model.pt",),
        needed=False,
    )
    found = (crossval, *(place for place in (curve,) if (place / "learning_curve.json").is_file()))
    yield Step(
        "report",
        "Writing the report",
        ("report", *map(str, found), "--output_dir", str(root / "report")),
        root / "report" / "report.html",
        reads=(
            crossval / "crossval.json",
            *(place / "learning_curve.json" for place in found[1:]),
        ),
    )


class Files:
    """The three files of rows.

    Parameters
    ----------
    args : Namespace
        As parsed.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        demo: Path = args.output_dir / "data"
        self.train, self.val, self.test = (
            getattr(args, f"{split}_csv") or demo / f"{split}.csv"
            for split in ("train", "val", "test")
        )

    @property
    def all(self) -> tuple[Path, Path, Path]:
        """All of them."""
        return self.train, self.val, self.test


def sample_path(root: Path) -> Path:
    """Name the file of the test rows that are explained."""
    return root / "explanations" / "rows.csv"


def write_sample(source: Path, target: Path, rows: int) -> None:
    """Write every so-manieth row of a CSV file, so that about `rows` of them are kept."""
    import csv
    import io

    from roomtone.files import write_bytes

    with source.open(encoding="utf-8-sig", newline="") as file:
        head, *body = csv.reader(file)
    stream = io.StringIO()
    table = csv.writer(stream)
    table.writerow(head)
    table.writerows(body[:: max(1, -(-len(body) // rows))])
    write_bytes(target, stream.getvalue().encode("utf-8"))


def _vectors(args: argparse.Namespace, fetched: Path) -> tuple[str, ...]:
    """Name the settings for word vectors, where there are any."""
    if args.glove_path is not None:
        return ("--glove_path", str(args.glove_path))
    if fetched.is_file():
        return ("--glove_path", str(fetched), "--embedding_dim", DIMENSIONS)
    return ("--freeze_epochs", "0")
