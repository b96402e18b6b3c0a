"""The works that the methods come from, and their BibTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from roomtone.errors import DataError, nearest

SOURCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "corrected_t": ("nadeau2003", "bouckaert2004"),
        "bayesian_correlated_t": ("corani2015", "corani2017", "benavoli2017"),
        "dietterich_t": ("dietterich1998",),
        "alpaydin_f": ("alpaydin1999",),
        "mcnemar_midp": ("mcnemar1947", "fagerland2013", "dietterich1998"),
        "mcnemar_exact": ("mcnemar1947", "fagerland2013", "dietterich1998"),
        "bonett_price": ("bonett2012",),
        "odds_ratio": ("clopper1934",),
        "cohens_g": ("cohen1988", "clopper1934"),
        "mcnemar_power": ("connor1987", "hoenig2001"),
        "paired_permutation": ("noreen1989", "phipson2010", "dror2018"),
        "bca": ("efron1987",),
        "percentile": ("efron1993",),
        "groups": ("field2007", "cameron2008"),
        "cochran_q": ("cochran1950", "tate1970"),
        "friedman": ("friedman1937", "demsar2006"),
        "iman_davenport": ("iman1980",),
        "kendalls_w": ("kendall1939",),
        "wilcoxon": ("wilcoxon1945", "pratt1959", "demsar2006", "benavoli2016"),
        "hodges_lehmann": ("hodges1963",),
        "rank_correlation": ("kerby2014",),
        "holm": ("holm1979",),
        "aso": ("delbarrio2018", "dror2019", "ulmer2022"),
        "welch": ("welch1947",),
        "cliffs_delta": ("cliff1993", "feng2004"),
        "variance_split": ("searle1992", "bouthillier2021"),
        "seeds_and_rows": ("obuchowski1995", "hillis2007"),
        "crossed": ("owen2007",),
        "pooling": ("forman2010",),
        "ece": ("guo2017",),
        "brier": ("brier1950",),
        "cohen_kappa": ("cohen1960",),
        "krippendorff_alpha": ("krippendorff2011",),
        "mcc": ("gorodkin2004",),
    }
)
"""For each method, interval, effect size and metric that needs one: keys of the entries."""


def bibtex(methods: Iterable[str]) -> str:
    """Return the entries of these methods, each once, as a .bib file.

    Parameters
    ----------
    methods : iterable of str
        Keys of :data:`SOURCES`, as :attr:`~roomtone.stats.choosing.Comparison.sources` has them.

    Raises
    ------
    DataError
        If a method is not among them.

    Examples
    --------
    >>> bibtex(["holm"]).splitlines()[0]
    '@article{holm1979,'
    """
    keys = [key for method in methods for key in cite_keys(method)]
    return "\n".join(entries()[key] for key in sorted(set(keys)))


def cite_keys(method: str) -> tuple[str, ...]:
    r"""Return the keys that ``\cite`` wants for a method.

    Raises
    ------
    DataError
        If the method is not one of :data:`SOURCES`.
    """
    if method not in SOURCES:
        raise DataError(
            f"no source is known for {method!r} (known: {', '.join(SOURCES)})"
            f"{nearest(method, SOURCES)}"
        )
    return SOURCES[method]


@cache
def entries() -> Mapping[str, str]:
    """Return every entry by its key, as BibTeX."""
    text = files("roomtone.stats").joinpath("sources.bib").read_text(encoding="utf-8")
    return MappingProxyType(parse_entries(text))


def parse_entries(text: str) -> dict[str, str]:
    """Split a .bib file into its entries, each by its key."""
    blocks = re.findall(r"(^@\w+\{(\w+),\n.*?^\}\n)", text, re.DOTALL | re.MULTILINE)
    return {key: block for block, key in blocks}
