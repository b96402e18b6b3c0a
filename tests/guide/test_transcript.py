from __future__ import annotations

import re
from pathlib import Path

GOLDEN = Path(__file__).parent / "transcript.txt"

# What the guide shows under "Expected Output", its numbers and the dots in its path masked alike.
EXPECTED = """\
================================================================================
EXPERIMENT: hybrid_dl_20260114_153045
================================================================================
Output directory: output/hybrid_dl_20260114_153045
TensorBoard logs: ./runs
================================================================================
✅ Configuration saved to: output/hybrid_dl_20260114_153045/config.yaml
================================================================================
STEP 1: LOADING DATA
================================================================================
Loading Data from CSV Files
Building vocabulary from data/train.csv...
✅ Built vocabulary with 15847 tokens
✅ Saved vocabulary to output/hybrid_dl_20260114_153045/vocab.pkl
✅ Loaded 8000 samples from data/train.csv
   Label distribution: {0: 2667, 1: 2666, 2: 2667}
✅ Loaded 1000 samples from data/val.csv
   Label distribution: {0: 333, 1: 334, 2: 333}
✅ DataLoaders created:
   Train batches: 250
   Val batches:   32
================================================================================
STEP 2: BUILDING MODEL
================================================================================
✅ Model created
   Total parameters: 2,487,907
   Trainable parameters: 2,487,907
Loading GloVe embeddings from: embeddings/glove.6B.300d.txt
✅ GloVe embeddings loaded
   Vocabulary coverage: 87.34%
================================================================================
STEP 3: SETTING UP TRAINING
================================================================================
✅ Optimizer: Adam (lr=0.001, weight_decay=0.0001)
✅ LR Scheduler: ReduceLROnPlateau (patience=3)
✅ Early Stopping (patience=7)
✅ Model Checkpoint (saving best model)
================================================================================
STEP 4: TRAINING
================================================================================
📊 TensorBoard logging to: runs/hybrid_dl_20260114_153045
   Run: tensorboard --logdir=./runs
Device: cuda
Model parameters: 2,487,907
Trainable parameters: 2,487,907
Training samples: 8000
Validation samples: 1000
Batch size: 32
Batches per epoch: 250
Max epochs: 50
================================================================================
================================================================================
Epoch 1/50
================================================================================
  Batch 10/250 (4.0%) - Loss: 0.9834
📊 Epoch 1 Summary (Time: 45.23s):
   train_accuracy: 0.6234
   train_f1_macro: 0.6101
   train_avg_loss: 0.8456
   val_accuracy: 0.6540
   val_f1_macro: 0.6423
   val_avg_loss: 0.7821
   val_cohen_kappa: 0.4813
✅ val_f1_macro increased to 0.6423
💾 [BEST] Checkpoint saved: output/hybrid_dl_20260114_153045/checkpoints/hybrid_epoch01_f10.6423.pt
"""

# Whether a later epoch is better is the data's affair: of its lines, only that they are there.
OUTCOME = re.compile(
    r"✅ val_f1_macro increased to #\n💾 \[BEST\] Checkpoint saved: .*$"
    r"|   val_f1_macro did not improve on epoch # \(patience #/#\)$",
    re.MULTILINE,
)


def masked(text: str) -> str:
    """Put a mark in the place of every number, of the device, and of the time of a run's name."""
    text = re.sub(r"hybrid_dl_\d{8}_\d{6}", "hybrid_dl_DATE_TIME", text)
    text = re.sub(r"hybrid_epoch\d\d_f1\d\.\d{4}\.pt", "hybrid_epochNN_f1VALUE.pt", text)
    text = re.sub(r"(?m)^Device: \w+(:\d+)?$", "Device: NAME", text)
    # Digits within names, as in f1_macro, and the numbers of the steps stay.
    return re.sub(r"(?<![\w.])(?<!STEP )-?\d+(,\d{3})*(\.\d+)?(e-?\d+)?", "#", text)


def test_every_line_that_the_guide_shows_is_printed_in_its_order(finished):
    printed = iter(masked(finished[1]).splitlines())
    for line in masked(EXPECTED).splitlines():
        assert line in printed, f"not printed, or not in this place: {line}"


def test_the_whole_output_is_the_golden_one(finished):
    found = masked(finished[1])
    first, _, rest = found.partition("\nEpoch #/#\n")
    second, _, third = rest.partition("\nEpoch #/#\n")
    assert third, "both epochs have their heading"
    reduced = "\nEpoch #/#\n".join([first, second, OUTCOME.sub("[better or not]", third)])
    assert reduced == GOLDEN.read_text(encoding="utf-8")


def test_nothing_in_it_is_coloured_or_moves_since_it_is_no_terminal(finished):
    assert "\x1b" not in finished[1]
    assert "\r" not in finished[1]
