"""The page of an audit: what is wrong with the files, how much of it, and examples to look at."""

from __future__ import annotations

from functools import partial

from roomtone.data.audit.kinds import KINDS
from roomtone.data.audit.result import Audit
from roomtone.reports.audit_examples import examples_section, templates_section
from roomtone.reports.audit_figures import draw_shares, draw_text_lengths
from roomtone.reports.markup import Html, join, section, table, tag
from roomtone.reports.pages import figure, fill_page

_METHODS = (
    "Near duplicates: MinHash (Broder 1997) proposes pairs of texts; their similarity is then "
    "computed in full, as the Jaccard index of their runs of five characters after folding case, "
    "punctuation, links and user names. Texts of fewer than {shortest_compared} characters are "
    "compared for equality alone.",
    "Label errors: confident learning (Northcutt, Jiang & Chuang 2021) on probabilities of a "
    "TF-IDF logistic regression, out of {label_error_folds} folds; near duplicates are in one "
    "fold. Named is a row where another class is more probable by {label_error_margin:.0%} or "
    "more. Irony, and what the words alone do not show, is often named wrongly: read before you "
    "change a label.",
    "Languages: py3langid judges texts of 25 letters or more that have few of the words that are "
    "frequent here. Short texts, mixed ones and close relatives of the main language pass unseen.",
    "Shifts: with thousands of rows the smallest difference has a small p-value. Look at the "
    "effect.",
)


def render_audit(audit: Audit, *, figures: bool = True) -> str:
    """Render an audit as one HTML page that loads nothing from outside.

    Parameters
    ----------
    audit : Audit
        What was found; texts are escaped.
    figures : bool
        Whether to draw figures, which needs matplotlib.

    Raises
    ------
    MissingExtraError
        If figures are wanted and matplotlib is not installed.
    """
    counts = audit.counts()
    sections = [_overview(audit, counts), _files(audit, figures=figures), _shifts(audit)]
    contents = [("overview", "Overview"), ("files", "Files"), ("shifts", "Shifts")]
    if audit.templates:
        contents.append(("templates", "Templates"))
        sections.append(templates_section(audit))
    for kind in counts:
        contents.append((kind, KINDS[kind].title))
        sections.append(examples_section(audit, kind, counts[kind]))
    contents.append(("methods", "Methods and limits"))
    sections.append(_methods(audit))
    names = " · ".join(f"{file.name} {file.rows:,} rows" for file in audit.files)
    return fill_page(
        "Data audit",
        ", ".join(file.name for file in audit.files),
        facts=f"{names} · {len(audit.class_names)} classes",
        contents=contents,
        sections=join(sections),
        footer="Written by roomtone audit. findings.csv names every row, audit.json has the rest.",
    )


def _overview(audit: Audit, counts: dict[str, list[int]]) -> Html:
    warned = join(tag("li", f"{each.file}: {each.told}") for each in audit.imbalances)
    unbalanced = [tag("ul", warned, class_="warnings")] if audit.imbalances else []
    if not counts:
        clean = "No row has a fault." if unbalanced else "Nothing was found."
        return section("overview", "Overview", *unbalanced, tag("p", clean, class_="good"))
    totals = [file.rows + file.unusable for file in audit.files]
    rows = [
        (
            tag("a", KINDS[kind].title, href=f"#{kind}"),
            *(_share(n, total) for n, total in zip(found, totals, strict=True)),
            KINDS[kind].action,
        )
        for kind, found in counts.items()
    ]
    names = tuple(file.name for file in audit.files)
    last = len(names) + 1
    leaking = [
        (
            pair.replace("/", " → "),
            *(f"{overlap[key]:,}" for key in ("exact", "normalized")),
            f"{overlap['share']:.2%}",
            f"{overlap['conflicting']:,}",
        )
        for pair, overlap in audit.overlaps.items()
    ]
    parts = [
        *unbalanced,
        table("Rows of each finding", ("Finding", *names, "What to do"), rows, words=(0, last)),
    ]
    if leaking:
        columns = ("Files", "Same text", "Same after folding", "Share", "Labels disagree")
        caption = "Rows of the later file that stand in the earlier one, too"
        parts.append(table(caption, columns, leaking))
    return section("overview", "Overview", *parts)


def _share(number: int, total: int) -> str:
    return f"{number:,} ({number / total:.1%})" if number else "–"


def _files(audit: Audit, *, figures: bool) -> Html:
    facts = [
        (
            file.name,
            f"{file.rows:,}",
            f"{file.unusable:,}",
            *(f"{file.lengths[key]:,.0f}" for key in ("p5", "p50", "p95", "max")),
            file.encoding,
        )
        for file in audit.files
    ]
    columns = ("File", "Rows", "Unusable", "5 %", "Median", "95 %", "Longest", "Encoding")
    classes = [
        (
            name,
            *(_share(file.labels[name], sum(file.labels.values())) for file in audit.files),
        )
        for name in audit.class_names
    ]
    medians = [
        (
            name,
            *(
                f"{file.lengths_by_class[name]:,.0f}" if name in file.lengths_by_class else "–"
                for file in audit.files
            ),
        )
        for name in audit.class_names
    ]
    heads = ("Class", *(file.name for file in audit.files))
    parts: list[object] = [table("Rows, and lengths in characters", columns, facts)]
    if figures:
        caption = "Whiskers are exact 95 % intervals (Clopper & Pearson 1934)."
        alternative = "Shares of the classes; the table gives the figures."
        parts.append(figure(partial(draw_shares, audit), alternative, caption))
    parts.append(table("Rows of each class", heads, classes))
    parts.append(table("Median length of each class, in characters", heads, medians))
    if figures:
        alternative = "Histogram of lengths; the table gives the figures."
        parts.append(
            figure(partial(draw_text_lengths, audit), alternative, "Lengths of the texts.")
        )
    return section("files", "Files", *parts)


def _shifts(audit: Audit) -> Html:
    rows = [
        (
            f"{shift.first} → {shift.second}",
            shift.what,
            f"{shift.effect_name} {shift.effect:+.3f}".replace("V +", "V "),
            shift.size,
            f"{shift.p_value:.2g}",
            shift.method,
        )
        for shift in audit.shifts
    ]
    if not rows:
        note = "There is one file, or one class: nothing to compare."
        return section("shifts", "Shifts", tag("p", note))
    columns = ("Files", "Of", "Effect", "Size", "p", "Test")
    caption = "Differences between the files; negligible ones need no action"
    return section("shifts", "Shifts", table(caption, columns, rows, words=(0, 1, 2, 3, 5)))


def _methods(audit: Audit) -> Html:
    parts = [tag("p", method.format(**audit.settings)) for method in _METHODS]
    if audit.noise:
        told = ", ".join(f"{name} {share:.1%}" for name, share in audit.noise.items())
        parts.append(
            tag(
                "p",
                f"Confident learning estimates these shares of wrong labels: {told}. Where the "
                "words tell little of the class, as with sentiment, they are far too high: they "
                "order the classes, and no more.",
            )
        )
    if audit.languages:
        told = ", ".join(f"{name} {count:,}" for name, count in audit.languages.items())
        parts.append(tag("p", f"Languages of a sample of the texts: {told}."))
    if audit.skipped:
        listed = join(tag("li", reason) for reason in audit.skipped)
        parts.append(tag("p", "Not looked at:"))
        parts.append(tag("ul", listed, class_="warnings"))
    return section("methods", "Methods and limits", *parts)
