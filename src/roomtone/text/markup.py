"""HTML in comments: entities become the characters they stand for, tags become blanks."""

from __future__ import annotations

import html
import re
from html.entities import html5

from roomtone.text.edits import Edit, Step, edit, replacing

# Only names that HTML has, so that "<3", "<sarcasm>" and "<user>" are left to the tokeniser.
_TAGS = (
    "a|abbr|b|big|blockquote|body|br|center|code|dd|del|div|dl|dt|em|figure|font|footer|h[1-6]|"
    "head|header|hr|html|i|iframe|img|ins|li|link|main|mark|meta|ol|option|p|pre|q|s|script|"
    "section|small|span|strike|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|title|tr|tt|u|"
    "ul|video|wbr"
)
_ATTRIBUTE = r"""\s+[\w:-]+(?:\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s<>"']+))?"""
# An attribute without a value is left out of the first ones: "if a <b and c> d" holds no tag.
_VALUED = r"""\s+[\w:-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s<>"']+)"""
_TAG = re.compile(rf"</?(?:{_TAGS})(?:(?:{_VALUED})(?:{_ATTRIBUTE})*)?\s*/?>|<!--[^<>]*-->", re.I)

# However often an ampersand was escaped (&amp;amp;lt;), one match takes it all.
_ENTITY = re.compile(
    r"&(?P<again>(?:(?:amp|AMP|#0{0,5}38|#[xX]0{0,4}26);)*)"
    r"(?P<name>#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?"
)


def _character(match: re.Match[str]) -> str:
    name = match["name"] or ""
    if name.startswith("#"):
        return html.unescape("&" + name)
    return html5.get(name, "&" + name)


_tags: Step = replacing(_TAG, " ")
_entities: Step = replacing(_ENTITY, _character)


def tags(text: str) -> list[Edit]:
    """List the edits that turn tags and comments of HTML into blanks."""
    return _tags(text) if "<" in text and ">" in text else []


def entities(text: str) -> list[Edit]:
    """List the edits that turn entities of HTML into characters, ``&amp;amp;`` included."""
    return _entities(text) if "&" in text else []


def has_html(text: str) -> bool:
    """Tell whether a text holds tags or entities of HTML."""
    return bool(tags(text) or entities(text))


def without_html(text: str) -> str:
    """Turn entities into characters and tags into blanks, whatever else a text holds."""
    text = edit(text, tags(text))
    return edit(text, entities(text))
