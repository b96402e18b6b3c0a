"""Explaining an engine's answers by one of several methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module, util
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from roomtone.errors import RoomtoneError, nearest
from roomtone.explain.explanation import Explanation
from roomtone.explain.method import Method, Options, Weights
from roomtone.explain.words import FloatArray, IntArray, ReadText, read_all

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine

METHODS = {
    "leave_one_out": "roomtone.explain.leaving_out:LeaveOneOut",
    "integrated_gradients": "roomtone.explain.gradients:IntegratedGradients",
    "attention": "roomtone.explain.attention:Attention",
    "ngrams": "roomtone.explain.phrases:FiredPhrases",
    "linear": "roomtone.explain.linear:LinearContributions",
}
"""All that explains; `auto` takes the first of `PREFERRED` that an engine admits."""

CHANCE = {
    "random": "roomtone.explain.chance:RandomScores",
    "uniform": "roomtone.explain.chance:UniformScores",
}
"""What the others are measured against."""

PREFERRED = ("linear", "integrated_gradients", "leave_one_out")
TEXTS = 64  # explained at once


def method_class(name: str) -> type[Method]:
    """Find a method by its name.

    Raises
    ------
    RoomtoneError
        If there is none of this name.
    """
    places = METHODS | CHANCE
    if name not in places:
        raise RoomtoneError(
            f"unknown method {name!r} (known: auto, {', '.join(METHODS)}){nearest(name, METHODS)}"
        )
    module, _, attribute = places[name].partition(":")
    found: type[Method] = getattr(import_module(module), attribute)
    return found


def admitted(engine: SentimentEngine) -> list[str]:
    """Name the methods that an engine can be explained by, for which all that is needed is here."""
    return [
        name
        for name in METHODS
        if method_class(name).refusal(engine) is None
        and (name != "integrated_gradients" or util.find_spec("captum") is not None)
    ]


def chosen_method(engine: SentimentEngine, name: str) -> str:
    """Resolve ``"auto"``: exact where that is possible, then by gradients, then by leaving out."""
    if name != "auto":
        return name
    able = admitted(engine)
    return next(method for method in PREFERRED if method in able)


def make_method(
    engine: SentimentEngine, name: str, options: Options, *, detailed: bool = False
) -> Method:
    """Make a method that can explain an engine.

    Raises
    ------
    RoomtoneError
        If there is no such method, or the engine is not of a kind that it can explain.
    """
    kind = method_class(chosen_method(engine, name))
    if reason := kind.refusal(engine):
        raise RoomtoneError(
            f"method {name!r}: {reason}; use one of {', '.join(admitted(engine))}, of which "
            "leave_one_out explains every engine"
        )
    return kind(options, detailed=detailed)


def class_code(engine: SentimentEngine, name: str) -> int:
    """Find the code of a class by its name; case does not matter.

    Raises
    ------
    RoomtoneError
        If the engine has no such class.
    """
    names = [known.casefold() for known in engine.class_names]
    if name.casefold() in names:
        return names.index(name.casefold())
    raise RoomtoneError(
        f"unknown class {name!r} (classes of {engine.name!r}: {', '.join(engine.class_names)})"
        f"{nearest(name, engine.class_names)}"
    )


def explain_texts(
    engine: SentimentEngine,
    texts: Sequence[str],
    *,
    method: str = "auto",
    target: str | None = None,
    options: Options | None = None,
    watch: Callable[[int], None] = lambda done: None,
) -> list[Explanation]:
    """Explain what an engine says of texts.

    Parameters
    ----------
    engine : SentimentEngine
        Any engine.
    texts : sequence of str
        Comments as they were written.
    method : str
        A key of `METHODS`, or ``"auto"``: exact contributions for a linear model, integrated
        gradients for the hybrid network where Captum is installed, else leave-one-out.
    target : str, optional
        The class that is explained; where not given, for each text its most probable class.
    options : Options, optional
        Choices that methods have.
    watch : callable
        Called with the number of texts done.

    Returns
    -------
    list of Explanation
        One for each text.

    Raises
    ------
    RoomtoneError
        If there is no such method or class, or the method cannot explain this engine.
    DataError
        If something among the texts is not a string.
    """
    way = make_method(engine, method, options or Options(), detailed=True)
    code = None if target is None else class_code(engine, target)
    found: list[Explanation] = []
    for first in range(0, len(texts), TEXTS):
        read = read_all(texts[first : first + TEXTS])
        probs, known = engine.scores([text.text for text in read])
        best = probs.argmax(axis=1) if code is None else np.full(len(read), code)
        weights = weigh(engine, way, read, known, best[:, None])
        for row, (text, weight) in enumerate(zip(read, weights, strict=True)):
            found.append(
                explained(
                    engine,
                    way,
                    text,
                    code=int(best[row]),
                    scores=weight.scores[0],
                    probs=probs[row],
                    known=bool(known[row]),
                    details=weight.details[0],
                )
            )
        watch(len(found))
    return found


def weigh(
    engine: SentimentEngine,
    method: Method,
    texts: Sequence[ReadText],
    known: NDArray[np.bool_],
    classes: IntArray,
) -> list[Weights]:
    """Weigh the words of texts; where nothing is known to the engine no word weighs anything."""
    nothing = ({},) * classes.shape[1]
    found = [Weights(np.zeros((classes.shape[1], len(text.words))), nothing) for text in texts]
    rows = [row for row, text in enumerate(texts) if known[row] and text.words]
    if rows:
        done = method.weigh(engine, [texts[row] for row in rows], classes[rows])
        for row, weights in zip(rows, done, strict=True):
            found[row] = weights
    return found


def explained(
    engine: SentimentEngine,
    method: Method,
    text: ReadText,
    *,
    code: int,
    scores: FloatArray,
    probs: FloatArray,
    known: bool,
    details: dict[str, Any],
) -> Explanation:
    """Put together what is known of one answer."""
    return Explanation(
        text=text.text,
        words=text.words,
        scores=scores,
        target=engine.class_names[code],
        method=method.name,
        title=method.title,
        unit=method.unit,
        signed=method.signed,
        model=engine.name,
        probs=dict(zip(engine.class_names, probs.tolist(), strict=True)),
        known=known,
        details=details,
    )
