"""The report's sections on how the results came about: training, settings, reproduction."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from roomtone.config.yamlfile import dump_yaml
from roomtone.reports.markup import Html, facts, section, table, tag
from roomtone.reports.references import references_for
from roomtone.reports.run_folder import RunResult

_OVERFITTED = 0.05  # the gap in macro-F1 from which a model counts as overfitted


def training_section(run: RunResult, figure: Html | str) -> Html:
    """Show the curves, where training stopped and whether the model overfitted."""
    return section(
        "training", "Training", figure, tag("p", training_summary(run)), _overfitting(run)
    )


def training_summary(run: RunResult) -> str:
    """Say in a sentence how long training ran and which epoch was kept."""
    known = run.history.metadata
    plural = "" if known.total_epochs == 1 else "s"
    parts = [f"Training ran for {known.total_epochs} epoch{plural}"]
    if known.stopped:
        parts[0] += f" (ended by: {known.stopped.replace('_', ' ')})"
    if known.best_epoch is not None:
        value = "" if known.best_value is None else f", {known.monitor} {known.best_value:.4f}"
        parts.append(f"the model of epoch {known.best_epoch} was kept{value}")
    return "; ".join(parts) + "."


def _overfitting(run: RunResult) -> Html | str:
    series, best = run.history.history, run.history.metadata.best_epoch
    train, validation = series.get("train_f1_macro", ()), series.get("val_f1_macro", ())
    if best is None or not 1 <= best <= min(len(train), len(validation)):
        return ""
    at_train, at_validation = train[best - 1], validation[best - 1]
    if at_train is None or at_validation is None or at_train - at_validation <= _OVERFITTED:
        return ""
    return tag(
        "p",
        f"At that epoch the training macro-F1 exceeds the validation one by "
        f"{at_train - at_validation:.3f}, a sign of overfitting (above {_OVERFITTED}). What helps: "
        "more training texts, higher dropout, more weight decay, a smaller model.",
    )


def settings_section(run: RunResult) -> Html:
    """Show the resolved configuration."""
    return section(
        "settings", "Configuration", tag("pre", dump_yaml(dict(run.config)), tabindex="0")
    )


def manifest_section(run: RunResult) -> Html:
    """Show versions, hashes, hardware and times."""
    shown = {
        key: value for key, value in run.manifest.items() if key not in ("command", "baseline")
    }
    return section("manifest", "Environment and data files", facts(shown, "Recorded by the run"))


def reproduction_section(run: RunResult) -> Html:
    """Say how to run the same again."""
    packages = run.manifest.get("packages")
    pinned = {"roomtone": run.manifest.get("roomtone")}
    pinned |= packages if isinstance(packages, Mapping) else {}
    wanted = " ".join(
        shlex.quote(f"{name}=={version}") for name, version in pinned.items() if version
    )
    lines = [f"python -m pip install {wanted}"]
    lines += [*_command(run), *_command_from_settings(run)]
    return section(
        "reproduce",
        "How to reproduce",
        tag("p", "Check that the data files have the SHA-256 sums listed above, then run:"),
        tag("pre", "\n".join(lines), tabindex="0"),
        tag(
            "p",
            "The file config.yaml of this run holds every setting, defaults included. Other "
            "hardware or versions can differ in the last digits; report several seeds.",
        ),
    )


def _command(run: RunResult) -> list[str]:
    """Write the recorded command as a shell takes it; none for a run that was resumed."""
    words = run.manifest.get("command")
    if not isinstance(words, list) or not words or "--resume" in words:
        return []
    python = ["python"] if str(words[0]).endswith(".py") else []
    return ["", "# as it was typed", shlex.join([*python, *map(str, words)])]


def _command_from_settings(run: RunResult) -> list[str]:
    name = run.path.resolve().name
    words = ["roomtone", "train", "--config", f"{name}/config.yaml"]
    again = shlex.join([*words, "--experiment_name", f"{name}_again"])
    return ["", "# from the resolved settings", again]


def methods_section(run: RunResult) -> Html:
    """List what to cite for each method that the run used."""
    rows = references_for(run)
    return section(
        "methods",
        "How to cite the methods",
        table("Methods that this run used", ("Method", "Reference"), rows, words=(0, 1)),
    )
