"""The page on a whole labelled set: whether to believe it, what pushes to each class, errors."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import partial
from typing import Any

from roomtone.explain.ablation import UniformAttention
from roomtone.explain.corpus import CorpusExplanation
from roomtone.explain.measured import Faithfulness
from roomtone.explain.pushes import Push
from roomtone.explain.stability import SeedVariance
from roomtone.reports.faithfulness_figure import draw_faithfulness
from roomtone.reports.marked import explaining_page, marked
from roomtone.reports.markup import Html, foreign, join, section, table, tag
from roomtone.reports.pages import figure

_MOST_PUSHES = 15
_MOST_ERRORS = 100


@dataclass(frozen=True)
class ExplainedSet:
    """All that is known of an engine's explanations on a labelled set.

    Attributes
    ----------
    corpus : CorpusExplanation
        What pushes to each class, and the errors.
    faithfulness : Faithfulness or None
        Whether methods are better than chance, where any text allows to measure it.
    attention : UniformAttention or None
        What attention is worth, where the engine has any.
    seeds : SeedVariance or None
        How alike several runs are, where there are several.
    file : str
        Name of the file of the texts.
    lines : tuple of int
        The line of each text in it.
    not_measurable : tuple of str
        What could not be measured, each with the reason.
    """

    corpus: CorpusExplanation
    faithfulness: Faithfulness | None
    attention: UniformAttention | None
    seeds: SeedVariance | None
    file: str
    lines: tuple[int, ...]
    not_measurable: tuple[str, ...] = ()

    @property
    def verdicts(self) -> list[str]:
        """Say in sentences whether to believe explanations of this engine."""
        found = list(self.faithfulness.verdicts.values()) if self.faithfulness else []
        found += self.not_measurable
        return [*found, *(each.verdict for each in (self.attention, self.seeds) if each)]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as values that JSON can hold."""
        content = self.corpus.to_dict()
        for error in content["errors"]:
            error["line"] = self.lines[error["row"]]
        return {
            "file": self.file,
            "verdicts": self.verdicts,
            "faithfulness": None if self.faithfulness is None else self.faithfulness.to_dict(),
            "not_measurable": list(self.not_measurable),
            "uniform_attention": None if self.attention is None else self.attention.to_dict(),
            "seeds": None if self.seeds is None else self.seeds.to_dict(),
            "explained": content,
        }


def set_page(result: ExplainedSet, data: str) -> str:
    """Render the page; all that comes from texts and models is escaped.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    corpus = result.corpus
    return explaining_page(
        f"Why {corpus.model} answers as it does",
        facts=f"{result.file} · {corpus.texts:,} texts, {corpus.wrong:,} wrong · {corpus.title}",
        contents=[("trust", "Whether to believe it"), ("pushes", "Words"), ("errors", "Errors")],
        sections=join([_trust(result), _pushes(corpus), _errors(result)]),
        data=data,
    )


def _trust(result: ExplainedSet) -> Html:
    sentences = join(tag("li", sentence) for sentence in result.verdicts)
    parts = [tag("ul", sentences, class_="verdicts")]
    if result.faithfulness is not None:
        parts += _measured(result.faithfulness)
    return section("trust", "Whether to believe it", *parts)


def _measured(found: Faithfulness) -> list[Html]:
    rows = [
        (curve.title, f"{curve.aopc_comprehensiveness:+.3f}", f"{curve.aopc_sufficiency:+.3f}")
        for curve in found.curves
    ]
    shares = ", ".join(f"{share:.0%}" for share in found.shares)
    columns = ("Method", "Comprehensiveness (higher is better)", "Sufficiency (lower is better)")
    return [
        figure(
            partial(draw_faithfulness, found),
            "Loss of probability against the share of words, for each method and for chance.",
            "What the probability of the predicted class loses without the words that weigh most, "
            "and with them alone (DeYoung et al. 2020).",
        ),
        table(f"Means over {shares} of the words (AOPC)", columns, rows),
    ]


def _pushes(corpus: CorpusExplanation) -> Html:
    parts: list[Html] = []
    for name in corpus.class_names:
        parts.append(tag("h3", f"For {name}"))
        for phrases, what in ((False, "Words"), (True, "N-grams of two and three words")):
            found = corpus.strongest(name, phrases=phrases, most=_MOST_PUSHES)
            if found:
                parts.append(table(what, _COLUMNS, [_row(push) for push in found]))
    note = (
        f"Mean score over the texts that hold a word, with its 95 % interval, in units of "
        f"{corpus.unit}; ordered by the lower end. Words in fewer than {corpus.least} texts are "
        "left out. The intervals are not corrected for the number of words: of many, some lie "
        "high by chance."
    )
    return section("pushes", "What pushes to each class", tag("p", note), *parts)


_COLUMNS = ("Words", "Texts", "Mean", "95 % interval")


def _row(push: Push) -> tuple[object, ...]:
    interval = f"{push.low:+.3f} to {push.high:+.3f}"
    return foreign(push.words), f"{push.texts:,}", f"{push.mean:+.3f}", interval


def _errors(result: ExplainedSet) -> Html:
    errors = result.corpus.errors[:_MOST_ERRORS]
    if not errors:
        return section("errors", "Errors", tag("p", "There are no errors."))
    rows = [
        (
            f"{result.lines[error.row]:,}",
            tag("div", marked(error.explanation), class_="comment"),
            error.label,
            error.explanation.target,
            f"{error.confidence:.1%}",
        )
        for error in errors
    ]
    note = (
        "The most confident come first. The words are marked by what they did for the class that "
        "was chosen: blue over a solid line speaks for it, orange over a dashed line against it."
    )
    shown = f"{len(rows):,} of {result.corpus.wrong:,} wrong answers"
    columns = ("Line", "Text", "True", "Predicted", "Confidence")
    return section("errors", "Errors", tag("p", note), table(shown, columns, rows, words=(1, 2, 3)))


def pushes_csv(corpus: CorpusExplanation) -> bytes:
    """Write all words and n-grams as a CSV file."""
    rows = [
        [p.target, p.words, p.size, p.texts, *(f"{x:.6g}" for x in (p.mean, p.low, p.high))]
        for p in corpus.pushes
    ]
    return _csv(["class", "words", "size", "texts", "mean", "low", "high"], rows)


def errors_csv(result: ExplainedSet) -> bytes:
    """Write all errors as a CSV file, with their three strongest words."""
    rows = []
    for error in result.corpus.errors:
        each = error.explanation
        words = [f"{each.written(at)} {each.scores[at]:+.4f}" for at in each.ranked()[:3]]
        place = [result.lines[error.row], error.label, each.target, f"{error.confidence:.6g}"]
        rows.append([*place, "; ".join(words), each.text])
    return _csv(["line", "label", "predicted", "confidence", "words", "text"], rows)


def _csv(header: list[str], rows: list[list[Any]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    # A text may hold half of a surrogate pair, which UTF-8 has no bytes for.
    return stream.getvalue().encode("utf-8", "replace")
