"""Comments that advertise: told by what several signs say together, never by one word.

A comment that is taken for spam is left out of what others said, so the rules are strict: a link
alone is no spam, nor is a number, the name of a messenger, or a person who praises an adviser.
"""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType

_OWN = r"(?:youtube\.com|youtu\.be|wikipedia\.org|imdb\.com|spotify\.com|github\.com|archive\.org)"
_SIGNS = MappingProxyType(
    {
        "link": re.compile(
            rf"(?:https?://|www\.)(?!(?:[\w-]+\.)*{_OWN})\S+"
            r"|\b(?:bit\.ly|tinyurl\.com|t\.me|wa\.me|cutt\.ly|linktr\.ee|is\.gd)/\S+",
            re.IGNORECASE,
        ),
        "messenger": re.compile(r"what'?s\s?app|telegram|\bt\.me/|\bwa\.me/|\bsignal app\b", re.I),
        # Nine digits and more, however they are set apart: a telephone number.
        "number": re.compile(r"(?<!\w)[+(]?\d(?:[\s().\-–—_*~]{0,3}\d){8,}(?!\w)"),
        "contact": re.compile(
            r"\b(?:contact|reach|text|message|write|inbox|dm|hit|add|chat)\s+"
            r"(?:me|him|her|us|them|up|now|on|via|through|with)\b|\breach out to (?:him|her)\b",
            re.I,
        ),
        "money": re.compile(
            r"\b(?:bitcoin|btc|crypto(?:currency)?|forex|binary options?|invest(?:ed|ing|ments?)?"
            r"|trad(?:e|es|ing)|passive income|financial freedom|giveaway|gift cards?|loans?"
            r"|airdrop|usdt|eth(?:ereum)?)\b",
            re.I,
        ),
        "gain": re.compile(
            r"[$€£]\s?\d[\d,.]*\s?k?\s+(?:a|per|every|each|in|within|weekly|daily|monthly)\b"
            r"|\b(?:earn(?:s|ed|ing)?|made|make|making|profits?|returns?|withdraw(?:n|al)?)\b.{0,40}"
            r"(?:[$€£]\s?\d|\d\s?(?:%|k\b|dollars|usd|btc))"
            r"|[$€£]\s?\d[\d,.]*\s?k?\b.{0,30}\b(?:profits?|weekly|daily|monthly|returns?)\b",
            re.I,
        ),
        "adviser": re.compile(
            r"\b(?i:mrs?|miss|ms|sir|madam|dr|expert|coach|broker|adviser|advisor|trader|mentor)\b"
            r"\.?\s+[A-Z][a-z]+(?:\s+[A-Z][a-z]+)?"
        ),
        "own channel": re.compile(
            r"\b(?:check(?: ?out)?|visit|subscribe(?: to)?|sub(?: to)?|support|join)\s+"
            r"(?:out\s+)?(?:my|our)\s+(?:new\s+|own\s+|small\s+|latest\s+)*"
            r"(?:youtube\s+)?(?:channel|page|videos?|cover|content|music|beats?|mixtape|site|store)"
            r"|\bsub\s?(?:4|for)\s?sub\b|\bsubscribe to me\b|\bi(?:'ll| will) sub back\b",
            re.I,
        ),
        "bait": re.compile(
            r"\bclick (?:here|the link|my|on my)\b|\blink in (?:my )?bio\b|\bfree (?:gift|iphone"
            r"|v-?bucks|robux|followers|subscribers|money)\b|\bonlyfans\b|\bpromo ?code\b"
            r"|\bdiscount code\b|\bwork(?:ing)? from home\b|\b(?:hot|sexy) (?:girls?|singles)\b"
            r"|\byou(?:'ve| have) (?:won (?:a|an|the)|been selected)\b"
            r"|\bclaim your (?:prize|reward|gift)\b",
            re.I,
        ),
    }
)  # fmt: skip
# Each of these sets of signs is enough; what is told of a comment is the first that it shows.
_RULES = (
    ("a messenger and a telephone number", {"messenger", "number"}),
    ("asks to be contacted at a telephone number", {"contact", "number", "money"}),
    ("asks to be contacted, about money", {"contact", "messenger", "money"}),
    ("asks to be contacted by a messenger, about gains", {"messenger", "gain"}),
    ("praises an adviser and the gains", {"adviser", "money", "gain"}),
    ("promises gains behind a link", {"link", "money", "gain"}),
    ("promises gains, and baits", {"gain", "bait"}),
    ("a link with bait", {"link", "bait"}),
    ("a link to a messenger", {"link", "messenger"}),
    ("advertises a channel of its own", {"own channel"}),
)


def spam_reason(text: str) -> str:
    """Say why a comment is spam.

    Parameters
    ----------
    text : str
        As it was written; letters and digits in disguise (𝟏, ①, Ｗ) are read as what they mimic.

    Returns
    -------
    str
        Empty where it is none, as far as these rules can tell.

    Examples
    --------
    >>> spam_reason("Message me on WhatsApp +1 (415) 555-01 09 for signals")
    'a messenger and a telephone number'
    >>> spam_reason("I watched it on WhatsApp, see https://en.wikipedia.org/wiki/WhatsApp")
    ''
    """
    plain = unicodedata.normalize("NFKC", text)
    shown = {name for name, sign in _SIGNS.items() if sign.search(plain)}
    return next((reason for reason, signs in _RULES if signs <= shown), "")
