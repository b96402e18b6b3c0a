"""Weights of a finished run carry over: word by word, part by part, or with a clear refusal."""

import json

import pytest
import torch

from roomtone.errors import CheckpointError, ConfigError
from roomtone.text import Vocabulary
from roomtone.training.files import load_tensors, save_tensors
from roomtone.training.transfer import load_model_file


@pytest.fixture(scope="module")
def other_corpus(tmp_path_factory, make_corpus, write_csv):
    """Texts with some words of the shared corpus and some of their own."""
    folder = make_corpus(tmp_path_factory.mktemp("other"), train=30, val=12, seed=9)
    rows = [(f"lovely dreadful okay zebra{row % 4}", "neutral") for row in range(12)]
    rows += [("boring quagga", "negative"), ("superb okapi", "positive")] * 6
    write_csv(folder / "train.csv", rows, ("text", "label"))
    return folder


@pytest.fixture(scope="module")
def two_classes(tmp_path_factory, write_csv):
    folder = tmp_path_factory.mktemp("two")
    rows = [("lovely video", "good"), ("dreadful song", "bad")] * 10
    for split in ("train", "val", "test"):
        write_csv(folder / f"{split}.csv", rows, ("text", "label"))
    return folder


@pytest.fixture
def finished(train):
    outcome, _ = train(experiment_name="source", training__max_epochs=1)
    return outcome.folder


def model_of(folder):
    return load_tensors(folder.final_model, kind="model")["model_state_dict"]


def test_all_weights_are_copied_and_the_vectors_of_the_words_that_both_know(
    finished, train, configure, other_corpus
):
    parts = ["embedding", "cnn", "bilstm", "attention", "pooling", "classifier.0"]
    config = configure(
        other_corpus, init_from=finished.root, experiment_name="b", training__freeze=parts
    )
    outcome, _ = train(config)
    old, new = model_of(finished), model_of(outcome.folder)
    for name in old:
        if name.startswith(tuple(parts[1:])):
            assert torch.equal(old[name], new[name]), name
    _, before = load_model_file(finished.root)
    after = Vocabulary.load(outcome.folder.vocabulary)
    copied = {
        word
        for word, row in after.token_to_id.items()
        if word in before
        and torch.equal(
            new["embedding.weight"][row], old["embedding.weight"][before.token_to_id[word]]
        )
    }
    assert copied == {word for word in after.token_to_id if word in before}
    assert {"lovely", "dreadful", "superb"} < copied
    assert "quagga" in after
    assert "quagga" not in before


@pytest.mark.parametrize("name", ["", "final_model.pt"])
def test_the_run_says_what_it_copied_and_takes_the_folder_or_the_file(
    finished, train, other_corpus, configure, name
):
    _, said = train(configure(other_corpus, init_from=finished.root / name, experiment_name="b"))
    assert f"✅ Weights copied from {finished.root / name}" in said
    assert "Vectors shared: " in said


def test_another_number_of_classes_keeps_all_but_the_last_layer(
    finished, train, configure, two_classes
):
    config = configure(
        two_classes,
        init_from=finished.root,
        experiment_name="two",
        model__num_classes=2,
        data__label_map={"bad": 0, "good": 1},
        training__max_epochs=1,
        training__freeze=["cnn", "bilstm", "attention", "pooling", "classifier.0"],
    )
    outcome, said = train(config)
    assert "The last layer starts anew for: bad, good" in said
    old, new = model_of(finished), model_of(outcome.folder)
    for name in old:
        same = old[name].shape == new[name].shape and torch.equal(old[name], new[name])
        assert same == (not name.startswith(("embedding", "classifier.3"))), name


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"model__cnn__num_filters": 5},
            r"cnn\.convs\.0\.weight: \[8, 16, 2\] there, \[5",
        ),
        (
            {"model__embedding_dim": 8},
            r"embedding\.weight: \[tokens, 16\] there",
        ),
        ({"model__bilstm__num_layers": 2}, r"bilstm\.ahead\.1\.weight_ih_l0: absent there"),
        (
            {"model__classifier__hidden_sizes": [16, 8], "model__classifier__dropout": [0, 0]},
            r"classifier\.6\.weight: absent there, \[classes, 8\] here",
        ),
        (
            {"model__classifier__hidden_sizes": [], "model__classifier__dropout": []},
            r"classifier\.3\.weight: \[classes, 16\] there, absent here",
        ),
        ({"model__attention__num_heads": 4}, "attention heads: 2 there, 4 here"),
        ({"model__attention__enabled": False}, "attention heads: 2 there, 0 here"),
    ],
)
def test_another_architecture_is_refused_with_the_sizes_that_differ(
    finished, train, configure, changes, expected
):
    config = configure(init_from=finished.root, experiment_name="refused", **changes)
    with pytest.raises(CheckpointError, match=expected):
        train(config)
    assert not (config.output_dir / "refused").exists()


def test_a_run_without_a_model_is_refused(finished, train, configure):
    finished.final_model.unlink()
    with pytest.raises(ConfigError, match=r"init_from: expected a finished run: no file .*model"):
        train(configure(init_from=finished.root, experiment_name="b"))


def test_classes_are_matched_by_name_and_not_by_code(finished, train, configure):
    """A model that calls its classes in another order must not call good texts bad."""
    config = configure(
        init_from=finished.root,
        experiment_name="reordered",
        data__label_map={"positive": 0, "neutral": 1, "negative": 2},
        training__freeze=["cnn", "bilstm", "attention", "pooling", "classifier"],
        training__max_epochs=1,
    )
    outcome, said = train(config)
    old, new = model_of(finished), model_of(outcome.folder)
    for part in ("weight", "bias"):
        assert torch.equal(old[f"classifier.3.{part}"].flip(0), new[f"classifier.3.{part}"])
    assert "starts anew" not in said


def test_a_vocabulary_of_another_run_is_refused(finished, train, configure):
    """Word vectors on the wrong words would look like a model, and be noise."""
    content = json.loads(finished.vocabulary_json.read_text(encoding="utf-8"))
    content["tokens"][3:] = content["tokens"][:2:-1]
    finished.vocabulary_json.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(CheckpointError, match="is not the vocabulary that"):
        train(configure(init_from=finished.root, experiment_name="b"))


@pytest.mark.parametrize("fact", ["model", "class_names", "vocabulary_sha256", "model_state_dict"])
def test_a_model_file_without_one_of_its_facts_is_refused(finished, fact):
    content = load_tensors(finished.final_model, kind="model")
    del content[fact]
    save_tensors(finished.final_model, content)
    with pytest.raises(CheckpointError, match=f"holds no {fact}"):
        load_model_file(finished.root)


def test_vectors_that_are_fixed_though_none_were_loaded_draw_a_warning(train):
    _, said = train(embeddings__trainable=False, training__max_epochs=1)
    assert "embeddings.trainable keeps random word vectors fixed" in said


def test_frozen_parts_keep_their_bytes_and_all_others_move(finished, train, configure):
    outcome, said = train(
        configure(
            init_from=finished.root,
            experiment_name="frozen",
            training__freeze=["embedding", "cnn"],
        )
    )
    assert "Frozen: embedding, cnn" in said
    old, new = model_of(finished), model_of(outcome.folder)
    for name in old:
        assert torch.equal(old[name], new[name]) == name.startswith(("embedding", "cnn")), name


def test_a_word_that_fits_no_part_is_refused(train, configure):
    with pytest.raises(ConfigError, match=r"found 'embeding'.*did you mean 'embedding'"):
        train(configure(training__freeze=["embeding"]))


def test_word_vectors_fixed_for_an_epoch_move_in_the_next(configure, make_trainer):
    config = configure(training__freeze_epochs=1, training__max_epochs=2)
    seen = []

    class Copier:
        def epoch_ends(self, trainer, result):
            seen.append(trainer.network.embedding.weight.detach().clone())

        def __getattr__(self, event):
            return lambda *details: None

    trainer = make_trainer(config, None, Copier())
    seen.append(trainer.network.embedding.weight.detach().clone())
    trainer.train()
    before, first, second = seen
    assert torch.equal(before, first)
    assert not torch.equal(first, second)


def test_words_and_subwords_beyond_the_training_texts_carry_over_too(train, tmp_path):
    vectors = tmp_path / "vectors.txt"
    words = ["lovely", "glorious", "zany"]
    lines = [f"{word} {' '.join([f'0.{place + 1}'] * 16)}" for place, word in enumerate(words)]
    vectors.write_text("\n".join(lines), encoding="utf-8")
    settings = {
        "embeddings__path": vectors,
        "embeddings__dim": 16,
        "embeddings__extra_words": 10,
        "model__subwords__buckets": 300,
        "training__max_epochs": 1,
    }
    first, _ = train(experiment_name="first", **settings)
    second, _ = train(
        experiment_name="second",
        init_from=first.folder.root,
        training__freeze=["subwords"],
        **settings,
    )
    old, new = model_of(first.folder), model_of(second.folder)
    assert old["extra.vectors"].abs().sum() > 0
    assert old["subwords.weight"].abs().sum() > 0
    for name in ("extra.vectors", "subwords.weight", "subwords.runs"):
        assert torch.equal(old[name], new[name]), name
    assert Vocabulary.load(second.folder.vocabulary).id_to_token[-2:] == ["glorious", "zany"]
