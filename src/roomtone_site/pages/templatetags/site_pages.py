"""Filters of the templates."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()
_MINUS = "\N{MINUS SIGN}"
_KINDS = {
    "combined": "combination of models",
    "ensemble": "combination of models",
    "stacking": "combination of models",
    "logreg": "logistic regression",
    "svm": "linear SVM",
    "tfidf": "weighted words (TF-IDF)",
}


@register.filter
def percent(value: float) -> str:
    """Write a share from 0 to 1 in percent; what is not quite all never looks like all."""
    shown = 100 * value
    if 99 <= shown < 100:
        return "> 99 %"
    return "< 1 %" if 0 < shown < 1 else f"{shown:.0f} %"


@register.simple_tag
def turned(choice: Any, **changes: Any) -> str:
    """Write the address of the table with some values changed, from its first page."""
    written: str = choice.address(**{"page": 1, **changes})
    return written


@register.filter
def points(value: float) -> str:
    """Write a difference of shares in percentage points, with its sign."""
    return f"{100 * value:+.1f}".replace("-", _MINUS)


@register.filter
def signed(value: float) -> str:
    """Write a score with its sign."""
    return f"{value:+.3f}".replace("-", _MINUS)


@register.filter
def minus(written: str) -> str:
    """Write a negative number with the sign that is as wide as a digit."""
    return written.replace("-", _MINUS)


@register.filter
def kind(name: str) -> str:
    """Say in words what kind of model it is."""
    return _KINDS.get(name, name)


@register.filter
def p_value(value: float) -> str:
    """Write a p-value."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


@register.filter
def p_equals(value: float) -> str:
    """Write a p-value as part of a sentence."""
    return f"p {p_value(value)}" if value < 0.001 else f"p = {p_value(value)}"
