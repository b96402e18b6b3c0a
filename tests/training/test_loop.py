"""The loop reports the loss it saw, keeps the best weights, and takes a caller's optimiser."""

import pytest
import torch

from roomtone.training.observers import Quiet


def test_the_training_loss_of_an_epoch_is_the_mean_over_its_texts(settings, make_trainer):
    seen = []

    class Listener(Quiet):
        def batch_ends(self, trainer, loss, texts):
            seen.append((loss, texts))

    trainer = make_trainer(settings(training__max_epochs=1), None, Listener())
    trainer.train()
    mean = sum(loss * texts for loss, texts in seen) / sum(texts for _, texts in seen)
    assert trainer.progress.history["train_loss"] == [pytest.approx(mean)]
    assert [texts for _, texts in seen].count(12) == 3


def test_the_best_weights_are_kept_in_memory_where_there_is_no_folder(settings, make_trainer):
    config = settings(training__early_stopping__min_delta=0.9)
    trainer = make_trainer(config, None)
    trainer.train()
    assert trainer.progress.best_epoch == 1
    last = trainer.network.state_dict()["embedding.weight"].clone()
    trainer.use_best()
    assert not torch.equal(trainer.network.embedding.weight, last)


def test_a_caller_may_bring_its_own_optimiser_with_a_rate_for_each_part(settings, make_trainer):
    trainer = make_trainer(settings(training__max_epochs=1), None)
    network = trainer.network
    groups = [
        {"params": network.classifier.parameters()},
        {"params": network.cnn.parameters(), "lr": 0.0005},
    ]
    own = type(trainer)(
        network,
        trainer.train_loader,
        trainer.val_loader,
        trainer.config,
        class_names=trainer.class_names,
        optimizer=torch.optim.SGD(groups, lr=0.005),
    )
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    own.train()
    moved = {n.split(".")[0] for n, t in network.state_dict().items() if not t.equal(before[n])}
    assert moved == {"classifier", "cnn"}
    assert [group["lr"] for group in own.optimizer.param_groups] == pytest.approx([0.005, 0.0005])
