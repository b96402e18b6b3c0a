"""`HybridDLTrainer`: the training loop with the guide's own signature."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, Unpack

import torch
from torch import nn

from roomtone.config import Config
from roomtone.config.model import ModelConfig
from roomtone.config.training import TrainingConfig
from roomtone.data.batches import BatchLoader
from roomtone.guide.adapting import check_loader, training_config
from roomtone.guide.model import HybridCNNBiLSTM
from roomtone.guide.outputs import Outputs
from roomtone.guide.settings import Settings, TrainingKeywords
from roomtone.nets import set_generator
from roomtone.training.account import CollapseWatch
from roomtone.training.console import Console, TrainingConsole
from roomtone.training.device import be_deterministic, choose_device, choose_threads
from roomtone.training.loop import Trainer
from roomtone.training.optimisation import freeze


class HybridDLTrainer:
    """Trains a model on the batches of one loader and keeps the epoch that is best on another.

    Parameters
    ----------
    model : HybridCNNBiLSTM
        Trained in place; parameters with ``requires_grad=False`` stay as they are.
    train_loader, val_loader : BatchLoader
        As `create_k_fold_loaders` gives them.
    config : Config, mapping, Path or str, optional
        Settings, or their YAML file; the defaults where not given. Sizes of the model and of
        the batches are those of `model` and `train_loader`, whatever it says.
    optimizer : torch.optim.Optimizer, optional
        Used as it is: its own learning rate is the peak of the schedule.
    criterion : torch.nn.CrossEntropyLoss, optional
        Its class weights and label smoothing are used.
    quiet : bool
        Print nothing but warnings.
    **keywords
        Flags of the training command by their names (`TrainingKeywords`); they go before
        `config`. With `output_dir`, the training leaves a folder like that of a run in it; else
        nothing is written.

    Attributes
    ----------
    config : Config
        The settings in force.

    Raises
    ------
    ConfigError
        With every argument whose value is not allowed, or that does not fit the model.

    Examples
    --------
    >>> train_loader, val_loader = create_k_fold_loaders(dataset, n_folds=10, fold_index=0)
    >>> model = HybridCNNBiLSTM(len(vocab))
    >>> trainer = HybridDLTrainer(model, train_loader, val_loader, max_epochs=20)
    >>> history = trainer.train()
    >>> trainer.evaluate_on_test(val_loader)["f1_macro"]
    0.7412
    """

    def __init__(
        self,
        model: HybridCNNBiLSTM,
        train_loader: BatchLoader,
        val_loader: BatchLoader,
        *,
        config: Settings | None = None,
        optimizer: torch.optim.Optimizer | None = None,
        criterion: nn.CrossEntropyLoss | None = None,
        quiet: bool = False,
        **keywords: Unpack[TrainingKeywords],
    ) -> None:
        check_loader(train_loader, "train_loader", model)
        check_loader(val_loader, "val_loader", model)
        self.model = model
        self.config = training_config(
            config,
            model,
            train_loader,
            optimizer=optimizer,
            criterion=criterion,
            keywords=keywords,
        )
        be_deterministic(self.config.deterministic)
        training = self.config.training
        torch.set_num_threads(_threads(model.config, training.batch_size, self.config.threads))
        freeze(model, training.freeze)
        if not self.config.embeddings.trainable:
            model.embedding.weight.requires_grad_(False)
        console, names = Console(quiet=quiet), train_loader.dataset.scheme.names
        self._outputs = None
        if "output_dir" in keywords:
            self._outputs = Outputs(self.config, names, train_loader.dataset.vocab, console)
        files = self._outputs
        self._loop = Trainer(
            model.to(choose_device(self.config.device)),
            train_loader,
            val_loader,
            self.config,
            class_names=names,
            checkpoints=files.checkpoints() if files else None,
            observers=[
                *(files.observers() if files else ()),
                TrainingConsole(console),
                CollapseWatch(console),
            ],
            optimizer=optimizer,
            describe=files.describe if files else dict,
        )

    @property
    def history(self) -> dict[str, list[float]]:
        """Each metric after each epoch so far, as in `training_history.json`."""
        return self._loop.progress.history

    def train(self) -> dict[str, list[float]]:
        """Train until the epochs are used up or improvement ends; the best epoch's weights stay.

        Returns
        -------
        dict of str to list of float
            The history.

        Raises
        ------
        TrainingError
            If the loss or a gradient is not finite, or memory runs out.
        KeyboardInterrupt
            If someone interrupts; calling it again goes on from the very step.
        """
        stopped = self._loop.train()
        # The model stays usable on its own: copied, moved, or trained by other code.
        set_generator(self.model, None)
        if stopped == "interrupted":
            raise KeyboardInterrupt
        self._loop.use_best()
        if self._outputs is not None:
            self._outputs.close(self._loop, stopped)
        return self.history

    def evaluate_on_test(self, loader: BatchLoader) -> dict[str, Any]:
        """Evaluate the model as it stands.

        Parameters
        ----------
        loader : BatchLoader
            Texts that took no part in the training.

        Returns
        -------
        dict
            ``accuracy``, ``f1_macro``, ``precision_macro``, ``recall_macro``, ``cohen_kappa``,
            the values of each class by its name (``f1``, ``precision``, ``recall``,
            ``support``), ``confusion`` (rows are the true classes), ``loss`` and more.

        Raises
        ------
        ConfigError
            If the loader does not fit the model.
        """
        check_loader(loader, "loader", self.model)
        evaluation = self._loop.evaluate(loader)
        names = loader.dataset.scheme.names
        return {"loss": evaluation.loss, **evaluation.metrics.to_dict(names)}


@cache
def _threads(model: ModelConfig, batch_size: int, threads: int | Literal["auto"]) -> int:
    """Measure once for models of one size, so that all folds are computed alike."""
    training = TrainingConfig(batch_size=batch_size)
    return choose_threads(Config(model=model, training=training, threads=threads))
