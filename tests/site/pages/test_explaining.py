from __future__ import annotations

import re
from html import unescape

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import RoomtoneError
from roomtone.explain import Explanation, Word, explain_texts
from roomtone_site.pages.explaining import explain, marked


@pytest.fixture
def analysis(analysed, version):
    found = analysed()
    found.engine_version = version.digest
    return found


@pytest.mark.django_db
def test_words_are_marked_for_and_against_by_their_exact_contributions(analysis, engine):
    text = "i love this awful film"
    found = explain(analysis, text)
    (golden,) = explain_texts(engine, [text], method="linear")
    assert dict(found.words)["love"] == pytest.approx(
        float(golden.scores[[w.token for w in golden.words].index("love")])
    )
    assert found.target == golden.target
    love, awful = (
        re.search(rf'class="w ([fa]) s\d"[^>]*>{word}<', found.marked)[1]
        for word in ("love", "awful")
    )
    assert {love, awful} == {"f", "a"}


@pytest.mark.django_db
def test_a_very_long_comment_is_explained_in_part(analysis):
    found = explain(analysis, "love " * 3000)
    assert found.cut
    assert not explain(analysis, "love").cut


@pytest.mark.django_db
def test_without_its_model_nothing_is_explained_by_another(analysis, version):
    version.delete()
    with pytest.raises(RoomtoneError, match="not installed any more"):
        explain(analysis, "love")


@given(st.text(alphabet="<>&\"' ab\u202e", max_size=20), st.data())
def test_what_is_marked_is_the_text_and_nothing_of_it_is_markup(text, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    words = tuple(Word("w", a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False))
    scores = np.array(
        data.draw(st.lists(st.floats(-2, 2), min_size=len(words), max_size=len(words)))
    )
    html = marked(
        Explanation(
            text=text, words=words, scores=scores, target="t", method="m", title="T", unit="u",
            signed=True, model="e", probs={"t": 1.0}, known=True, details={},
        )
    )  # fmt: skip
    bare = re.sub(r'<span class="w [fa] s[1-9]" title="[+-]\d\.\d{4}">|</span>', "", html)
    assert "<" not in bare
    assert unescape(bare) == text
