"""Many texts from one template."""

import numpy as np

from roomtone.data.audit.repeats import find_repeats
from roomtone.data.audit.templates import find_templates

NAMES = ["anna", "bob", "carol", "dave", "erin", "frank", "grace"]


def words(rng, count):
    letters = rng.choice(list("abcdefghijklmnopqrstuvwxyz"), (count, 6))
    return " ".join(map("".join, letters))


def honest(count):
    rng = np.random.default_rng(0)
    return [(words(rng, 12), "neutral") for _ in range(count)]


def test_texts_that_differ_by_a_name_and_a_number_are_one_template(read):
    spam = [
        (f"hey {name} check out my new channel for {n}000 free songs today", "positive")
        for n, name in enumerate(NAMES)
    ]
    rows = read(honest(50) + spam)
    templates, findings = find_templates(rows, find_repeats(rows))
    (template,) = templates
    assert template.pattern == "hey … check out my new channel for 0 free songs today"
    assert (template.texts, template.rows, template.labels) == (7, 7, {"positive": 7})
    assert [found.place.row for found in findings] == list(range(52, 59))


def test_numbers_alone_make_a_template_however_many_there_are(read):
    spam = [(f"{n} {n * 7} you win {n + 3} so call 0{n} {n * 11}", "neutral") for n in range(9)]
    rows = read(honest(20) + spam)
    (template,), _ = find_templates(rows, find_repeats(rows))
    assert template.texts == 9


def test_copies_of_one_text_are_no_template(read):
    rows = read(honest(20) + [("the very same text again and again here", "neutral")] * 40)
    assert find_templates(rows, find_repeats(rows)) == ((), [])


def test_the_same_few_words_in_other_company_are_no_template(read):
    rng = np.random.default_rng(1)
    rows = read([(f"this is the {words(rng, 6)}", "neutral") for _ in range(80)])
    assert find_templates(rows, find_repeats(rows))[0] == ()
