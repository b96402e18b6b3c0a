"""Normalising: examples, properties, hostile texts."""

import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from roomtone.text.normalize import normalize, normalize_with_offsets

PIECES = [
    *[
        "&",
        "amp;",
        "&amp;",
        "&#39;",
        "&#38;",
        "#x26;",
        "&lt;",
        "&am&#112;",
        "lt;",
        "&nbsp;",
        "&#8203;",
    ],
    *[
        "<",
        ">",
        "br",
        "<br>",
        "<a href='x'>",
        "<3",
        " ",
        "\n",
        "\t",
        "\0",
        "\x85",
        "\x92",
        "a",
        "O",
    ],
    *["\u200b", "\u200d", "\ufe0f", "\u0301", "\u0316", "e\u0301", "\ud83d", "\ude00", "\u2640"],
    *[
        "😀",
        "👍🏽",
        "👩‍👩‍👧",
        "🤷‍♀️",
        "🇩🇪",
        "ﬁ",
        "ｗ",
        "ｶﾞ",
        "ㅋ",
        "한",
        "\u1112",
        "\u1161",
        "¯",
        "´",
        "ﷺ",
        "İ",
        "Σ",
    ],
]
anything = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
tricky = st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=()), max_size=30).map(
    "".join
)
texts = anything | tricky


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("It&#39;s &amp;amp; &quot;fine&quot;", 'It\'s & "fine"'),
        ("one<br>two<br />three", "one two three"),
        ('<a href="https://x.org?a=1">link</a> text', "link text"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("I <3 you, a <b and c> d", "I <3 you, a <b and c> d"),
        ("AT&T &foo; & &notit;", "AT&T &foo; & &notit;"),
        ("  \t many\n\nblanks\u00a0here \u3000", "many blanks here"),
        ("ｆｕｌｌ ｗｉｄｔｈ！", "full width!"),
        ("𝓼𝓽𝔂𝓵𝓮 ﬁne", "style fine"),
        ("don’t “quote” «me»", 'don\'t "quote" "me"'),
        ("don\x92t", "don't"),
        ("wait…", "wait..."),
        ("cafe\u0301", "café"),
        ("Z\u0335\u0301\u0316alg\u0335\u0301\u0316o", "Zalgo"),
        ("zero\u200bwidth \ufeffmark", "zerowidth mark"),
        ("null\0byte", "null byte"),
        ("❤️ 👍🏽 🤷‍♀️ 👩‍💻", "❤ 👍 🤷 👩‍💻"),
        ("می‌خواهم", "میخواهم"),
        ("ㅋㅋㅋ ㅠㅠ", "ㅋㅋㅋ ㅠㅠ"),
        ("¯\\_(ツ)_/¯", "¯\\_(ツ)_/¯"),
        ("\ud83d\ude00", "😀"),
        ("bad \ud83d half", "bad \ufffd half"),
        ("\u3164\u2800\u200b \n", ""),
        ("", ""),
    ],
)
def test_what_people_write_gets_one_spelling(written, normal):
    assert normalize(written) == normal


@settings(max_examples=400, deadline=None)
@given(texts)
@example("&am&am&#8203;p;#8203;p;lt;br&#62;")
@example("&amp;" * 9 + "lt;br>")
def test_normalising_twice_is_normalising_once(text):
    once = normalize(text)
    assert normalize(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")


@settings(max_examples=300, deadline=None)
@given(texts)
def test_offsets_lead_back_into_the_original(text):
    normal, offsets = normalize_with_offsets(text)
    assert normal == normalize(text)
    assert offsets.shape == (len(normal) + 1,)
    assert np.all(np.diff(offsets) >= 0)
    assert offsets[0] >= 0
    assert offsets[-1] <= len(text)


@given(st.text(alphabet="abc XYZ.!?", max_size=40))
def test_an_offset_of_an_untouched_character_points_to_it(text):
    normal, offsets = normalize_with_offsets(text)
    assert [text[at] for at in offsets[:-1]] == list(normal)


@pytest.mark.parametrize("depth", [1, 3, 10, 200])
def test_entities_nested_without_end_come_to_an_end(depth):
    text = "p"
    for _ in range(depth):
        text = f"&am&#8203;{text};#8203;"
    once = normalize(text)
    assert normalize(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "&" + "amp;" * 200_000 + "lt;",
        "<" * 500_000 + ">",
        "<a " * 200_000,
        "a" + "\u0301\u0316" * 250_000,
        " " * 1_000_000 + "x",
        ("x" + " " * 1000) * 500,
        "…" * 200_000,
        "\u200d" * 500_000,
        "&am&am&#8203;" * 50_000,
    ],
    ids=["ampersands", "angles", "tags", "marks", "blanks", "gaps", "dots", "joiners", "nested"],
)
def test_a_hostile_text_of_a_megabyte_is_normalised(text):
    normal, offsets = normalize_with_offsets(text)
    assert len(offsets) == len(normal) + 1
