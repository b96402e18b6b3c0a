"""The data report before training."""

import json
from pathlib import Path

import numpy as np
import pytest

from roomtone.data.report import data_report
from roomtone.data.rows import Rejection
from roomtone.data.tables import LabelledTexts
from roomtone.labels import LabelScheme
from roomtone.text import Vocabulary

LABELS = LabelScheme()


def split(rows, *, rejected=(), encoding="utf-8", lines=None, name="t.csv"):
    return LabelledTexts(
        path=Path(name),
        texts=[text for text, _ in rows],
        labels=np.array([label for _, label in rows], dtype=np.int64),
        lines=np.array(lines if lines is not None else range(2, len(rows) + 2), dtype=np.int64),
        rejected=tuple(rejected),
        encoding=encoding,
        delimiter=",",
        sha256="0" * 64,
        num_classes=3,
    )


def rows(prefix, count=30):
    numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    return [
        (" ".join([prefix, *(numbers[int(digit)] for digit in str(n))]), n % 3)
        for n in range(count)
    ]


def report(max_len=10, min_freq=1, **splits):
    vocabulary = Vocabulary(max_size=20000, min_freq=min_freq)
    vocabulary.build_from_texts(splits["train"].texts)
    encoded = {name: vocabulary.encode_batch(part.texts) for name, part in splits.items()}
    return data_report(splits, vocabulary, encoded, max_len=max_len, labels=LABELS)


def warning_about(found, words):
    matching = [warning for warning in found.warnings if words in warning]
    assert len(matching) == 1, found.warnings
    return matching[0]


def test_sound_data_gives_no_warning():
    found = report(
        max_len=5,
        train=split(rows("alpha") + rows("beta") + rows("gamma")),
        val=split([("alpha beta " + text, label) for text, label in rows("gamma")]),
    )
    assert (found.warnings, found.notes) == ((), ())
    assert found.leakage["train/val"].normalized == 0


def test_a_split_is_described_in_numbers():
    texts = [("one", 0), ("one two", 1), ("one two three four", 2), ("one two three", 1)]
    rejected = [Rejection(7, "empty text"), Rejection(9, "empty text"), Rejection(8, "empty row")]
    found = report(max_len=3, min_freq=2, train=split(texts, rejected=rejected)).splits["train"]
    assert found.rows == 4
    assert found.label_counts == {0: 1, 1: 2, 2: 1}
    assert found.label_shares[1] == 0.5
    assert found.lengths.percentiles["p50"] == 2.5
    assert (found.lengths.max, found.lengths.cut) == (4, 0.25)
    assert found.lengths.counts == (0, 1, 1, 1, 1)
    assert found.unknown == pytest.approx(1 / 10)
    assert found.rejected["empty text"].count == 2
    assert found.rejected["empty text"].lines == (7, 9)
    assert list(found.rejected) == ["empty text", "empty row"]


def test_the_histogram_counts_every_text_however_long():
    texts = [("word " * length, 0) for length in (1, 40, 399, 400, 401, 1234)]
    lengths = report(train=split(texts)).splits["train"].lengths
    assert sum(lengths.counts) == 6
    assert len(lengths.edges) == len(lengths.counts) + 1
    assert lengths.edges[-2] <= 1234 < lengths.edges[-1]


def test_leakage_into_the_test_split_is_the_first_warning_and_marks_its_metrics():
    found = report(
        train=split(rows("alpha")),
        val=split(rows("beta") + rows("alpha", 2)),
        test=split([*rows("gamma", 8), ("ALPHA three!", 0), ("alpha four", 1)]),
    )
    warning = found.warnings[0]
    assert "2 test rows (20.0%) found in train too (lines 10, 11 of the test file)" in warning
    assert "remove them" in warning
    assert "the test metrics carry this warning" in warning
    assert found.leakage_warnings("test") == (warning,)
    assert len(found.leakage_warnings("val")) == 1
    assert found.leakage_warnings("train") == ()
    assert found.leakage["train/test"].exact == 1
    assert found.leakage["val/test"].normalized == 0


def test_conflicting_labels_are_named_with_their_lines():
    found = report(train=split([*rows("alpha"), ("Alpha one.", 0)]))
    warning = warning_about(found, "more than one label")
    assert "1 text with more than one label (2 rows; the first at lines 3, 32)" in warning


@pytest.mark.parametrize(("rare", "warned"), [(9, True), (10, False)])
def test_imbalance_beyond_one_to_three_calls_for_class_weights(rare, warned):
    counts = {0: 30, 1: 30, 2: rare}
    texts = [(f"{'abc'[label]}{n}", label) for label in counts for n in range(counts[label])]
    found = report(train=split(texts))
    assert any("class imbalance" in warning for warning in found.warnings) is warned
    if warned:
        warning = warning_about(found, "class imbalance")
        assert "training.class_weights: balanced (--class_weights balanced)" in warning


def test_an_absent_class_is_named():
    two = [(text, label) for text, label in rows("alpha") if label != 2]
    found = report(train=split(rows("beta")), test=split(two))
    assert "test: no row of class positive" in warning_about(found, "no row of class")


def test_texts_that_are_cut_call_for_a_longer_limit():
    long = [("word " * 50, 0)] * 3
    found = report(max_len=20, train=split(rows("alpha") + long))
    warning = warning_about(found, "max_len = 20")
    assert "9.1% (train) of the texts are longer" in warning
    assert "--max_len 50 keeps 99% whole" in warning


def test_unknown_tokens_call_for_a_larger_vocabulary():
    found = report(train=split(rows("alpha")), val=split([("wholly unseen words", 0)]))
    warning = warning_about(found, "tokens are unknown")
    assert "100.0% (val)" in warning
    assert "--vocab_min_freq" in warning
    assert "--vocab_max_size" in warning


def test_repeated_training_rows_are_a_warning():
    found = report(train=split(rows("alpha") + rows("alpha", 3)))
    assert "3 rows (9.1%) only repeating an earlier one" in warning_about(found, "repeating")


def test_a_guessed_encoding_is_a_warning():
    found = report(train=split(rows("alpha"), encoding="cp1252"))
    assert "data.encoding" in warning_about(found, "Windows-1252")


def test_a_row_that_spans_many_lines_is_suspected_of_an_open_quote():
    lines = [*range(2, 20), *range(520, 532)]
    found = report(train=split(rows("alpha"), lines=lines))
    assert "the row at line 19 spans 501 lines" in warning_about(found, "open quote")


def test_rejected_rows_are_not_taken_for_a_part_of_the_row_before():
    lines = [*range(2, 20), *range(520, 532)]
    rejected = [Rejection(line, "empty row") for line in range(20, 520)]
    assert report(train=split(rows("alpha"), lines=lines, rejected=rejected)).warnings == ()


def test_html_and_a_generous_limit_are_notes_and_no_warnings():
    found = report(
        max_len=200, train=split([*rows("alpha"), ("a &amp; <b>b</b>", 0), ("1 < 2", 1)])
    )
    assert found.warnings == ()
    assert found.notes[0].startswith("1 text with entities or tags of HTML")
    assert "max_len = 200 is far above the longest text" in found.notes[1]


def test_the_report_survives_json():
    found = report(train=split(rows("alpha"), rejected=[Rejection(40, "empty row")]))
    restored = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert restored == found.to_dict()
    train = restored["splits"]["train"]
    assert train["label_counts"] == {"0": 10, "1": 10, "2": 10}
    assert set(train["length"]) == {"p50", "p90", "p95", "p99", "max"}
    assert sum(train["length_histogram"]["counts"]) == 30


def test_the_console_gets_few_plain_lines_even_if_all_is_wrong():
    reasons = [Rejection(100 + n, f"{n} fields instead of 2") for n in range(9)]
    bad = split(
        [("same &amp; text " * 90, n % 2) for n in range(40)],
        rejected=reasons,
        encoding="cp1252",
        lines=[1 + 60 * n for n in range(40)],
    )
    found = report(max_len=5, train=bad, val=bad, test=bad)
    lines = found.lines()
    assert len(lines) <= 25
    assert (
        lines[0] == "   train: 40 rows: negative 20 (50.0%), neutral 20 (50.0%), positive 0 (0.0%)"
    )
    assert "left out 9: 1 × 0 fields instead of 2 (line 100)" in lines[3]
    assert "leakage: 40 test rows" in lines[12]
    assert "more in the data report file" in lines[-1]
    assert not any("\n" in line or "[/" in line for line in lines)


def test_a_split_without_rows_is_described_without_failing():
    found = report(train=split(rows("alpha")), val=split([]))
    assert found.splits["val"].rows == 0
    assert json.dumps(found.to_dict(), allow_nan=False)
    assert found.lines()
