"""Class labels: the names of the classes and the spellings that people write for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from roomtone.errors import DataError, nearest

SENTIMENT = ("negative", "neutral", "positive")
_SHORT = {"neg": 0, "neu": 1, "pos": 2}
_INDEX = re.compile(r"(?:(?:label|class)[_ -]?)?(\d{1,9})(?:\.0{1,9})?")


@dataclass(frozen=True)
class LabelScheme:
    """The classes of a task, in the order of their integer codes.

    Attributes
    ----------
    names : tuple of str
        The name of each class; its position is the class's integer code.
    aliases : mapping of str to int
        Further spellings, in lower case, and the code that each stands for.

    Examples
    --------
    >>> LabelScheme().parse(" Positive")
    2
    >>> LabelScheme.from_map({"bad": 0, "good": 1}).names
    ('bad', 'good')
    """

    names: tuple[str, ...] = SENTIMENT
    aliases: Mapping[str, int] = field(default_factory=lambda: dict(_SHORT))

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return len(self.names)

    def parse(self, value: object) -> int:
        """Read one label as it stands in a file.

        Strings match in any case and with blanks around them; ``1``, ``1.0``, ``label_1`` and
        ``class 1`` are the class with that code. A user's own map comes before the codes.

        Raises
        ------
        DataError
            If the value is no label of this scheme; the text names those that are.
        """
        word = str(value).strip().lower()
        if word in self.aliases:
            return self.aliases[word]
        lowered = [name.lower() for name in self.names]
        if word in lowered:
            return lowered.index(word)
        match = _INDEX.fullmatch(word)
        if match and int(match[1]) < self.num_classes:
            return int(match[1])
        raise DataError(
            f"unknown label {str(value)!r} (known: {self.describe()})" + self._hint(word)
        )

    def describe(self) -> str:
        """List the labels for an error message: ``negative (0), neutral (1), positive (2)``."""
        return ", ".join(f"{name} ({code})" for code, name in enumerate(self.names))

    def _hint(self, word: str) -> str:
        return nearest(word, [*self.names, *self.aliases])

    @classmethod
    def from_map(cls, label_map: Mapping[str, int]) -> LabelScheme:
        """Build a scheme from a user's own map of spellings to codes.

        The first spelling given for a code becomes the name of its class.

        Raises
        ------
        DataError
            If the codes are not 0, 1, … without a gap, or two spellings differ in case alone
            and disagree.
        """
        names: dict[int, str] = {}
        aliases: dict[str, int] = {}
        for spelling, code in label_map.items():
            names.setdefault(code, spelling)
            if aliases.setdefault(spelling.strip().lower(), code) != code:
                raise DataError(f"label map: {spelling!r} stands for two classes")
        if sorted(names) != list(range(len(names))):
            raise DataError(
                f"label map: the codes must be 0 to {len(names) - 1} without a gap, "
                f"found {sorted(names)}"
            )
        return cls(tuple(names[code] for code in range(len(names))), aliases)

    @classmethod
    def numbered(cls, num_classes: int) -> LabelScheme:
        """Name the classes of a task by their number: sentiment for 3, else ``class_0``, …."""
        if num_classes == len(SENTIMENT):
            return cls()
        return cls(tuple(f"class_{code}" for code in range(num_classes)), {})
