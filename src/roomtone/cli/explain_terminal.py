"""An explanation on the terminal: the text with tinted words, and its strongest words."""

from __future__ import annotations

import unicodedata

from rich.console import Console
from rich.text import Text

from roomtone.explain import Explanation

_FOR, _AGAINST = (0, 114, 178), (213, 94, 0)  # as in the figures (Okabe & Ito 2008)
_MOST = 6


def print_explanation(explanation: Explanation, console: Console | None = None) -> None:
    """Print the answer, the text with its words tinted, and the strongest words with scores.

    Without colours, as in a file, the list of words says it all.
    """
    console = console or Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    shares = ", ".join(f"{name} {share:.1%}" for name, share in explanation.probs.items())
    console.print(f"{_plain(explanation.label)} ({_plain(shares)})", style="bold")
    console.print(_tinted(explanation))
    what = "for" if not explanation.signed else f"for {_plain(explanation.target)},"
    console.print(f"{explanation.title}: {_unit(explanation, what)}", style="dim")
    width = max(
        (len(_plain(explanation.written(p))) for p in explanation.ranked()[:_MOST]), default=0
    )
    for place in explanation.ranked()[:_MOST]:
        score, written = explanation.scores[place], _plain(explanation.written(place))
        if score:
            console.print(f"  {score:+.4f}  {written:<{width}}".rstrip())
    if explanation.note:
        console.print(explanation.note, style="dim")
    console.print()


def _unit(explanation: Explanation, what: str) -> str:
    if not explanation.signed:
        return "share of each word"
    return f"what each word says {what} in units of {explanation.unit}"


def _tinted(explanation: Explanation) -> Text:
    shown, done = Text(), 0
    for place, word in enumerate(explanation.words):
        shown.append(_plain(explanation.text[done : word.start]))
        shown.append(_plain(explanation.written(place)), _style(explanation.strengths[place]))
        done = word.end
    return shown.append(_plain(explanation.text[done:]))


def _style(strength: float) -> str:
    """Tint a word: dark letters on a background that is stronger the more it counts."""
    if abs(strength) < 0.05:
        return ""
    colour = _FOR if strength > 0 else _AGAINST
    red, green, blue = (round(255 - abs(strength) * 0.75 * (255 - part)) for part in colour)
    line = "" if strength > 0 else " underline"
    return f"#1b1f24 on #{red:02x}{green:02x}{blue:02x}{line}"


def _plain(text: str) -> str:
    """Take out what would command a terminal: control signs, and signs of direction."""
    return "".join(
        letter
        if unicodedata.category(letter) not in ("Cc", "Cf", "Cs") or letter == "\u200d"
        else " "
        for letter in text
    )
