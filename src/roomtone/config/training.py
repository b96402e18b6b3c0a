"""The `training:` part of the configuration: optimisation, schedule, stopping, checkpoints."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from roomtone.config.base import Bool, Float, Int, Names, Positive, Section, Share, Text
from roomtone.config.monitor import MONITORS, check_monitor

Rate = Annotated[Float, Field(gt=0)]
NonNegative = Annotated[Float, Field(ge=0)]
Monitor = Annotated[Text, AfterValidator(check_monitor), Field(examples=list(MONITORS))]
ClassWeights = Literal["none", "balanced"] | tuple[Rate, ...]


class SchedulerConfig(Section):
    """How the learning rate changes."""

    type: Literal["reduce_on_plateau", "step", "cosine", "one_cycle", "none"] = "reduce_on_plateau"
    """`reduce_on_plateau` and `step` act after an epoch, `cosine` and `one_cycle` after a batch."""
    patience: Annotated[Int, Field(ge=0)] = 3
    """Epochs without improvement before `reduce_on_plateau` lowers the rate."""
    factor: Annotated[Float, Field(gt=0, lt=1)] = 0.5
    """What `reduce_on_plateau` and `step` multiply the rate by."""
    step_size: Positive = 10
    """Epochs between two reductions of `step`."""
    min_lr: NonNegative = 0.0
    """The rate is never lowered below this; where `cosine` ends."""


class EarlyStoppingConfig(Section):
    """When to stop before `max_epochs`, and which epoch counts as the best."""

    enabled: Bool = True
    """Stop early at all. The best epoch is kept and tested in either case."""
    patience: Positive = 7
    """Epochs without improvement before training stops."""
    monitor: Monitor = "val_f1_macro"
    """The metric that decides; losses and errors are minimised, all others maximised."""
    min_delta: NonNegative = 0.0
    """The least change that counts as an improvement."""


class TrainingConfig(Section):
    """The training loop."""

    batch_size: Positive = 32
    """Texts in a batch."""
    max_epochs: Positive = 50
    """The most passes over the training data."""
    learning_rate: Rate = 0.001
    """The peak learning rate."""
    weight_decay: NonNegative = 0.0001
    """L2 penalty (`adam`) or decoupled decay (`adamw`)."""
    gradient_clip: NonNegative = 5.0
    """The largest norm of the gradient; 0 turns clipping off."""
    optimizer: Literal["adam", "adamw"] = "adam"
    """The optimiser."""
    betas: tuple[Share, Share] = (0.9, 0.999)
    """Decay rates of the optimiser's running means."""
    class_weights: ClassWeights = "none"
    """Weights of the classes in the loss: `none`, `balanced` (by the training rows), or a list."""
    label_smoothing: Share = 0.0
    """Share of the target that is spread over all classes."""
    warmup_steps: Annotated[Int, Field(ge=0)] = 0
    """Batches over which the rate rises linearly from near zero."""
    freeze: Names = ()
    """Parts that are not trained, such as `embedding` and `cnn`."""
    freeze_epochs: Annotated[Int, Field(ge=0)] = 0
    """Epochs during which the word vectors stay fixed, before they are trained too."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """Arithmetic of the forward pass; `bf16` is faster where the processor has it."""
    log_every: Positive = 10
    """Batches between two loss lines on the console."""
    checkpoint_minutes: Annotated[Float, Field(gt=0)] = 5.0
    """The most work, in minutes, that a killed run can lose: besides the end of each epoch,
    a checkpoint is written this often."""
    lr_scheduler: SchedulerConfig = SchedulerConfig()
    early_stopping: EarlyStoppingConfig = EarlyStoppingConfig()
