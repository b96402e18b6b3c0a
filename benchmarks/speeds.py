"""What came out of the training loops: rates, ratios, and the tables that show them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from contest import Standing
from rich.console import Console
from rich.table import Table
from work import Work


@dataclass(frozen=True)
class Reached:
    """What an epoch's matrix products reach, at the best epoch's speed.

    Attributes
    ----------
    usual, usual_share : float
        Useful rate in GFLOP/s, in the usual count of `Work`, and its share of the rate of a large
        square product of the same precision. Where products of equal words are shared, this counts
        work that need not be done any more.
    shared, shared_share : float
        The same in the count without it.
    """

    usual: float
    usual_share: float
    shared: float
    shared_share: float


@dataclass(frozen=True)
class Ratio:
    """How many times as fast one loop is as another, by their best and by their median epochs."""

    ours: str
    baseline: str
    best: float
    median: float


@dataclass(frozen=True)
class Speeds:
    """All that a run of the benchmark has measured."""

    machine: dict[str, Any]
    rows: dict[str, int]
    standings: list[Standing]
    work: Work
    matmul_gflops: dict[str, float]
    reached: dict[str, Reached]
    ratios: list[Ratio]
    profile: dict[str, dict[str, float]]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as values that JSON can hold."""
        return asdict(self)


def speeds(
    machine: dict[str, Any],
    rows: dict[str, int],
    standings: list[Standing],
    *,
    work: Work,
    matmul_gflops: dict[str, float],
    profile: dict[str, dict[str, float]],
) -> Speeds:
    """Derive rates and ratios."""
    reached = {s.name: _reached(s, work, matmul_gflops) for s in standings}
    mine = [s for s in standings if precision_of(s.name)]
    others = [s for s in standings if not precision_of(s.name)]
    ratios = [
        Ratio(a.name, b.name, a.best / b.best, a.median / b.median) for a in mine for b in others
    ]
    return Speeds(machine, rows, standings, work, matmul_gflops, reached, ratios, profile)


def precision_of(name: str) -> str | None:
    """Tell the precision that stands in the name of a loop of ours; None for the usual ones."""
    return next((p for p in ("fp32", "bf16") if name.endswith(p)), None)


def _reached(found: Standing, work: Work, rates: dict[str, float]) -> Reached:
    peak = rates[precision_of(found.name) or "fp32"]
    usual, shared = (count / work.texts * found.best / 1e9 for count in (work.usual, work.shared))
    return Reached(usual, usual / peak, shared, shared / peak)


def print_speeds(found: Speeds, console: Console) -> None:
    """Print the tables."""
    table = Table(title="Training, texts a second over whole epochs without validation")
    for heading in ("loop", "rows", "epochs", "best", "median", "validation s", "val macro-F1"):
        table.add_column(heading, justify="left" if heading == "loop" else "right")
    for s in found.standings:
        scores = " ".join(f"{value:.4f}" for value in s.val_f1_macro)
        table.add_row(
            s.name,
            f"{s.texts:,}",
            f"{s.epochs}",
            f"{s.best:,.0f}",
            f"{s.median:,.0f}",
            f"{s.validation_seconds:.1f}",
            scores,
        )
    console.print(table)
    for s in found.standings:
        if s.texts < found.rows["train"]:
            console.print(f"{s.name}: {s.texts:,} rows only, so its macro-F1 cannot be compared")
    for ratio in found.ratios:
        console.print(
            f"{ratio.ours} is {ratio.best:.2f} times as fast as {ratio.baseline} "
            f"by the best epochs, {ratio.median:.2f} by the median"
        )
    _print_rates(found, console)
    _print_profile(found, console)


def _print_rates(found: Speeds, console: Console) -> None:
    work = found.work
    peaks = ", ".join(f"{rate:,.0f} in {name}" for name, rate in found.matmul_gflops.items())
    console.print(
        f"\nA large square matrix product reaches {peaks} GFLOP/s. The architecture as written "
        f"takes {work.usual / work.texts / 1e6:,.0f} MFLOP a text, forward and backward; "
        f"{work.shared / work.texts / 1e6:,.0f} with the products of each distinct word of a "
        f"batch made once ({work.distinct / work.tokens:.0%} of the tokens). "
        f"Padding in our batches: {work.padding:.1%}."
    )
    table = Table(title="Useful rate of the best epoch, GFLOP/s and share of the processor's own")
    for heading in ("loop", "as written", "share", "words shared", "share"):
        table.add_column(heading, justify="left" if heading == "loop" else "right")
    for name, r in found.reached.items():
        values = (f"{r.usual:,.0f}", f"{r.usual_share:.0%}", f"{r.shared:,.0f}")
        # The usual loops do not share, so that the second count says nothing about them.
        ours = precision_of(name) is not None
        table.add_row(
            name, *(values if ours else (*values[:2], "")), f"{r.shared_share:.0%}" * ours
        )
    console.print(table)


def _print_profile(found: Speeds, console: Console) -> None:
    if not found.profile:
        return
    table = Table(title="Where the time of our steps goes (under the profiler, which adds some)")
    table.add_column("part")
    for name in found.profile:
        table.add_column(name, justify="right")
    for part in next(iter(found.profile.values())):
        table.add_row(part, *(f"{shares.get(part, 0):.1%}" for shares in found.profile.values()))
    console.print(table)
