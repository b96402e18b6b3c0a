"""An explanation as HTML: the text as it was written, its words tinted, and the numbers."""

from __future__ import annotations

from functools import partial

from roomtone.explain import Explanation
from roomtone.reports.attention_figure import draw_attention
from roomtone.reports.markup import Html, foreign, join, section, table, tag, text
from roomtone.reports.pages import figure, fill_page

_MOST_ROWS = 20


def explanation_page(groups: list[list[Explanation]], data: str) -> str:
    """Render explanations as one HTML page; all that comes from texts and models is escaped.

    Parameters
    ----------
    groups : list of list of Explanation
        For each text its explanations by one or more methods.
    data : str
        Name of the JSON file beside the page.

    Raises
    ------
    MissingExtraError
        If there is attention to draw, and matplotlib is not installed.
    """
    sections = [
        _section(f"text-{number}", f"Text {number}", group)
        for number, group in enumerate(groups, start=1)
    ]
    first = groups[0][0]
    methods = ", ".join(each.title for each in groups[0])
    return explaining_page(
        f"Why {first.model} answered so",
        facts=f"{len(groups):,} texts · {methods}" if len(groups) > 1 else methods,
        contents=[(f"text-{n + 1}", f"Text {n + 1}") for n in range(len(groups))],
        sections=join(sections),
        data=data,
    )


def explaining_page(
    name: str, *, facts: str, contents: list[tuple[str, str]], sections: Html, data: str
) -> str:
    """Put sections into a page of explanations; `data` is the JSON file beside it."""
    return fill_page(
        "Explanation",
        name,
        facts=facts,
        contents=contents,
        sections=sections,
        footer=f"Written by roomtone. Every number stands in {data} beside this page.",
        styles=("report.css", "explanation.css"),
    )


def marked(explanation: Explanation) -> Html:
    """Write the text with each word tinted by its strength, the score as its title.

    What speaks for the class is blue over a solid line, what speaks against it orange over a
    dashed one.
    """
    parts: list[Html] = []
    done = 0
    strengths = explanation.strengths
    for place, word in enumerate(explanation.words):
        strength, written = float(strengths[place]), explanation.written(place)
        kind = "w f" if strength > 0 else "w a"
        parts += [
            text(explanation.text[done : word.start]),
            tag(
                "span",
                written,
                class_=kind,
                style=f"--s:{abs(strength):.3f}",
                title=f"{explanation.scores[place]:+.4f}",
            )
            if strength
            else text(written),
        ]
        done = word.end
    parts.append(text(explanation.text[done:]))
    return tag("p", join(parts, ""), class_="marked", dir="auto")


def _section(identifier: str, heading: str, group: list[Explanation]) -> Html:
    first = group[0]
    answer = ", ".join(f"{name} {share:.1%}" for name, share in first.probs.items())
    parts: list[Html | str] = [
        tag("p", join([tag("span", first.label, class_="answer"), f"({answer})"], " "))
    ]
    for each in group:
        parts += [
            tag("h3", each.title),
            marked(each),
            tag("p", key(each), class_="key"),
            tag("p", each.note) if each.note else "",
            _completeness(each),
            _attention(each),
            _words(each),
            _listed(each),
        ]
    return section(identifier, heading, *parts)


def key(explanation: Explanation) -> str:
    """Say what the tints mean."""
    if not explanation.signed:
        return "The stronger the tint, the more the word counts."
    return (
        f"Blue, solid line: for {explanation.target}. Orange, dashed line: against it. Scores are "
        f"in units of {explanation.unit}."
    )


def _words(explanation: Explanation) -> Html:
    rows = [
        (foreign(explanation.written(place)), f"{explanation.scores[place]:+.4f}")
        for place in explanation.ranked()[:_MOST_ROWS]
    ]
    if not rows:
        return Html("")
    shown = table(f"The {len(rows)} strongest words", ("Word", "Score"), rows)
    return tag("details", join([tag("summary", "The words as a table"), shown]))


def _completeness(explanation: Explanation) -> Html:
    check = explanation.details
    if "difference" not in check:
        return Html("")
    return tag(
        "p",
        f"Completeness: the scores sum to {check['sum']:.4f}; the difference to the baseline "
        f"({check['baseline']}) is {check['difference']:.4f} ({check['steps']} steps).",
    )


def _attention(explanation: Explanation) -> Html:
    if "heads" not in explanation.details or not explanation.words:
        return Html("")
    names = ", ".join(explanation.written(place) for place in explanation.ranked()[:3])
    return figure(
        partial(draw_attention, explanation),
        f"Attention, head by head and pooled. It is strongest on: {names}.",
        "Rows attend to columns. Below, the share of each word once the text is pooled.",
    )


def _listed(explanation: Explanation) -> Html:
    """List n-grams, or features of a linear model."""
    if ngrams := explanation.details.get("ngrams"):
        rows = [
            (foreign(each["written"]), f"{each['filters']}", f"{each['effect']:+.4f}")
            for each in ngrams[:_MOST_ROWS]
        ]
        columns = ("N-gram", "Filters that fire most here", "Effect")
        return table("The convolution’s strongest n-grams", columns, rows)
    if features := explanation.details.get("features"):
        rows = [
            (foreign(each["feature"]), each["kind"], f"{each['contribution']:+.4f}")
            for each in features[:_MOST_ROWS]
        ]
        columns = ("Feature", "Kind", "Contribution")
        return table("The features that add most", columns, rows, words=(0, 1))
    return Html("")
