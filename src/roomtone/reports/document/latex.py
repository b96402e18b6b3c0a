"""A report as LaTeX: booktabs tables, figures, and citations of references.bib."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from roomtone.reports.document.blocks import (
    Block,
    Cite,
    Document,
    Figure,
    Figures,
    Inline,
    Items,
    Paragraph,
    Section,
    Table,
    Value,
    written,
)
from roomtone.reports.document.latex_text import breakable, latex_text

_PREAMBLE = r"""% Written by roomtone. Numbers stand in report.json: \fact names the place of each,
% the form that it is written in, and what is shown.
\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage[margin=25mm]{geometry}
\usepackage{array}
\usepackage{booktabs}
\usepackage{longtable}
\usepackage{graphicx}
\usepackage{float}
\providecommand{\fact}[3]{#3}
\newcolumntype{L}[1]{>{\raggedright\arraybackslash}p{#1}}
\setlength{\tabcolsep}{3.5pt}
\setlength{\emergencystretch}{3em}
\setcounter{secnumdepth}{1}
"""
_MOST_ROWS, _MOST_WRAPPED_ROWS = 30, 9  # of a table that is kept on one page


def render_latex(document: Document, figures: Collection[str]) -> str:
    """Write a report as LaTeX, for pdfLaTeX and BibTeX.

    Tables and figures stand where they are spoken of: sections of little text and much to show
    would leave their floats pages behind.

    Parameters
    ----------
    document : Document
        The report.
    figures : collection of str
        The names of the figures that there are, as ``figures/NAME.pdf``.
    """
    writer = _Writer(document, figures)
    body = [writer.section(part) for part in document.sections]
    cited = document.facts["references"]
    ending = ["\\bibliographystyle{plain}", "\\bibliography{references}"] if cited else []
    return "\n".join(
        [
            _PREAMBLE,
            f"\\title{{{writer.inline(document.title)}}}",
            f"\\author{{{writer.inline(document.subtitle)}}}",
            "\\date{}",
            "\\begin{document}",
            "\\maketitle",
            *body,
            *ending,
            "\\end{document}",
            "",
        ]
    )


class _Writer:
    def __init__(self, document: Document, figures: Collection[str]) -> None:
        self.facts, self.figures = document.facts, figures

    def inline(self, parts: Inline, *, wrapped: bool = False) -> str:
        return "".join(self._part(part, wrapped=wrapped) for part in parts)

    def _part(self, part: str | Value | Cite, *, wrapped: bool) -> str:
        if isinstance(part, Cite):
            return f"~\\cite{{{','.join(part.keys)}}}"
        if isinstance(part, Value):
            shown = latex_text(written(self.facts, part))
            shown = breakable(shown) if wrapped else shown
            return f"\\fact{{{part.path}}}{{{part.form}}}{{{shown}}}"
        return latex_text(part)

    def section(self, part: Section) -> str:
        blocks = [self._block(block) for block in part.blocks]
        heading = f"\\section{{{self.inline(part.title)}}}\n\\label{{sec:{part.key}}}"
        return "\n\n".join([heading, *(block for block in blocks if block)])

    def _block(self, block: Block) -> str:
        if isinstance(block, Paragraph):
            return self.inline(block.parts, wrapped=True)
        if isinstance(block, Items):
            items = [f"\\item {self.inline(item, wrapped=True)}" for item in block.items]
            return "\n".join(["\\begin{itemize}", *items, "\\end{itemize}"])
        if isinstance(block, Table):
            return self._table(block)
        if isinstance(block, Figures):
            drawn = [figure for figure in block.figures if figure.name in self.figures]
            pairs = [drawn[place : place + 2] for place in range(0, len(drawn), 2)]
            return "\n\n".join(self._figures(pair, 0.48) for pair in pairs)
        return self._figures([block], 0.95) if block.name in self.figures else ""

    def _table(self, block: Table) -> str:
        spec = "".join(self._column(block, place) for place in range(len(block.columns)))
        head = " & ".join(self.inline(column) for column in block.columns) + r" \\"
        rows = [self._row(block, row) for row in block.rows]
        caption = self.inline(block.caption)
        if len(rows) > (_MOST_WRAPPED_ROWS if block.wrapped else _MOST_ROWS):
            return "\n".join(
                [
                    "{\\footnotesize",
                    f"\\begin{{longtable}}{{@{{}}{spec}@{{}}}}",
                    f"\\caption{{{caption}}}\\label{{tab:{block.key}}}\\\\",
                    *("\\toprule", head, "\\midrule", "\\endfirsthead"),
                    *("\\toprule", head, "\\midrule", "\\endhead"),
                    *("\\bottomrule", "\\endlastfoot"),
                    *rows,
                    "\\end{longtable}}",
                ]
            )
        return "\n".join(
            [
                "\\begin{table}[H]",
                "\\centering\\footnotesize",
                f"\\caption{{{caption}}}\\label{{tab:{block.key}}}",
                f"\\begin{{tabular}}{{@{{}}{spec}@{{}}}}",
                *("\\toprule", head, "\\midrule"),
                *rows,
                *("\\bottomrule", "\\end{tabular}", "\\end{table}"),
            ]
        )

    def _column(self, block: Table, place: int) -> str:
        if place in block.wrapped:
            return f"L{{{block.wrapped[place]:g}\\linewidth}}"
        return "l" if place in block.words else "r"

    def _row(self, block: Table, row: tuple[Inline, ...]) -> str:
        cells = [
            self.inline(cell, wrapped=place in block.wrapped) for place, cell in enumerate(row)
        ]
        return " & ".join(cells) + r" \\"

    def _figures(self, figures: Sequence[Figure], width: float) -> str:
        parts = [
            "\n".join(
                [
                    f"\\begin{{minipage}}[t]{{{width}\\linewidth}}",
                    "\\centering",
                    "\\includegraphics[width=\\linewidth,height=0.78\\textheight,"
                    f"keepaspectratio]{{figures/{figure.name}.pdf}}",
                    f"\\caption{{{self.inline(figure.caption)}}}\\label{{fig:{figure.name}}}",
                    "\\end{minipage}",
                ]
            )
            for figure in figures
        ]
        body = "\\hfill\n".join(parts)
        return f"\\begin{{figure}}[H]\n\\centering\n{body}\n\\end{{figure}}"
