"""Texts in another language than most."""

import pytest

from roomtone.data.audit.languages import find_foreign, languages_of

ENGLISH = [
    f"i think that the film number {n} was really good and we all liked it a lot"
    for n in "abcdefgh"
]
GERMAN = "leider war der film überhaupt nicht so gut wie erwartet und viel zu lang"


def test_a_text_in_another_language_is_named():
    pytest.importorskip("py3langid")
    main, counts, foreign = find_foreign([*ENGLISH, GERMAN, "zu kurz", "😡"])
    assert main == "en"
    assert counts["en"] == len(ENGLISH)
    assert [(row, language) for row, language, _ in foreign] == [(len(ENGLISH), "de")]


def test_only_texts_with_few_frequent_words_are_judged():
    judged = []

    def judge(text):
        judged.append(text)
        return ("xx" if "überhaupt" in text else "en"), 0.99

    texts = [f"{text} {n}" for n in range(100) for text in ENGLISH] + [GERMAN]
    main, _, foreign = find_foreign(texts, judge)
    assert (main, [row for row, _, _ in foreign]) == ("en", [len(texts) - 1])
    assert len(judged) < 600


def test_links_and_names_say_nothing_of_the_language():
    texts = ["https://a.example/eine/lange/deutsche/seite @einLangerDeutscherName", "😡 !!"]
    assert find_foreign(texts, lambda _: ("en", 1.0)) == ("", {}, [])


def test_each_text_gets_its_language_where_it_can_be_told():
    def judge(text):
        return ("de" if "überhaupt" in text else "en"), 0.99

    found = languages_of([*ENGLISH, GERMAN, "zu kurz", ""], judge)
    assert found == [*["en"] * len(ENGLISH), "de", "", ""]
    assert languages_of(["", "ok"], judge) == ["", ""]
