"""What all pages have in common: their frame, and figures that fit a light and a dark screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from roomtone.reports.markup import Html, join, picture, tag, text
from roomtone.reports.style import DARK, LIGHT, Theme, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def fill_page(
    kind: str,
    name: str,
    *,
    facts: str,
    contents: Iterable[tuple[str, str]],
    sections: Html,
    footer: str,
    heading: Html | None = None,
    styles: Iterable[str] = ("report.css",),
) -> str:
    """Put sections into a page that loads nothing from outside.

    Parameters
    ----------
    kind, name, facts : str
        What sort of page it is, its heading, and the line below.
    contents : iterable of tuple of str
        Identifier and name of each section.
    sections : Html
        The page itself.
    footer : str
        Its last line.
    heading : Html, optional
        The heading where it is more than plain text.
    styles : iterable of str
        The style sheets, by their names among the templates.
    """
    templates = files("roomtone.reports") / "templates"
    page = Template((templates / "report.html").read_text(encoding="utf-8"))
    return page.substitute(
        title=text(f"{name}: {kind.lower()}"),
        kind=text(kind),
        name=text(name if heading is None else heading),
        style="\n".join((templates / sheet).read_text(encoding="utf-8") for sheet in styles),
        facts=text(facts),
        contents=join(tag("a", label, href=f"#{target}") for target, label in contents),
        sections=sections,
        footer=text(footer),
    )


def figure(draw: Callable[[Theme], Figure | None], alternative: str, caption: str) -> Html:
    """Draw a figure in both looks; nothing where there is nothing to draw.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    looks = [render(draw, theme, "svg") for theme in (LIGHT, DARK)]
    if not all(looks):
        return Html("")
    (light,), (dark,) = looks
    return picture(light, dark, alternative, caption)
