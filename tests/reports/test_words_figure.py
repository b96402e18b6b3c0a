from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.explain import Explanation, read_words
from roomtone.reports.attention_figure import MOST_WORDS, draw_attention
from roomtone.reports.marked import marked
from roomtone.reports.signs import drawable, is_right_to_left, visual_order
from roomtone.reports.style import DARK, LIGHT, render, styled
from roomtone.reports.words_figure import WIDTH, draw_words

TEXTS = {
    "plain": "I don't love it, it's bad",
    "long": "so very bad " * 300,
    "one long word": "x" * 500,
    "link": "https://example.com/" + "a" * 90,
    "emoji": "😡🫠👍🏽 👨\u200d👩\u200d👧 ok",
    "Hebrew": "זה שיר ממש גרוע, very bad song ולא טוב",
    "Arabic": "هذا فيديو رائع thank you شكرا",
    "markup": "a <b>bad</b> $x^2$ &amp;\nnew line\n\n% _ {",
    "nothing": "",
}


def explanation(text: str, *, heads: int = 0) -> Explanation:
    read = read_words(text)
    count = len(read.words)
    scores = np.linspace(-1, 1, count) if not heads else np.full(count, 1 / max(count, 1))
    maps = np.full((heads, count, count), 1 / max(count, 1))
    details = {"heads": maps, "pooled": scores} if heads else {}
    return Explanation(
        text=text,
        words=read.words,
        scores=scores,
        target="bad",
        method="leave_one_out",
        title="Leave-one-out",
        unit="probability",
        signed=not heads,
        model="invented",
        probs={"bad": 0.75, "good": 0.25},
        known=True,
        details=details,
    )


def lines_of(figure) -> list[list[tuple[float, float]]]:
    """Where the pieces of each line begin and end, in inches, from left to right."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = FigureCanvasAgg(figure).get_renderer()
    (axis,) = figure.axes
    lines: dict[float, list[tuple[float, float]]] = {}
    for text in axis.texts:
        if text.get_size() == 13 and text.get_text():
            box = text.get_window_extent(renderer)
            ends = (box.x0 / figure.dpi, box.x1 / figure.dpi)
            lines.setdefault(text.get_position()[1], []).append(ends)
    return [sorted(line) for line in lines.values()]


@pytest.mark.parametrize("name", TEXTS)
def test_words_stay_inside_and_do_not_overlap(name):
    with styled(LIGHT):
        lines = lines_of(draw_words(explanation(TEXTS[name]), LIGHT))
    assert bool(lines) == bool(TEXTS[name])
    assert len(lines) <= 40
    for line in lines:
        assert 0 <= line[0][0] < line[-1][1] <= WIDTH
        assert all(left[1] <= right[0] + 0.01 for left, right in pairwise(line))


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_explanation_gives_the_same_picture(name):
    each = explanation(TEXTS[name])
    first, again = (render(lambda theme: draw_words(each, theme), DARK, "png") for _ in range(2))
    assert first == again
    assert first[0].startswith(b"\x89PNG")


@pytest.mark.parametrize(("heads", "words"), [(1, 1), (3, 5), (4, 60)])
def test_attention_has_a_map_for_each_head_of_the_words_that_weigh_most(heads, words):
    each = explanation(" ".join(f"word{n}" for n in range(words)), heads=heads)
    with styled(LIGHT):
        figure = draw_attention(each, LIGHT)
        maps = [axis for axis in figure.axes if axis.get_title().startswith("Head")]
        figure.canvas.draw()
    assert len(maps) == heads
    assert all(len(axis.get_xticklabels()) == min(words, MOST_WORDS) for axis in maps)
    assert draw_attention(explanation("", heads=heads), LIGHT) is None
    assert draw_attention(explanation("so bad"), LIGHT) is None


@given(st.text())
def test_the_marked_text_holds_what_was_written(text):
    from html.parser import HTMLParser

    seen: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data):
            seen.append(data)

    reader = Reader()
    reader.feed(marked(explanation(text)))
    reader.close()
    shown = "".join(seen)
    assert len(shown) == len(text)
    assert all(a == b or a == "\ufffd" for a, b in zip(shown, text, strict=True))


def test_pictures_that_no_font_has_are_named_and_letters_stay():
    shown = drawable("a🫠\ufe0f\u200db é \U0001f525", ["DejaVu Sans"])
    assert shown == "a[melting face]b é [fire]"


def test_lines_are_read_from_the_side_of_their_first_letter():
    assert is_right_to_left("😡 ... שלום hello")
    assert not is_right_to_left("123 hello שלום")
    assert not is_right_to_left("")
    assert visual_order(["a", "b", "c"], right_to_left=False) == [0, 1, 2]
    assert visual_order(["א", "ב", "a", "b", "ג"], right_to_left=True) == [4, 2, 3, 1, 0]
    assert visual_order(["a", "א", "ב", "b"], right_to_left=False) == [0, 2, 1, 3]
