"""What goes wrong in training is said once, in numbers, with what to do about it."""

import re

import numpy as np
import pytest
import torch

from roomtone.errors import TrainingError
from roomtone.training.checkpoint import find_state, load_state
from roomtone.training.diagnosis import collapse
from roomtone.training.run import Run

NAMES = ("negative", "neutral", "positive")


@pytest.mark.parametrize("cause", ["a rate far too high", "vectors far too long"])
def test_a_loss_that_is_not_finite_names_its_place_its_numbers_and_a_remedy(
    cause, train, configure, tmp_path
):
    if cause == "a rate far too high":
        changes = {"training__learning_rate": 1e12}
    else:
        vectors = tmp_path / "vectors.txt"
        words = ("the", "a", "this", "video")
        vectors.write_text("\n".join(f"{word} {' '.join(['3e38'] * 16)}" for word in words))
        changes = {"embeddings__path": vectors}
    with pytest.raises(TrainingError) as caught:
        train(configure(training__gradient_clip=0, **changes))
    said = str(caught.value)
    assert re.search(r"in epoch \d, batch \d/8: loss \S+, gradient norm \S+, learning rate", said)
    assert "Try a lower learning rate (--learning_rate" in said


def test_the_last_good_checkpoint_is_named_and_loads(configure, make_trainer, tmp_path):
    config = configure(training__checkpoint_minutes=1e-9)
    folder = tmp_path / "checkpoints"
    trainer = make_trainer(config, folder)
    network, steps = trainer.network, []

    def spoil(module, inputs, output):
        steps.append(1)
        if len(steps) == 5:
            module.weight.data.fill_(torch.nan)

    network.embedding.register_forward_hook(spoil)
    with pytest.raises(TrainingError, match="not finite in epoch 1, batch 6/8: loss nan") as caught:
        trainer.train()
    assert f"The last good checkpoint is in {folder}" in str(caught.value)
    assert load_state(find_state(folder))["progress"]["batch"] == 5


def test_without_a_checkpoint_none_is_promised(configure, make_trainer, tmp_path):
    trainer = make_trainer(configure(), tmp_path / "checkpoints")
    trainer.network.embedding.weight.data.fill_(torch.inf)
    with pytest.raises(TrainingError, match="No checkpoint had been written yet"):
        trainer.train()


def test_memory_that_runs_out_is_one_message_with_the_settings_to_lower(configure, silent):
    run = Run(configure(training__batch_size=24), silent)
    build = run._build

    def build_greedy(prepared):
        network, vectors = build(prepared)

        def run_out(*inputs):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9000 GiB")

        network.cnn.forward = run_out
        return network, vectors

    run._build = build_greedy
    with pytest.raises(TrainingError) as caught:
        run.execute()
    said = str(caught.value)
    assert "--batch_size (now 24; try 12)" in said
    assert "--max_len (now 40; try 30)" in said
    assert "model.cnn.num_filters and model.bilstm.hidden_size (now 8 filters)" in said
    assert caught.value.__suppress_context__


def test_a_model_that_predicts_one_class_is_warned_of_once(train, configure, lopsided):
    _, said = train(configure(lopsided))
    assert said.count("⚠️  100% of the validation texts are predicted as 'neutral'") == 1
    assert "use --class_weights balanced, or lower --learning_rate" in said


def test_nearly_all_texts_in_one_class_are_a_collapse_and_fewer_are_not():
    alike = np.array([1] * 95 + [0] * 5)
    assert "95% of the validation texts are predicted as 'neutral'" in collapse(
        alike, NAMES, weighted=False
    )
    assert "--class_weights" not in collapse(alike, NAMES, weighted=True)
    assert collapse(np.array([1] * 94 + [0] * 6), NAMES, weighted=False) is None


def test_no_predictions_are_no_collapse():
    assert collapse(np.array([], dtype=np.int64), NAMES, weighted=False) is None
