"""JSON lines as a stream: an object on each line, and one row for whatever else is there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.data.streams import Added, ChunkSize, Format, Layout, open_stream
from roomtone.errors import DataError

ADDED = (Added("label", "text"),)


def open_json(path, **layout):
    form = Format("jsonl")
    return open_stream(str(path), form, Layout(**layout), ADDED, fixed=True).stream


def write(tmp_path, *lines):
    path = tmp_path / "in.jsonl"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    return path


def rows_of(stream, size=None):
    for chunk in stream.chunks(size or ChunkSize()):
        yield from zip(chunk.places, chunk.texts, chunk.problems, chunk.rows(), strict=True)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "empty row"),
        ("{", "no JSON object: Expecting property name"),
        ("[1]", "no JSON object"),
        ('"text"', "no JSON object"),
        ("[" * 100_000, "no JSON object: nested too deeply"),
        ('{"text": ' + "9" * 5000 + "}", "no JSON object: Exceeds the limit"),
        ('{"id": 1}', "no key 'text'"),
        ('{"text": null}', "missing text"),
        ('{"text": 5}', "the text is a number, not a string"),
        ('{"text": true}', "the text is true or false, not a string"),
        ('{"text": ["a"]}', "the text is a list, not a string"),
        ('{"text": {"a": 1}}', "the text is an object, not a string"),
        ('{"text": "  "}', "empty text"),
    ],
)
def test_what_is_no_usable_object_is_a_row_with_a_problem(tmp_path, line, why):
    path = write(tmp_path, '{"text": "first"}', line, '{"text": "last"}')
    found = list(rows_of(open_json(path)))
    assert [text for _, text, _, _ in found] == ["first", "", "last"]
    assert found[1][0] == 2
    assert found[1][2].startswith(why)


texts = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=12)
written = st.tuples(texts, st.booleans()).map(
    # Halves of surrogate pairs cannot be written but as escapes.
    lambda pair: (pair[0], pair[1] or pair[0].encode("utf-8", "ignore").decode() != pair[0])
)


@given(st.lists(written, max_size=15), st.integers(1, 4))
def test_any_string_is_read_back_and_can_be_encoded(tmp_path_factory, strings, size):
    lines = [json.dumps({"text": text}, ensure_ascii=escaped) for text, escaped in strings]
    path = write(tmp_path_factory.mktemp("any"), '{"text": "first"}', *lines)
    found = list(rows_of(open_json(path), ChunkSize(size)))[1:]
    assert [value for *_, (value,) in found] == [text for text, _ in strings]
    for (value, _), (_, text, why, _) in zip(strings, found, strict=True):
        text.encode()
        assert (why == "empty text") == value.isspace()
        if not why and value.encode("utf-8", "ignore").decode() == value:
            assert text == value


def test_half_a_surrogate_pair_becomes_the_sign_for_what_cannot_be_read(tmp_path):
    path = write(tmp_path, r'{"text": "cut \ud83d"}', r'{"text": "whole \ud83d\ude00"}')
    assert [text for _, text, _, _ in rows_of(open_json(path))] == ["cut �", "whole 😀"]


def test_a_key_that_is_missing_everywhere_is_an_error_with_the_keys_that_are_there(tmp_path):
    path = write(tmp_path, '{"txt": "a", "id": 1}')
    with pytest.raises(DataError, match=r"no key 'text'.*did you mean 'txt'.*'txt', 'id'"):
        open_json(path)
    with pytest.raises(DataError, match="is a JSON array, not JSON lines"):
        open_json(write(tmp_path, '[{"text": "a"},', '{"text": "b"}]'))


def test_keys_that_come_late_are_counted_and_a_new_name_among_them_is_refused(tmp_path):
    first = ['{"text": "a"}'] * 1000
    stream = open_json(write(tmp_path, *first, '{"text": "b", "late": 1}'))
    assert stream.columns == ("text",)
    assert sum(chunk.beyond for chunk in stream.chunks(ChunkSize(100))) == 1
    stream = open_json(write(tmp_path, *first, '{"text": "b", "label": 1}'))
    with pytest.raises(DataError, match=r"line 1001: the key 'label' .* --prefix"):
        list(stream.chunks(ChunkSize(100)))


def test_after_skipping_whole_chunks_the_rest_is_the_same(tmp_path):
    path = write(tmp_path, *(json.dumps({"text": f"row {n}"}) for n in range(10)), "{")
    whole = list(rows_of(open_json(path), ChunkSize(3)))
    stream = open_json(path)
    stream.skip(6)
    assert list(rows_of(stream, ChunkSize(3))) == whole[6:]
