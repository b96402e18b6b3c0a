"""The kinds of faults that an audit looks for, and what is to be done about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    Attributes
    ----------
    title : str
        What it is called in tables.
    action : str
        What to do about a row of this kind.
    why : str
        What harm it does, or why it may be none.
    """

    title: str
    action: str
    why: str


_LOOK = "look at it"
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "leak": Kind(
            "Same text in a later file",
            "remove it here",
            "A model that has seen the text is not tested by it: the score comes out too high.",
        ),
        "conflict": Kind(
            "Same text, another label",
            "decide on one label, or remove all",
            "At most one of the labels is right, unless the text can be read both ways.",
        ),
        "near_leak": Kind(
            "Nearly the same text in a later file",
            "remove it here if it says the same",
            "As with the same text, a test on it is easier than it looks.",
        ),
        "label_error": Kind(
            "Label that the other rows speak against",
            "read it, and correct the label if it is wrong",
            "Wrong test labels hide which model is better; wrong training labels cost a little.",
        ),
        "duplicate": Kind(
            "Same text earlier in the file",
            "keep the first, unless repeats are meant to weigh more",
            "Each copy weighs as one more row.",
        ),
        "near_duplicate": Kind(
            "Nearly the same text earlier in the file",
            "keep one of them",
            "Copies in training and test folds leak between them; group them in one fold.",
        ),
        "template": Kind(
            "One of many texts from one template",
            "remove them, or keep a few",
            "Spam and automatic posts teach a model their wording, not a sentiment.",
        ),
        "mojibake": Kind(
            "Letters decoded wrongly",
            "repair: decode them as they were meant",
            "Words and emoji turn into tokens that occur nowhere else.",
        ),
        "lost_characters": Kind(
            "Characters lost for good",
            "look the original up",
            "The sign � stands where an earlier program could not decode a character.",
        ),
        "control_characters": Kind(
            "Control characters",
            "repair: remove them",
            "Programs differ in what they make of them.",
        ),
        "invisible_characters": Kind(
            "Invisible characters",
            "repair: remove them",
            "Two texts that look the same differ; text may be shown in another order.",
        ),
        "escapes": Kind(
            "Escapes in place of characters",
            "repair: turn them into the characters that they stand for",
            "An earlier program wrote \\u2019 where it meant ’.",
        ),
        "html": Kind(
            "Entities or tags of HTML",
            "repair: turn them into the characters that they stand for",
            "roomtone's tokeniser understands them; other programs may not.",
        ),
        "mixed_scripts": Kind(
            "Words of letters from two alphabets",
            _LOOK,
            "Look-alike letters hide words from filters and from vocabularies.",
        ),
        "unassigned_characters": Kind(
            "Characters without a meaning",
            _LOOK,
            "Private or unassigned code points show as boxes; something was lost earlier.",
        ),
        "language": Kind(
            "Text in another language",
            "remove it, or train for that language, too",
            "A model learns little from the few rows of another language.",
        ),
        "no_token": Kind(
            "No word that training knows",
            "remove it; nothing can be learned from it",
            "A model can only guess the most frequent class.",
        ),
        "long": Kind(
            "Far longer than the others",
            "look whether several rows have run into one",
            "An open quote swallows the rows behind it.",
        ),
        "empty": Kind("No text", "fill it in, or remove the row", "Training leaves such rows out."),
        "unknown_label": Kind(
            "Missing or unknown label",
            "correct the label",
            "Training refuses a file with a label that it does not know.",
        ),
        "broken": Kind(
            "Row that cannot be read", "correct the file", "Training leaves such rows out."
        ),
    }
)
"""The kinds by their names, the gravest first."""

REPAIRED = ("mojibake", "control_characters", "invisible_characters", "escapes", "html")
"""Kinds whose rows are changed, not removed, by a fix."""
REMOVED = ("leak", "conflict")
"""Kinds whose rows a fix removes,"""
REMOVED_IF_ASKED = (
    "near_leak",
    "label_error",
    "duplicate",
    "near_duplicate",
    "template",
    "language",
    "no_token",
    "long",
    "empty",
    "unknown_label",
)
"""and those whose rows it removes where the user says so."""
