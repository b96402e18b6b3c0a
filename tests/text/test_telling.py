from __future__ import annotations

import random

from roomtone.text import telling
from roomtone.text.telling import WordCounts

GOOD = ["i love this song", "love it", "this song is great", "what a great video 😀"]
BAD = ["i hate this song", "this is awful", "awful sound, hate it", "do n't watch this 😡"]


def _counted(good: list[str], bad: list[str]) -> WordCounts:
    counts = WordCounts(2)
    counts.add(bad + good, [0] * len(bad) + [1] * len(good))
    return counts


def test_words_of_one_class_are_listed_there_and_shared_ones_nowhere():
    draw = random.Random(4)
    good, bad = ([draw.choice(texts) for _ in range(300)] for texts in (GOOD, BAD))
    worse, better = _counted(good, bad).words()
    assert {"hate", "awful", "😡"} <= {word.written for word in worse}
    assert {"love", "great", "😀"} <= {word.written for word in better}
    shared = {word.written for word in worse} & {word.written for word in better}
    assert not shared
    assert better == sorted(better, key=lambda word: -word.z)
    assert all(word.sure for word in worse if word.written in ("hate", "awful"))
    great = next(word for word in better if word.written == "great")
    assert (great.inside, great.outside) == (sum("great" in text for text in good), 0)


def test_a_text_counts_once_however_often_it_repeats_a_word():
    shouting = _counted(["great " * 500] * 3 + ["fine day"] * 40, ["bad day"] * 40)
    assert "great" not in {word.written for word in shouting.words()[1]}


def test_phrases_are_pairs_of_whole_words():
    counts = _counted(["so good today"] * 60, ["I don't know, it's not mine"] * 60)
    worse, better = ({phrase.written for phrase in rows} for rows in counts.phrases())
    assert {"don't know", "it's not"} <= worse
    assert "so good" in better
    assert not {"don't", "it's"} & worse
    assert {"don't", "it's"} <= {word.written for word in counts.words()[0]}
    assert not {"n't", "do", "'s", "it"} & {word.written for word in counts.words(100)[0]}


def test_chance_alone_makes_next_to_nothing_sure():
    draw = random.Random(8)
    vocabulary = [f"word{number}" for number in range(400)]
    listed, runs = 0, 20
    for _ in range(runs):
        texts = [" ".join(draw.choices(vocabulary, k=8)) for _ in range(300)]
        counts = WordCounts(3)
        counts.add(texts, [draw.randrange(3) for _ in texts])
        listed += any(word.sure for words in counts.words(100) for word in words)
    assert listed <= 3, f"a word was called sure in {listed} of {runs} shuffled collections"


def test_beyond_a_bound_what_was_seen_once_is_forgotten(monkeypatch):
    monkeypatch.setattr(telling, "_MOST_KEPT", 200)
    counts = WordCounts(2)
    for first in range(0, 2000, 100):
        texts = [f"love x{number}y" for number in range(first, first + 100)]
        counts.add(texts, [1] * 100)
        counts.add(["hate it"] * 10, [0] * 10)
    assert sum(map(len, counts._words)) <= 200
    assert counts.words()[1][0].inside == 2000


def test_texts_without_words_have_none():
    assert _counted(["", "..."], ["?"]).words() == [[], []]
