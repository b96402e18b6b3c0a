"""From the CSV files of a configuration to encoded data sets, loaders and a data report."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from roomtone.config import Config
from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import CSVSentimentDataset, SentimentDataset
from roomtone.data.report import DataReport, data_report
from roomtone.data.tables import LabelledTexts, read_table
from roomtone.errors import CheckpointError
from roomtone.files import write_json
from roomtone.labels import LabelScheme
from roomtone.text import Vocabulary, frequent_words
from roomtone.training.console import Console
from roomtone.training.run_folder import RunFolder


@dataclass(frozen=True)
class Prepared:
    """What training needs of the data.

    Attributes
    ----------
    vocabulary : Vocabulary
        Built from the training texts alone, or loaded.
    vocabulary_sha256 : str
        Of the vocabulary's JSON file.
    datasets : dict of str to CSVSentimentDataset
        ``"train"``, ``"val"`` and, where there is one, ``"test"``.
    loaders : dict of str to BatchLoader
        One for each data set; the training one shuffles.
    report : DataReport
        Balance, lengths, duplicates, leakage, warnings.
    """

    vocabulary: Vocabulary
    vocabulary_sha256: str
    datasets: dict[str, CSVSentimentDataset]
    loaders: dict[str, BatchLoader]
    report: DataReport

    @property
    def hashes(self) -> dict[str, str]:
        """The sha256 of each file."""
        return {split: data.source.sha256 for split, data in self.datasets.items()}


def prepare(
    config: Config, scheme: LabelScheme, folder: RunFolder, console: Console, *, resumed: bool
) -> Prepared:
    """Read the files, build or load the vocabulary, encode, report.

    Raises
    ------
    DataError
        If a file cannot be used.
    CheckpointError
        If a vocabulary file cannot be used.
    """
    console.say("", "Loading Data from CSV Files")
    existing = folder.vocabulary_json if resumed else config.vocab_path
    if existing is None:
        console.say(f"Building vocabulary from {config.train_csv}...")
    tables = {
        split: read_table(path, config, scheme) for split, path in split_files(config).items()
    }
    vocabulary = obtain_vocabulary(existing, tables["train"], config, console)
    if existing != folder.vocabulary_json:
        vocabulary.save(folder.vocabulary)
        console.say(f"✅ Saved vocabulary to {folder.vocabulary}")
    datasets = {}
    for split, table in tables.items():
        datasets[split] = CSVSentimentDataset(table, vocabulary, config.data.max_len, scheme=scheme)
        console.say(f"✅ Loaded {len(table.texts)} samples from {table.path}")
        console.say(f"   Label distribution: {table.label_counts}")
    loaders = {
        split: batch_loader(data, config, shuffle=split == "train")
        for split, data in datasets.items()
    }
    console.say("", "✅ DataLoaders created:", f"   Train batches: {len(loaders['train'])}")
    console.say(f"   Val batches:   {len(loaders['val'])}")
    report = data_report(
        tables,
        vocabulary,
        {split: data.encoded for split, data in datasets.items()},
        max_len=config.data.max_len,
        labels=scheme,
    )
    _publish(report, tables, folder, console)
    digest = sha256(folder.vocabulary_json.read_bytes()).hexdigest()
    return Prepared(vocabulary, digest, datasets, loaders, report)


def split_files(config: Config) -> dict[str, Path]:
    """Name the file of each split; the test split only where there is one."""
    files = {"train": config.train_csv, "val": config.val_csv}
    return files if config.test_csv is None else {**files, "test": config.test_csv}


def obtain_vocabulary(
    existing: Path | None, train: LabelledTexts, config: Config, console: Console
) -> Vocabulary:
    """Load a vocabulary, or build it from the training texts alone.

    Raises
    ------
    CheckpointError
        If the file cannot be used, or holds more tokens than the model has room for.
    """
    if existing is not None:
        vocabulary = Vocabulary.load(existing)
        if vocabulary.learned > config.model.vocab_size:
            raise CheckpointError(
                f"{existing} holds {vocabulary.learned} tokens, but model.vocab_size is "
                f"{config.model.vocab_size}; raise it with --vocab_max_size {vocabulary.learned}"
            )
        console.say(f"✅ Loaded vocabulary with {len(vocabulary)} tokens from {existing}")
    else:
        vocabulary = Vocabulary(config.data.vocab_max_size, config.data.vocab_min_freq)
        vocabulary.build_from_texts(train.texts)
        console.say(f"✅ Built vocabulary with {len(vocabulary)} tokens")
        _add_pretrained_words(vocabulary, config, console)
    return vocabulary


def _add_pretrained_words(vocabulary: Vocabulary, config: Config, console: Console) -> None:
    """Let the vocabulary know words that have a vector but occur in other texts only."""
    settings = config.embeddings
    if not settings.extra_words or settings.type == "none":
        return
    if settings.path is not None and settings.path.is_file():
        vocabulary.extend(frequent_words(settings.path, settings.extra_words))
        console.say(f"✅ Added {vocabulary.extra} words from {settings.path}")


def batch_loader(dataset: SentimentDataset, config: Config, *, shuffle: bool) -> BatchLoader:
    """Draw batches as the configuration says."""
    return BatchLoader(
        dataset,
        config.training.batch_size,
        shuffle=shuffle,
        seed=config.seed,
        num_workers=config.num_workers,
    )


def _publish(
    report: DataReport, tables: dict[str, LabelledTexts], folder: RunFolder, console: Console
) -> None:
    """Print the report, and write it and every rejected row beside the model."""
    console.say("", *report.lines())
    if console.quiet:
        for warning in report.warnings:
            console.warn(warning)
    write_json(folder.data_report, report.to_dict())
    rejected = {
        split: [{"line": row.line, "reason": row.reason} for row in table.rejected]
        for split, table in tables.items()
    }
    write_json(folder.rejected, rejected)
