"""Evaluation in batches equals one plain pass, and leaves the network as it was."""

import numpy as np
import pytest
import torch

from roomtone.stats.metrics import classification_metrics
from roomtone.training.evaluation import epoch_metrics, evaluate
from roomtone.training.optimisation import WeightedLoss


@pytest.fixture
def trainer(configure, make_trainer):
    made = make_trainer(configure(training__max_epochs=1, training__batch_size=7), None)
    made.train()
    return made


def plain_pass(trainer):
    """Score the texts one by one, without batches, padding or autocast."""
    network, dataset = trainer.network.eval(), trainer.val_loader.dataset
    with torch.no_grad():
        rows = [torch.from_numpy(dataset[row][0]).long()[None] for row in range(len(dataset))]
        logits = torch.cat([network(ids.to(trainer.device)).logits for ids in rows]).cpu()
    return logits, torch.from_numpy(dataset.labels)


def evaluate_on(trainer, loss, **settings):
    return evaluate(trainer.network, trainer.val_loader, loss, device=trainer.device, **settings)


@pytest.mark.parametrize("weights", [None, [0.3, 1.0, 2.5]])
def test_it_equals_a_plain_pass_text_by_text_in_the_order_of_the_file(trainer, weights):
    logits, labels = plain_pass(trainer)
    weight = None if weights is None else torch.tensor(weights)
    found = evaluate_on(trainer, WeightedLoss(weight))
    probs = logits.double().softmax(dim=1).numpy()
    np.testing.assert_allclose(found.probs, probs, atol=1e-5)
    np.testing.assert_array_equal(found.predicted, probs.argmax(axis=1))
    loss = torch.nn.functional.cross_entropy(logits, labels, weight=weight)
    assert found.loss == pytest.approx(loss.item(), rel=1e-5)
    expected = classification_metrics(labels.numpy(), probs.argmax(axis=1), 3)
    assert found.metrics.f1_macro == expected.f1_macro
    assert found.metrics.confusion == expected.confusion


def test_the_smoothing_of_the_training_does_not_enter_the_loss(trainer):
    plain = evaluate_on(trainer, WeightedLoss(None))
    smooth = evaluate_on(trainer, WeightedLoss(None, 0.3))
    assert smooth.loss == plain.loss


@pytest.mark.parametrize("training", [True, False])
def test_the_network_stays_in_its_mode_and_keeps_its_weights(trainer, training):
    trainer.network.train(training)
    before = {name: tensor.clone() for name, tensor in trainer.network.state_dict().items()}
    first = trainer.evaluate(trainer.val_loader)
    assert trainer.network.training is training
    assert all(torch.equal(before[n], t) for n, t in trainer.network.state_dict().items())
    assert trainer.evaluate(trainer.val_loader).probs.tobytes() == first.probs.tobytes()


def test_the_arithmetic_of_bfloat16_is_near_and_not_the_same(trainer):
    exact = trainer.evaluate(trainer.val_loader).probs
    near = evaluate_on(trainer, trainer.loss, precision="bf16").probs
    np.testing.assert_allclose(near, exact, atol=0.05)
    assert not np.array_equal(near, exact)


def test_the_names_of_the_metrics_are_those_of_the_history():
    metrics = classification_metrics([0, 1, 2, 2], [0, 1, 1, 2], 3)
    values = epoch_metrics("val", 0.5, metrics, ("negative", "neutral", "positive"))
    assert values["val_loss"] == 0.5
    assert values["val_f1_macro"] == metrics.f1_macro
    assert values["val_f1_positive"] == metrics.f1[2]
    assert {"val_accuracy", "val_precision_macro", "val_recall_macro", "val_cohen_kappa"} < {
        *values
    }
    assert all(type(value) is float for value in values.values())


def test_a_class_called_macro_does_not_pass_for_the_macro_average():
    metrics = classification_metrics([0, 0, 1, 1], [0, 0, 1, 0], 2)
    values = epoch_metrics("val", 0.5, metrics, ("macro", "other"))
    assert values["val_f1_macro"] == metrics.f1_macro != metrics.f1[0]
