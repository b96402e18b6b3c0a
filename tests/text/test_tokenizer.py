"""The tokeniser: what comments hold, properties, hostile texts."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.text.tokenizer import CommentTokenizer, is_one_token, split, words_of

tokenizer = CommentTokenizer()

PIECES = [
    *[
        "http://a.b/c",
        "www.x.org",
        "youtu.be/q",
        "@ann",
        "@",
        "#",
        "#SoProud",
        "don't",
        "n't",
        "'s",
    ],
    *[
        ":-)",
        ":",
        "(",
        ")",
        "8",
        "x",
        "D",
        "d",
        "<3",
        "^_^",
        "-",
        "_",
        "!",
        "?",
        ".",
        "!!!!!",
        "...",
    ],
    *[
        "sooooo",
        "😂",
        "❤️",
        "👍🏽",
        "👩‍👩‍👧",
        "🇩🇪",
        "🇩",
        "1️⃣",
        "漢字",
        "かー",
        "สวัสดี",
        "نعم",
        "한국",
        "e\u0301",
    ],
    *[
        " ",
        "  ",
        "\n",
        "\0",
        "\ud800",
        "\udc00",
        "\u200b",
        "\u200d",
        "&amp;",
        "&lt;",
        "<br>",
        "İ",
        "ΟΣ",
        "½",
    ],
    *[
        "10:30",
        "1,000",
        "u.s.",
        "<url>",
        "<user>",
        "<pad>",
        "<empty>",
        "<unk>",
        "\\o/",
        "¯\\_(ツ)_/¯",
    ],
]
anything = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
tricky = st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=()), max_size=25).map(
    "".join
)
texts = anything | tricky


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("See http://t.co/abc. (https://x.y/z?a=1)", "see <url> . ( <url> )"),
        ("www.a.org/b, youtu.be/xyz HTTP://", "<url> , <url> <url>"),
        ("@ann: hi @@bob @user-name a@b.com", "<user> : hi <user> <user> a @ b . com"),
        ("#SoProud #ok #1 #ALLCAPS", "# so proud # ok # 1 # allcaps"),
        ("I DON'T, can't, won't, isnt", "i do n't , ca n't , wo n't , isnt"),
        ("it's I'm they'll we've", "it 's i 'm they 'll we 've"),
        (":-) :( ;) :D :P :'( (: D: 8) =] :/", ":-) :( ;) :d :p :'( (: d: 8) =] :/"),
        ("xD XDDDD <3 </3 ^_^ -_- T_T \\o/", "xd xddd <3 </3 ^_^ -_- t_t \\o/"),
        ("(1978) ratio:d 10:30", "( 1978 ) ratio : d 10:30"),
        ("¯\\_(ツ)_/¯", "¯\\_(ツ)_/¯"),
        ("sooooo goood yesss!!!!!", "sooo goood yesss !!!"),
        ("what?!?! wait.... no --", "what ? ! ? ! wait ... no --"),
        ("😂😂😂😂", "😂 😂 😂 😂"),
        ("❤️👍🏽👍🏿🤷‍♀️👩‍👩‍👧🇩🇪🇫🇷", "❤ 👍 👍 🤷 👩‍👩‍👧 🇩🇪 🇫🇷"),
        ("1️⃣ 2nd 1,000.50 50% 3.5k", "1⃣ 2nd 1,000.50 50 % 3.5 k"),
        ("U.S. e.g. a.m.", "u.s. e.g. a.m."),
        ("well-known r&b rock'n'roll", "well - known r & b rock ' n ' roll"),
        ("漢字かな カナー สวัสดี", "漢 字 か な カ ナ ー ส วั ส ดี"),
        ("Привет مرحبا 한국어 ΟΔΟΣ", "привет مرحبا 한국어 οδος"),
        ("ｓｏ “good” it’s", 'so " good " it \'s'),
        ("I&#39;m &lt;3 &amp;amp; ok<br>yes", "i 'm <3 & ok yes"),
        ("<url> <user> <pad> <empty>", "<url> <user> < pad > < empty >"),
        ("", "<empty>"),
        (" \t\n\0\u200b\u3164", "<empty>"),
        ("\ud800", "\ufffd"),
    ],
)
def test_comments_are_split_as_people_mean_them(text, tokens):
    assert tokenizer.tokenize(text) == tokens.split(" ")


@settings(max_examples=400, deadline=None)
@given(texts)
def test_tokens_are_never_none_and_hold_no_blanks_or_capitals(text):
    tokens = tokenizer.tokenize(text)
    assert tokens
    for token in tokens:
        assert token
        assert not any(char.isspace() for char in token)
        assert token == token.lower()


@settings(max_examples=400, deadline=None)
@given(texts)
def test_offsets_point_into_the_text_as_written(text):
    tokens = tokenizer.tokenize_with_offsets(text)
    assert [token.text for token in tokens] == tokenizer.tokenize(text)
    if tokens[0].text == "<empty>":
        assert (tokens[0].start, tokens[0].end) == (0, 0)
        return
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)
    for before, after in itertools.pairwise(tokens):
        assert before.start <= after.start
        assert before.end <= after.end


def test_offsets_cover_what_a_person_would_mark():
    text = "I&#39;m\u200b sooooo HAPPY👍🏽 https://a.b/c <br>#SoProud"
    marked = [text[token.start : token.end] for token in tokenizer.tokenize_with_offsets(text)]
    assert marked == [
        *["I", "&#39;m\u200b", "sooooo", "HAPPY", "👍🏽", "https://a.b/c", "#", "So", "Proud"]
    ]


@settings(max_examples=200, deadline=None)
@given(st.lists(texts, max_size=6))
def test_a_batch_gives_what_each_text_gives_alone(batch):
    assert tokenizer.tokenize_batch(batch) == [tokenizer.tokenize(text) for text in batch]


@settings(max_examples=400, deadline=None)
@given(texts)
def test_no_token_depends_on_what_stands_beyond_a_blank(text):
    prepared = tokenizer.prepare([text])[0]
    by_word = [token for word in words_of(prepared) for token in split(word)]
    assert by_word == split(prepared)


@settings(max_examples=300, deadline=None)
@given(st.text("abcdnotxz", min_size=1, max_size=12))
def test_a_word_of_plain_letters_is_one_token(word):
    assert is_one_token(word)
    assert split(word) == [word]


@pytest.mark.parametrize("word", ["", "n't", "a1", "é", "a_b", "漢字", "😂"])
def test_a_word_of_anything_else_may_be_more(word):
    assert not is_one_token(word)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20))
def test_letters_and_digits_of_any_script_survive(text):
    prepared = tokenizer.prepare([text])[0]
    assert "".join(split(prepared)) == (prepared.replace(" ", "") or "<empty>")


@pytest.mark.parametrize(
    "text",
    [
        "ab" * 300_000,
        "a." * 300_000,
        "@" * 600_000,
        "@a-" * 200_000,
        "http://" + "." * 600_000,
        "a-" * 300_000,
        "com." * 150_000 + "/",
        "#" + "aB" * 300_000,
        "กั" * 200_000,
        "漢字" * 200_000,
        "an't" * 150_000,
        "x" * 300_000 + "d" * 300_000 + "x",
        "^_" * 300_000,
        "😀\u200d" * 200_000,
        "🇩" * 300_001,
        "a\u0301" * 300_000,
    ],
    ids=lambda text: ascii(text[:4]),
)
def test_a_hostile_text_of_a_megabyte_is_split(text):
    assert tokenizer.tokenize(text)


def test_what_is_not_text_is_named_with_its_place():
    with pytest.raises(DataError, match=r"text 1 is nan of type float, expected a string"):
        tokenizer.tokenize_batch(["fine", float("nan")])
    with pytest.raises(DataError, match="put it in a list"):
        tokenizer.tokenize_batch("one text")
