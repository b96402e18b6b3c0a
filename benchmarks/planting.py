"""Faults of every kind that an audit looks for, planted into rows of labelled files."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from roomtone.data.audit.result import Place
from roomtone.data.duplicates import fold
from roomtone.labels import SENTIMENT

LONG_ENOUGH = 60  # characters; an edit of a shorter text may make another text of it
TEMPLATES = (
    "hey {name} check out my new channel for {number} free songs and subscribe right now",
    "{name} made {number} dollars a day from home, ask me how at http://{name}.example/{number}",
    "thanks {name} for following, you are number {number}, please share our page with friends",
    "weather station {name}: wind {number} km/h, rain {number} mm, pressure falling slowly",
    "order {number} has shipped to {name}, track your parcel with code {number} on our site",
)
NAMES = (
    "anna",
    "bob",
    "carol",
    "dave",
    "erin",
    "frank",
    "grace",
    "heidi",
    "ivan",
    "judy",
    "mallory",
    "niaj",
    "olivia",
    "peggy",
)
FOREIGN = (
    ("die bedienung war leider sehr unfreundlich", "und das essen kam viel zu spät auf den tisch"),
    ("le film est vraiment trop long", "mais les acteurs jouent très bien leurs rôles"),
    ("la comida estaba fría y sin sabor", "pero el camarero fue muy amable con nosotros"),
    ("het boek leest heel prettig weg", "maar het einde vond ik een beetje teleurstellend"),
    ("la musica era troppo alta ieri sera", "però ci siamo divertiti moltissimo lo stesso"),
    ("filmen var alldeles för lång för mig", "men jag skulle gärna se den en gång till"),
    ("ten telefon szybko się rozładowuje", "ale zdjęcia robi naprawdę bardzo dobre"),
    ("этот фильм мне совсем не понравился", "потому что сюжет был очень скучный"),
)
ACCENTED = ("café", "naïve", "déjà vu", "“quoted”", "über", "señor", "it’s", "😀")
ESCAPED = (r"it\u2019s so", r"caf\u00e9", r"\ud83d\ude00")
TAGGED = ("fish &amp; chips", "a<br>b", "&quot;yes&quot;", "<b>very</b>")
SIGNS = {
    "control_characters": "\x08\x0b\x1f\x92",
    "invisible_characters": "\u200b\u202e\u2066\ufeff",
    "lost_characters": "\ufffd",
    "unassigned_characters": "\ue000\u0378\uf8ff",
}


@dataclass
class Planted:
    """Files with faults in them.

    Attributes
    ----------
    tables : list of list of tuple of str
        The (text, label) rows of train, validation and test.
    places : dict of str to set of Place
        For each kind the rows that have the fault.
    other : dict of str to set of Place
        Rows that may be named for this kind, too, on account of another fault.
    """

    tables: list[list[tuple[str, str]]]
    places: dict[str, set[Place]] = field(default_factory=lambda: defaultdict(set))
    other: dict[str, set[Place]] = field(default_factory=lambda: defaultdict(set))

    def write(self, folder: Path) -> list[Path]:
        """Write the files."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for name, rows in zip(("train", "val", "test"), self.tables, strict=True):
            paths.append(folder / f"{name}.csv")
            with paths[-1].open("w", encoding="utf-8", newline="") as file:
                table = csv.writer(file, lineterminator="\n")
                table.writerow(["text", "label"])
                table.writerows(rows)
        return paths


class Planter:
    """Plants faults, each in rows of its own.

    Parameters
    ----------
    tables : list of list of tuple of str
        The (text, label) rows of train, validation and test; they stay where they are.
    each : int
        How many faults of each kind.
    seed : int
        Decides which rows, and how.
    """

    def __init__(self, tables: list[list[tuple[str, str]]], each: int, seed: int) -> None:
        self.result = Planted([list(rows) for rows in tables])
        self._each = each
        self._rng = np.random.default_rng(seed)
        texts = [[text for text, _ in rows] for rows in tables]
        self._times = Counter(chain.from_iterable(map(fold, texts)))
        self._free = [self._shuffled(file) for file in texts]

    def plant(self) -> Planted:
        """Plant faults of every kind."""
        self._copies()
        self._wrong_labels()
        self._characters()
        self._new_rows()
        return self.result

    def _shuffled(self, texts: list[str]) -> Iterator[int]:
        """Name the rows whose text is long and stands nowhere else, in an order by chance."""
        folded = list(fold(texts))
        for row in self._rng.permutation(len(texts)).tolist():
            if len(texts[row]) >= LONG_ENOUGH and self._times[folded[row]] == 1:
                yield row

    def _take(self, file: int) -> tuple[int, str, str]:
        row = next(self._free[file])
        return (row, *self.result.tables[file][row])

    def _add(self, text: str, label: str, *kinds: str, other: tuple[str, ...] = ()) -> Place:
        rows = self.result.tables[0]
        rows.append((text, label))
        place = Place(0, len(rows) + 1)
        for kind in kinds:
            self.result.places[kind].add(place)
        for kind in other:
            self.result.other[kind].add(place)
        return place

    def _copies(self) -> None:
        for _ in range(self._each):
            _, text, label = self._take(2)
            self._add(self._dressed(text), label, "leak")
            _, text, label = self._take(2)
            self._add(self._edited(text), label, "near_leak")
            _, text, label = self._take(0)
            self._add(self._dressed(text), label, "duplicate")
            _, text, label = self._take(0)
            self._add(self._edited(text), label, "near_duplicate")
            row, text, label = self._take(0)
            given = self._another(label)
            self._add(self._dressed(text), given, "conflict", "duplicate", other=("label_error",))
            self.result.places["conflict"].add(Place(0, row + 2))
            self.result.other["label_error"].add(Place(0, row + 2))

    def _wrong_labels(self) -> None:
        for file in (0, 2):
            for _ in range(self._each):
                row, text, label = self._take(file)
                self._put(file, row, text, self._another(label), "label_error")

    def _characters(self) -> None:
        for number in range(self._each):
            self._into("mojibake", self._mangled(ACCENTED[number % len(ACCENTED)]))
            self._into("escapes", ESCAPED[number % len(ESCAPED)])
            self._into("html", TAGGED[number % len(TAGGED)])
            for kind, signs in SIGNS.items():
                place = self._into(kind, f"so{signs[number % len(signs)]}good")
                self.result.other["mojibake"].add(place)  # as \x92 is, too
            self._into("mixed_scripts", "p\u0430yment" if number % 2 else "t\u03bfday")

    def _new_rows(self) -> None:
        for number in range(self._each):
            template = TEMPLATES[number % len(TEMPLATES)]
            name = str(self._rng.choice(NAMES))
            text = template.format(name=name, number=self._rng.integers(10, 100_000))
            self._add(text, self._label(), "template", other=("near_duplicate", "label_error"))
            first, second = FOREIGN[number % len(FOREIGN)]
            text = f"{first} {second} {self._letters(2)}"
            kinds = ("near_duplicate", "template", "label_error", "no_token")
            self._add(text, self._label(), "language", other=kinds)
            self._add(self._letters(5), self._label(), "no_token", other=("language",))
            self._add("  ", self._label(), "empty")
            _, text, _ = self._take(0)
            self._add(
                f"{text} {self._letters(1)}", "positve?", "unknown_label", other=("near_duplicate",)
            )
        for _ in range(max(self._each // 10, 1)):
            swallowed = "\n".join(f"{text},{label}" for text, label in self.result.tables[1][:60])
            self._add(
                swallowed + self._letters(3),
                self._label(),
                "long",
                other=("near_duplicate", "template"),
            )

    def _into(self, kind: str, words: str) -> Place:
        row, text, label = self._take(0)
        cut = text.find(" ", len(text) // 2) + 1
        return self._put(0, row, f"{text[:cut]}{words} {text[cut:]}", label, kind)

    def _put(self, file: int, row: int, text: str, label: str, kind: str) -> Place:
        self.result.tables[file][row] = (text, label)
        place = Place(file, row + 2)
        self.result.places[kind].add(place)
        return place

    def _dressed(self, text: str) -> str:
        """Copy a text, or change of it what does not make it another one."""
        ways = (text, text.upper(), f"{text}!!", f"  {text}", f"{text} https://t.example/x1")
        return ways[int(self._rng.integers(4))]

    def _edited(self, text: str) -> str:
        """Drop, add or exchange a word."""
        words = text.split()
        place = int(self._rng.integers(len(words)))
        new = [[], [words[place], self._letters(1)], [self._letters(1)]]
        words[place : place + 1] = new[int(self._rng.integers(3))]
        return " ".join(words)

    def _mangled(self, words: str) -> str:
        return words.encode("utf-8").decode("cp1252", "ignore")

    def _another(self, label: str) -> str:
        return str(self._rng.choice([name for name in SENTIMENT if name != label]))

    def _label(self) -> str:
        return str(self._rng.choice(SENTIMENT))

    def _letters(self, words: int) -> str:
        letters = self._rng.choice(list("bcdfghjklmnpqrstvwxz"), (words, 7))
        return " ".join("".join(word) for word in letters.tolist())
