"""The corpora behind VADER, read from a small archive of the same layout, and from the real one."""

import collections
import csv
import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_corpus import contents, pack

from roomtone.data.corpora.hutto import FILES, Snippet, read_snippets
from roomtone.data.corpora.split import FRACTIONS, SPLITS, assign_splits
from roomtone.data.corpora.vader import VADER, build_vader_corpus, label_of
from roomtone.errors import DataError

OFFLINE_WORDS = ("No matching distribution found", "which this Python")


def _read(summary):
    rows = {}
    for split, path in summary.files.items():
        with path.open(encoding="utf-8", newline="") as file:
            rows[split] = list(csv.DictReader(file))
    return rows


@pytest.fixture
def package(tmp_path):
    """Put the small archive into a cache at ``tmp_path``, so that no download is needed."""
    return pack(tmp_path / VADER.archive, contents())


def test_texts_are_read_with_their_means_without_marks_entities_and_outer_blanks(tmp_path, package):
    snippets = read_snippets(tmp_path / VADER.archive)
    assert len(snippets) == 4 * 31
    assert [snippets[0].identifier, snippets[31].identifier] == ["1", "1"]
    assert snippets[31] == Snippet(
        "movies", "1", "movies 0: a dull grey afternoon, éclair & tea", -3.25
    )
    assert snippets[30].text == "TWEETS 0: A DULL GREY AFTERNOON, ÉCLAIR & TEA"


def test_the_three_files_hold_every_text_once_with_label_source_and_mean(tmp_path, package):
    summary = build_vader_corpus(tmp_path / "out", cache_dir=tmp_path, package=package)
    rows = _read(summary)
    everything = [row for split in SPLITS for row in rows[split]]
    assert list(everything[0]) == ["text", "label", "source", "mean_rating"]
    wanted = [
        (item.text, label_of(item.mean_rating, 0.5), item.source, str(item.mean_rating))
        for item in read_snippets(tmp_path / VADER.archive)
    ]
    assert sorted(tuple(row.values()) for row in everything) == sorted(wanted)
    for split in SPLITS:
        counted = collections.Counter((row["source"], row["label"]) for row in rows[split])
        told = summary.counts[split]
        assert counted == {(s, c): told[s][c] for s in told for c in told[s] if told[s][c]}
    note = (tmp_path / "out/SOURCE.md").read_text(encoding="utf-8")
    assert package.sha256 in note
    assert "--threshold 0.5 --seed 42" in note
    assert "| train | all | 32 | 28 | 28 | 88 |" in note


def test_a_text_and_its_double_in_capitals_are_in_the_same_split(tmp_path, package):
    for seed in range(8):
        summary = build_vader_corpus(
            tmp_path / str(seed), seed=seed, cache_dir=tmp_path, package=package
        )
        where = collections.defaultdict(set)
        for split, rows in _read(summary).items():
            for row in rows:
                where[row["text"].casefold()].add(split)
        assert len(where) == 4 * 30
        assert all(len(splits) == 1 for splits in where.values())


def test_equal_settings_give_equal_bytes_and_another_seed_gives_others(tmp_path, package):
    built = [
        build_vader_corpus(tmp_path / name, seed=seed, cache_dir=tmp_path, package=package)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    first, same, other = [[path.read_bytes() for path in one.files.values()] for one in built]
    assert first == same
    assert first != other
    notes = [(tmp_path / name / "SOURCE.md").read_bytes() for name in "ab"]
    assert notes[0] == notes[1]


def test_a_second_call_writes_nothing_until_a_setting_changes(tmp_path, package):
    first = build_vader_corpus(tmp_path / "out", cache_dir=tmp_path, package=package)
    (tmp_path / VADER.archive).rename(tmp_path / "away")
    again = build_vader_corpus(tmp_path / "out", cache_dir=tmp_path, package=package)
    assert again == dataclasses.replace(first, already_there=True)
    (tmp_path / "away").rename(tmp_path / VADER.archive)
    changed = build_vader_corpus(
        tmp_path / "out", threshold=0.75, cache_dir=tmp_path, package=package
    )
    assert (changed.threshold, changed.already_there) == (0.75, False)
    assert "--threshold 0.75" in (tmp_path / "out/SOURCE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("mean", "label"),
    [
        (-0.51, "negative"),
        (-0.5, "neutral"),
        (0.0, "neutral"),
        (0.5, "neutral"),
        (0.51, "positive"),
    ],
)
def test_a_mean_on_the_threshold_is_neutral(mean, label):
    assert label_of(mean, 0.5) == label


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"threshold": -0.1}, r"threshold: -0\.1 is out of range"),
        ({"threshold": 4.0}, r"threshold: 4\.0 is out of range"),
        ({"threshold": float("nan")}, "threshold: nan is out of range"),
        ({"threshold": 3.0}, r"with 3\.0 no text is positive"),
        ({"seed": -1}, "seed: -1 is negative"),
    ],
)
def test_settings_that_cannot_work_are_refused_and_leave_nothing(
    tmp_path, package, settings, complaint
):
    with pytest.raises(DataError, match=complaint):
        build_vader_corpus(tmp_path / "out", cache_dir=tmp_path, package=package, **settings)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"1\t0.5\r\n", r"tweets_GroundTruth\.txt, line 1: expected an id"),
        (b"1\t0.5\tfine\r\n2\tmuch\tfine\r\n", "line 2: expected an id, a mean rating"),
        (b"1\t4.5\tfine\r\n", r"line 1: mean rating 4\.5, expected -4 to 4"),
        (b"1\t0.5\tcaf\xe9\r\n", "is not UTF-8: byte 9"),
    ],
)
def test_a_broken_line_is_named_by_file_and_number(tmp_path, content, complaint):
    pack(tmp_path / "a.zip", {**contents(), FILES["tweets"]: content})
    with pytest.raises(DataError, match=complaint):
        read_snippets(tmp_path / "a.zip")


def test_an_archive_of_another_layout_is_refused_by_name(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"no archive")
    with pytest.raises(DataError, match=r"a\.zip is no source package of vaderSentiment"):
        read_snippets(tmp_path / "a.zip")
    pack(tmp_path / "b.zip", contents(), inner="other.tar.gz")
    with pytest.raises(DataError, match=r"b\.zip is no source package of vaderSentiment"):
        read_snippets(tmp_path / "b.zip")
    # A link of the right name is in this archive; it is not followed.
    pack(tmp_path / "c.zip", {})
    with pytest.raises(DataError, match=r"holds no file tweets_GroundTruth\.txt"):
        read_snippets(tmp_path / "c.zip")


strata_lists = st.lists(st.sampled_from("abcd"), max_size=120)
seeds = st.integers(min_value=0, max_value=2**32)


@given(strata=strata_lists, seed=seeds)
def test_without_duplicates_every_stratum_is_shared_out_to_less_than_a_row(strata, seed):
    splits = assign_splits(strata, range(len(strata)), seed=seed)
    for stratum, rows in collections.Counter(strata).items():
        chosen = splits[np.array(strata) == stratum]
        shares = np.bincount(chosen, minlength=3)
        assert (np.abs(shares - rows * np.array(FRACTIONS)) < 1).all()


@given(data=st.data(), strata=strata_lists, seed=seeds)
def test_duplicates_stay_together_and_cost_little_balance(data, strata, seed):
    keys = [(stratum, data.draw(st.integers(0, 40))) for stratum in strata]
    splits = assign_splits(strata, keys, seed=seed)
    sides = collections.defaultdict(set)
    for key, split in zip(keys, splits, strict=True):
        sides[key].add(split)
    assert all(len(side) == 1 for side in sides.values())
    largest = collections.defaultdict(int)
    for (stratum, _), count in collections.Counter(keys).items():
        largest[stratum] = max(largest[stratum], count)
    for stratum, rows in collections.Counter(strata).items():
        shares = np.bincount(splits[np.array(strata) == stratum], minlength=3)
        allowed = 1 + 2 * (largest[stratum] - 1)
        assert (np.abs(shares - rows * np.array(FRACTIONS)) < allowed).all()


@given(data=st.data(), strata=strata_lists, seed=seeds)
def test_duplicates_with_different_labels_stay_together_too(data, strata, seed):
    keys = [data.draw(st.integers(0, 60)) for _ in strata]
    splits = assign_splits(strata, keys, seed=seed)
    assert ((splits >= 0) & (splits < 3)).all()
    assert len({*zip(keys, splits.tolist(), strict=True)}) == len(set(keys))


@given(strata=strata_lists, seed=seeds)
def test_the_split_depends_on_input_and_seed_alone(strata, seed):
    keys = [number // 2 for number in range(len(strata))]
    first, second = (assign_splits(strata, keys, seed=seed) for _ in range(2))
    assert first.tolist() == second.tolist()


def test_duplicates_reach_all_three_splits():
    keys = [number // 2 for number in range(2000)]
    splits = assign_splits(["a"] * 2000, keys, seed=0)
    assert np.bincount(splits).tolist() == [1400, 300, 300]
    assert np.abs(np.bincount(splits[:1000]) / 1000 - FRACTIONS).max() < 0.05


def test_the_real_package_gives_the_real_corpus(tmp_path):
    try:
        summary = build_vader_corpus(tmp_path / "out", cache_dir=tmp_path / "cache")
    except DataError as error:
        if any(word in str(error) for word in OFFLINE_WORDS):
            pytest.skip(f"the package cannot be fetched: {str(error).splitlines()[0]}")
        raise
    totals = {split: counts for split, source, counts in summary.table() if source == "all"}
    assert {split: sum(counts) for split, counts in totals.items()} == {
        "train": 16_593,
        "val": 3_555,
        "test": 3_555,
    }
    assert sum(np.array(counts) for counts in totals.values()).tolist() == [9029, 4567, 10107]
    rows = _read(summary)
    assert {split: len(rows[split]) for split in SPLITS} == {
        split: sum(counts) for split, counts in totals.items()
    }
    texts = [row["text"] for split in SPLITS for row in rows[split]]
    assert all(text.strip() for text in texts)
    assert not any("\ufffd" in text or "&amp;" in text for text in texts)
