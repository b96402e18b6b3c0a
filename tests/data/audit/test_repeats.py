"""Rows that repeat another, agreeing with what a training run reports."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roomtone.data.audit.balance import describe_files
from roomtone.data.audit.repeats import find_repeats, overlaps, repeat_findings

LONG = "the whole film was a long and very boring affair from the start"


def findings(rows):
    repeats = find_repeats(rows)
    return {(found.kind, *found.place): found for found in repeat_findings(rows, repeats)}, repeats


def test_copies_leaks_and_conflicts_are_named_with_their_partners(read):
    rows = read(
        [("Good film!", "positive"), ("good FILM", "negative"), ("other", "neutral")],
        [("new", "neutral")],
        [("good film", "positive"), ("fresh", "neutral"), ("new", "neutral")],
    )
    found, repeats = findings(rows)
    assert set(found) == {
        ("leak", 0, 2),
        ("leak", 0, 3),
        ("leak", 1, 2),
        ("duplicate", 0, 3),
        ("conflict", 0, 2),
        ("conflict", 0, 3),
        ("conflict", 2, 2),
    }
    assert found["leak", 0, 2].partner == (2, 2)
    assert "the same but for case" in found["leak", 0, 2].evidence
    assert "the same text as test.csv row 4 (neutral)" in found["leak", 1, 2].evidence
    assert found["conflict", 0, 3].evidence == "this text is labelled: positive 2, negative 1"
    assert found["conflict", 0, 3].partner == (0, 2)
    assert found["conflict", 0, 2].partner == (0, 3)
    assert overlaps(rows, repeats)["train.csv/test.csv"]["normalized"] == 1


def test_near_copies_name_the_later_row_and_the_earlier_file(read):
    rows = read([(LONG, "negative"), (f"{LONG} indeed", "negative")], [(f"oh {LONG}", "negative")])
    found, _ = findings(rows)
    assert set(found) == {("near_duplicate", 0, 3), ("near_leak", 0, 2), ("near_leak", 0, 3)}
    assert found["near_duplicate", 0, 3].partner == (0, 2)
    assert found["near_leak", 0, 3].partner == (1, 2)
    assert "% alike with test.csv row 2 (negative)" in found["near_leak", 0, 2].evidence


def test_a_copy_is_not_named_as_a_near_copy_of_what_its_first_row_is_near_to(read):
    rows = read([(LONG, "negative"), (f"{LONG} indeed", "negative"), (f"{LONG} indeed", "neutral")])
    found, _ = findings(rows)
    assert ("near_duplicate", 0, 3) in found
    assert ("near_duplicate", 0, 4) not in found
    assert ("duplicate", 0, 4) in found


words = st.lists(st.sampled_from(["a", "A", "b", "b!", "😡", ":)"]), min_size=1, max_size=3)
table = st.lists(
    st.tuples(words.map(" ".join), st.sampled_from(["positive", "negative"])),
    min_size=1,
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(tables=st.tuples(table, table))
def test_as_many_rows_are_named_as_the_report_of_a_training_run_counts(read, tables):
    rows = read(*tables)
    found, repeats = findings(rows)
    kinds = Counter((kind, file) for kind, file, _ in found)
    for index, file in enumerate(describe_files(rows, repeats)):
        assert kinds["duplicate", index] == file.repeats["normalized"]
    counted = overlaps(rows, repeats)["train.csv/test.csv"]["normalized"]
    earlier = set(repeats.text[rows.file == 0].tolist())
    assert counted == sum(key in earlier for key in repeats.text[rows.file == 1].tolist())
    assert (kinds["leak", 0] > 0) == (counted > 0)
    assert kinds["leak", 1] == 0
