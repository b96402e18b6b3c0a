from __future__ import annotations

import copy
import json
import signal

import numpy as np
import pytest
import torch
from sklearn.metrics import cohen_kappa_score, confusion_matrix, f1_score
from torch import nn, optim

from roomtone.config import Config, load_config
from roomtone.data.batches import BatchLoader
from roomtone.errors import ConfigError
from roomtone.guide import (
    HybridCNNBiLSTM,
    HybridDLTrainer,
    SentimentDataset,
    Vocabulary,
    create_k_fold_loaders,
)
from roomtone.training.loop import Trainer

WORDS = {"negative": "bad awful poor", "neutral": "plain usual fair", "positive": "good great fine"}
TEXTS = [f"{a} {b}" for words in WORDS.values() for a in words.split() for b in words.split()] * 2
LABELS = [label for label, words in WORDS.items() for _ in range(len(words.split()) ** 2)] * 2


@pytest.fixture
def vocab() -> Vocabulary:
    return Vocabulary(min_freq=1).build_from_texts(TEXTS)


@pytest.fixture
def loaders(vocab) -> tuple[BatchLoader, BatchLoader]:
    dataset = SentimentDataset(TEXTS, LABELS, vocab)
    return create_k_fold_loaders(dataset, n_folds=3, fold_index=0, batch_size=6)


@pytest.fixture
def model(vocab) -> HybridCNNBiLSTM:
    return HybridCNNBiLSTM(
        len(vocab),
        8,
        num_filters=4,
        hidden_size=4,
        num_layers=1,
        num_heads=2,
        classifier_hidden=(8,),
        classifier_dropout=(0.1,),
    )


def trainer(model, loaders, **keywords) -> HybridDLTrainer:
    settings = {"threads": 1, "device": "cpu", "quiet": True, "max_epochs": 2, **keywords}
    return HybridDLTrainer(model, *loaders, **settings)


def weights(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def test_it_learns_and_gives_back_the_history(model, loaders):
    learning = trainer(
        model, loaders, max_epochs=12, learning_rate=0.02, early_stopping_patience=12
    )
    history = learning.train()
    assert history is learning.history
    assert {len(values) for values in history.values()} == {12}
    assert {"train_loss", "train_f1_macro", "val_loss", "val_f1_macro"} <= history.keys()
    assert history["train_loss"][-1] < 0.5 * history["train_loss"][0]
    assert max(history["val_f1_macro"]) > 0.9


def test_the_weights_of_the_best_epoch_stay_in_the_model(model, loaders):
    other = copy.deepcopy(model)
    trainer(other, loaders, max_epochs=1).train()
    # No later epoch is better by 10, so that the first one is the best.
    trainer(model, loaders, config={"training": {"early_stopping": {"min_delta": 10.0}}}).train()
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True)
    )


def test_it_trains_as_the_loop_of_a_run_does(model, loaders):
    plain = copy.deepcopy(model)
    trainer(model, loaders, learning_rate=0.01, seed=3).train()
    config = Config.model_validate(
        {
            "model": model.config.model_dump(mode="json"),
            "training": {"max_epochs": 2, "learning_rate": 0.01, "batch_size": 6},
            "seed": 3,
        }
    )
    loop = Trainer(plain, *loaders, config, class_names=("negative", "neutral", "positive"))
    loop.train()
    loop.use_best()
    expected = plain.state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in model.state_dict().items())


def test_an_evaluation_agrees_with_scikit_learn(model, loaders):
    learning = trainer(model, loaders)
    found = learning.evaluate_on_test(loaders[1])
    model.eval()
    true, predicted = [], []
    for batch in loaders[1]:
        true += batch.labels.tolist()
        predicted += model(batch.input_ids).logits.argmax(dim=1).tolist()
    assert found["f1_macro"] == pytest.approx(f1_score(true, predicted, average="macro"))
    assert found["cohen_kappa"] == pytest.approx(cohen_kappa_score(true, predicted))
    assert found["confusion"] == confusion_matrix(true, predicted).tolist()
    per_class = dict(zip(WORDS, f1_score(true, predicted, average=None), strict=True))
    assert found["f1"] == pytest.approx(per_class)
    assert {"accuracy", "precision_macro", "recall_macro", "loss"} <= found.keys()
    json.dumps(found)


def test_an_optimiser_of_the_users_is_used_as_it_is(model, loaders):
    groups = [
        {"params": model.embedding.parameters(), "lr": 0.0},
        {"params": model.classifier.parameters(), "lr": 0.3},
    ]
    optimizer = optim.SGD(groups)
    before = weights(model)
    constant = {"training": {"lr_scheduler": {"type": "none"}}}
    trainer(model, loaders, optimizer=optimizer, config=constant, max_epochs=1).train()
    after = weights(model)
    moved = {name for name in after if not torch.equal(after[name], before[name])}
    assert moved == {name for name in after if name.startswith("classifier")}
    assert [group["lr"] for group in optimizer.param_groups] == [0.0, 0.3]


def test_the_schedule_takes_the_optimisers_rate_as_its_peak(model, loaders):
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    cosine = {"training": {"lr_scheduler": {"type": "cosine"}}}
    history = trainer(model, loaders, optimizer=optimizer, config=cosine, max_epochs=4).train()
    rates = history["learning_rate"]
    assert rates == sorted(rates, reverse=True)
    assert 0 < rates[-1] < 0.01 < rates[0] < 0.02
    assert optimizer.param_groups[0]["lr"] == pytest.approx(rates[-1])


def test_an_equal_optimiser_gives_equal_weights(model, loaders):
    other = copy.deepcopy(model)
    dense = {"embeddings": {"lazy": False}}
    trainer(model, loaders, config=dense, learning_rate=0.01, weight_decay=0.0).train()
    optimizer = optim.Adam(other.parameters(), lr=0.01, fused=True)
    trainer(other, loaders, optimizer=optimizer).train()
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True)
    )


def test_what_the_user_has_frozen_does_not_move(model, loaders):
    frozen = [model.embedding.weight, *model.cnn.parameters()]
    for parameter in frozen:
        parameter.requires_grad = False
    before = [parameter.clone() for parameter in frozen]
    moving = model.classifier[0].weight.clone()
    trainer(model, loaders).train()
    assert all(torch.equal(a, b) for a, b in zip(before, frozen, strict=True))
    assert not torch.equal(moving, model.classifier[0].weight)


@pytest.mark.parametrize("freeze_epochs", [0, 1])
def test_what_the_user_freezes_after_the_trainer_was_built_does_not_move(
    freeze_epochs, model, loaders
):
    learning = trainer(model, loaders, freeze_epochs=freeze_epochs)
    frozen = [model.embedding.weight, *model.cnn.parameters()]
    before = [parameter.requires_grad_(False).clone() for parameter in frozen]
    learning.train()
    assert all(torch.equal(a, b) for a, b in zip(before, frozen, strict=True))
    assert not any(parameter.requires_grad for parameter in frozen)


def test_word_vectors_fixed_at_first_move_later_also_after_an_interruption(
    model, loaders, monkeypatch
):
    # The training loss falls, so that the weights of the last epoch are those that stay.
    learning = trainer(model, loaders, freeze_epochs=1, early_stopping_monitor="train_loss")
    step, before = learning._loop._step, model.embedding.weight.clone()

    def interrupt(batch):
        monkeypatch.setattr(learning._loop, "_step", step)
        signal.raise_signal(signal.SIGINT)
        return step(batch)

    monkeypatch.setattr(learning._loop, "_step", interrupt)
    with pytest.raises(KeyboardInterrupt):
        learning.train()
    assert torch.equal(model.embedding.weight, before)
    learning.train()
    assert not torch.equal(model.embedding.weight, before)
    assert model.embedding.weight.requires_grad


def test_parts_named_in_the_settings_are_frozen_too(model, loaders):
    settings = {"training": {"freeze": ["cnn"]}, "embeddings": {"trainable": False}}
    before = weights(model)
    trainer(model, loaders, config=settings).train()
    kept = {name for name, tensor in weights(model).items() if torch.equal(tensor, before[name])}
    assert kept == {name for name in before if name.startswith(("cnn", "embedding"))}


def test_a_criterion_gives_its_weights_and_smoothing(model, loaders):
    other = copy.deepcopy(model)
    weight = torch.tensor([0.5, 1.0, 2.5])
    trainer(model, loaders, class_weights=[0.5, 1.0, 2.5], label_smoothing=0.125).train()
    criterion = nn.CrossEntropyLoss(weight=weight, label_smoothing=0.125)
    weighted = trainer(other, loaders, criterion=criterion)
    weighted.train()
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True)
    )
    assert weighted.config.training.class_weights == (0.5, 1.0, 2.5)


@pytest.mark.parametrize("form", ["tree", "config", "file"])
def test_settings_come_as_plain_values_a_configuration_or_a_file(form, model, loaders, tmp_path):
    tree = {"training": {"gradient_clip": 1.25, "max_epochs": 9}}
    file = tmp_path / "settings.yaml"
    file.write_text("training: {gradient_clip: 1.25, max_epochs: 9}", encoding="utf-8")
    settings = {"tree": tree, "config": load_config(tree=tree, check_files=False), "file": file}
    found = trainer(model, loaders, config=settings[form], max_epochs=5).config
    assert (found.training.gradient_clip, found.training.max_epochs) == (1.25, 5)
    assert found.training.batch_size == loaders[0].batch_size
    assert found.model == model.config


def test_an_output_folder_holds_what_a_run_leaves(model, loaders, tmp_path):
    learning = trainer(
        model,
        loaders,
        output_dir=tmp_path / "output",
        tensorboard_dir=tmp_path / "runs",
        experiment_name="fold_1",
    )
    history = learning.train()
    run = tmp_path / "output" / "fold_1"
    names = {path.name for path in run.iterdir()}
    assert names == {
        *("config.yaml", "vocab.pkl", "vocab.json", "checkpoints"),
        *("training_history.json", "final_model.pt"),
    }
    assert json.loads((run / "training_history.json").read_text())["history"] == history
    again = HybridCNNBiLSTM.from_run(run)
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True)
    )
    assert load_config(run / "config.yaml", check_files=False).training.max_epochs == 2
    assert any((tmp_path / "runs" / "fold_1").iterdir())


def test_without_an_output_folder_nothing_is_written(model, loaders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trainer(model, loaders, config={"output_dir": "./output"}).train()
    assert list(tmp_path.iterdir()) == []


def test_it_prints_the_epochs_as_a_run_does_or_keeps_quiet(model, loaders, capsys):
    trainer(model, loaders).train()
    assert "Epoch" not in capsys.readouterr().out
    trainer(model, loaders, quiet=False).train()
    assert "Epoch 2/2" in capsys.readouterr().out


def test_a_trained_model_draws_its_dropout_from_torch_again(model, loaders):
    trainer(model, loaders).train()
    twin = copy.deepcopy(model).train()
    torch.manual_seed(1)
    first = twin(torch.tensor([[3, 4, 5]])).logits
    torch.manual_seed(1)
    assert torch.equal(first, twin(torch.tensor([[3, 4, 5]])).logits)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"max_epoch": 3}, "max_epoch: there is no such argument; did you mean 'max_epochs'?"),
        ({"max_epochs": 0}, "max_epochs: found 0, expected at least 1"),
        ({"early_stopping_monitor": "val_f1"}, "did you mean 'val_f1_macro'?"),
        ({"criterion": nn.MSELoss()}, "criterion: found MSELoss()"),
        ({"criterion": nn.CrossEntropyLoss(torch.ones(2))}, "class_weights: found 2 weight"),
        ({"optimizer": "adam"}, "optimizer: found 'adam'"),
        ({"device": "gpu"}, "device: found 'gpu'"),
        ({"config": {"training": {"epochs": 3}}}, "training.epochs"),
    ],
    ids=str,
)
def test_a_mistake_is_a_clear_error(keywords, message, model, loaders):
    with pytest.raises(ConfigError) as caught:
        trainer(model, loaders, **keywords)
    assert message in str(caught.value)


def test_a_rate_given_twice_is_an_error(model, loaders):
    optimizer = optim.Adam(model.parameters())
    with pytest.raises(ConfigError, match="learning_rate: the optimizer brings its own"):
        trainer(model, loaders, optimizer=optimizer, learning_rate=0.1)


def test_an_optimiser_of_another_model_is_an_error(model, loaders):
    optimizer = optim.Adam(copy.deepcopy(model).parameters())
    with pytest.raises(ConfigError, match="not this model's"):
        trainer(model, loaders, optimizer=optimizer)


def test_loaders_that_do_not_fit_the_model_are_an_error(model, loaders):
    narrow = HybridCNNBiLSTM(5, 8, num_classes=2)
    with pytest.raises(ConfigError) as caught:
        trainer(narrow, loaders)
    assert "3 classes, but num_classes of the model is 2" in str(caught.value)
    assert "vocab_size=len(vocab)" in str(caught.value)
    with pytest.raises(ConfigError, match="val_loader: found list, expected a BatchLoader"):
        trainer(model, (loaders[0], []))
    empty = BatchLoader(loaders[0].dataset, indices=np.array([], dtype=np.int64))
    with pytest.raises(ConfigError, match="train_loader: holds no texts"):
        trainer(model, (empty, loaders[1]))
    with pytest.raises(ConfigError, match="loader: holds no texts"):
        trainer(model, loaders).evaluate_on_test(empty)


def test_an_interrupted_training_says_so_and_goes_on_where_it_was(model, loaders, monkeypatch):
    other = copy.deepcopy(model)
    trainer(other, loaders).train()
    learning = trainer(model, loaders)
    step, taken = learning._loop._step, []

    def interrupt_the_fourth(batch):
        taken.append(batch)
        if len(taken) == 4:
            signal.raise_signal(signal.SIGINT)
        return step(batch)

    monkeypatch.setattr(learning._loop, "_step", interrupt_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        learning.train()
    assert len(taken) == 4
    learning.train()
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True)
    )
