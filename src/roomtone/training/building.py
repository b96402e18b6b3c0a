"""Building the network of a configuration: starting values, vectors, transfer, freezing."""

from __future__ import annotations

from typing import Any

from roomtone.config import Config, label_scheme
from roomtone.nets import HybridNetwork, initialise, load_vectors
from roomtone.text import EMPTY, Vocabulary, read_vectors
from roomtone.training.console import Console
from roomtone.training.optimisation import freeze
from roomtone.training.seeds import INITIALISATION, generator
from roomtone.training.transfer import start_from

LOW_COVERAGE = 0.5


def build_network(
    config: Config, vocabulary: Vocabulary, console: Console, *, fresh: bool
) -> tuple[HybridNetwork, dict[str, Any] | None]:
    """Build the network that a run trains, on the processor.

    Parameters
    ----------
    config : Config
        Sizes, vectors, what to start from, what to freeze.
    vocabulary : Vocabulary
        Decides the rows of the embedding.
    console : Console
        Where to say what happens.
    fresh : bool
        Load vectors and weights to start from; not needed where a checkpoint follows.

    Returns
    -------
    tuple
        The network, and a description of the pretrained vectors or None.

    Raises
    ------
    RoomtoneError
        If the vectors or the weights to start from cannot be used.
    """
    network = HybridNetwork(config.model, vocabulary.learned, vocabulary.extra)
    if network.subwords is not None:
        network.subwords.spell(vocabulary.id_to_token, special=EMPTY + 1)
    initialise(network, generator(config.seed, INITIALISATION))
    if not config.embeddings.trainable:
        network.embedding.weight.requires_grad_(False)
    frozen = freeze(network, config.training.freeze)
    parameters = list(network.parameters())
    console.say(
        "",
        "✅ Model created",
        f"   Total parameters: {sum(p.numel() for p in parameters):,}",
        f"   Trainable parameters: {sum(p.numel() for p in parameters if p.requires_grad):,}",
    )
    if frozen:
        console.say(f"   Frozen: {', '.join(config.training.freeze)} ({len(frozen)} tensors)")
    if not fresh:
        return network, None
    vectors = _load_vectors(config, network, vocabulary, console)
    if config.init_from is not None:
        names = label_scheme(config).names
        console.say("", *start_from(network, vocabulary, names, config.init_from))
    elif vectors is None:
        _warn_of_fixed_noise(config, console)
    return network, vectors


def _warn_of_fixed_noise(config: Config, console: Console) -> None:
    """Say so where word vectors are kept as they are although none were loaded."""
    for key, fixed, remedy in (
        ("embeddings.trainable", not config.embeddings.trainable, "true"),
        ("training.freeze_epochs", config.training.freeze_epochs > 0, "0 (--freeze_epochs 0)"),
    ):
        if fixed:
            console.warn(
                f"{key} keeps random word vectors fixed, since none were loaded; give a file "
                f"of vectors (--glove_path), or set it to {remedy}"
            )


def _load_vectors(
    config: Config, network: HybridNetwork, vocabulary: Vocabulary, console: Console
) -> dict[str, Any] | None:
    settings = config.embeddings
    if settings.type == "none" or settings.path is None:
        console.say("", "   Word vectors start at random")
        return None
    name = {"glove": "GloVe", "word2vec": "word2vec"}[settings.type]
    if not settings.path.is_file():
        console.warn(
            f"No {name} file at {settings.path}: word vectors start at random. "
            "Set embeddings.path (--glove_path) to a file, or embeddings.type to none; "
            "`roomtone vectors glove-100d` fetches one"
        )
        return None
    console.say("", f"Loading {name} embeddings from: {settings.path}")
    vectors = read_vectors(settings.path, vocabulary, settings.dim)
    load_vectors(network, vectors.matrix, vectors.found)
    console.say(
        f"✅ {name} embeddings loaded",
        f"   Vocabulary coverage: {vectors.types_coverage:.2%}",
        f"   Token coverage: {vectors.tokens_coverage:.2%}",
    )
    if vectors.types_coverage < LOW_COVERAGE:
        console.warn(
            f"Only {vectors.types_coverage:.1%} of the vocabulary has a vector: use a larger file, "
            "in the language of the texts, and leave embeddings.trainable at true"
        )
    return {
        "file": settings.path.name,
        "sha256": vectors.sha256,
        "dim": settings.dim,
        "types_coverage": vectors.types_coverage,
        "tokens_coverage": vectors.tokens_coverage,
    }
