"""Why an engine answered as it did, with the words of the comment marked."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from roomtone.engines import SentimentEngine
from roomtone.explain import Explanation, explain_texts
from roomtone.reports.marked import key
from roomtone_site.analysis.models import Analysis, ModelVersion
from roomtone_site.analysis.versions import NoModelError, load_version

_STEPS = 9  # of tint; a page that admits no styles of its own needs a class for each
_MOST_WORDS = 8
_MOST_CHARACTERS = 5000  # leaving out each word of a longer text takes too long for a page


@dataclass(frozen=True)
class Why:
    """An explanation for a page.

    Attributes
    ----------
    marked : SafeString
        The text, its words tinted.
    words : list of (str, float)
        The strongest words and their scores.
    key, note, title : str
        What tints mean, what a reader has to know, and how it was found.
    target : str
        The class that is explained.
    cut : bool
        Whether only the beginning of a very long comment is explained.
    """

    marked: SafeString
    words: list[tuple[str, float]]
    key: str
    note: str
    title: str
    target: str
    cut: bool


def engine_of(analysis: Analysis) -> SentimentEngine:
    """Load the engine that an analysis was made with, and no other version of it.

    Raises
    ------
    RoomtoneError
        If it is not there any more.
    """
    usable = ModelVersion.objects.usable_by(analysis.owner)
    version = usable.filter(digest=analysis.engine_version).first()
    if version is None:
        raise NoModelError(
            f"The model {analysis.engine!r} that this analysis was made with is not installed any "
            "more, so that its answers cannot be explained. Analyse the video again."
        )
    return load_version(version)


def explain(analysis: Analysis, text: str) -> Why:
    """Explain the answer of an analysis' engine to a text.

    Raises
    ------
    RoomtoneError
        If the engine is not there any more.
    """
    engine = engine_of(analysis)
    # Gradients need the training stack and doubling steps: exact or leave-one-out are told fast.
    method = "linear" if engine.kind == "tfidf" else "leave_one_out"
    (found,) = explain_texts(engine, [text[:_MOST_CHARACTERS]], method=method)
    return Why(
        marked=marked(found),
        words=[
            (found.written(place), float(found.scores[place]))
            for place in found.ranked()[:_MOST_WORDS]
            if found.scores[place]
        ],
        key=key(found),
        note=found.note,
        title=found.title,
        target=found.target,
        cut=len(text) > _MOST_CHARACTERS,
    )


def marked(explanation: Explanation) -> SafeString:
    """Write the text with each word tinted by its strength, the score as its title.

    What speaks for the class is underlined solid, what speaks against it dashed, so that it can
    be read without colour, too.
    """
    parts, done = [], 0
    strengths = explanation.strengths
    for place, word in enumerate(explanation.words):
        step = round(abs(float(strengths[place])) * _STEPS)
        parts.append(format_html("{}", explanation.text[done : word.start]))
        if step:
            parts.append(
                format_html(
                    '<span class="w {} s{}" title="{}">{}</span>',
                    "f" if strengths[place] > 0 else "a",
                    step,
                    f"{explanation.scores[place]:+.4f}",
                    explanation.written(place),
                )
            )
        else:
            parts.append(format_html("{}", explanation.written(place)))
        done = word.end
    parts.append(format_html("{}", explanation.text[done:]))
    return format_html_join("", "{}", ((part,) for part in parts))
