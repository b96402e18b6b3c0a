"""What each file holds, texts that stand out, and shifts between files."""

from roomtone.data.audit.balance import describe_files, find_shifts, long_texts, unknown_texts
from roomtone.data.audit.repeats import find_repeats


def table(negative, positive, text="some words"):
    rows = [(f"{text} {n}", "negative") for n in range(negative)]
    return rows + [(f"{text} {n}", "positive") for n in range(positive)]


def test_a_shift_of_the_labels_is_found_with_its_size(read):
    found = {
        (shift.first, shift.second, shift.what): shift
        for shift in find_shifts(read(table(50, 50), table(52, 48), table(90, 10)))
    }
    same = found["train.csv", "val.csv", "labels"]
    shifted = found["train.csv", "test.csv", "labels"]
    assert same.p_value > 0.5
    assert same.size == "negligible"
    assert shifted.p_value < 1e-6
    assert shifted.size == "medium"


def test_one_file_and_one_class_have_no_shift(read):
    assert find_shifts(read(table(5, 5))) == ()
    assert [shift.what for shift in find_shifts(read(table(5, 0), table(5, 0)))] == ["lengths"]


def test_a_text_that_swallowed_others_is_named(read):
    swallowed = "\n".join(f"row {n} of many,positive" for n in range(100))
    (found,) = long_texts(read([*table(400, 400), (swallowed, "positive")]))
    assert found.place.row == 802
    assert "100 lines" in found.evidence


def test_texts_without_a_known_word_are_named(read):
    rows = read(table(5, 5), [("some words", "positive"), ("xyzzy", "positive"), ("\u200b", "0")])
    assert [(found.place, found.evidence) for found in unknown_texts(rows)] == [
        ((1, 3), "1 token, none of them known"),
        ((1, 4), "nothing visible"),
    ]


def test_files_are_described_by_classes_and_lengths(read):
    rows = read([("four", "negative"), ("sixsix", "positive"), ("FOUR!", "what"), ("", "0")])
    (facts,) = describe_files(rows, find_repeats(rows))
    assert (facts.rows, facts.unusable) == (3, 1)
    assert facts.labels == {"negative": 1, "neutral": 0, "positive": 1}
    assert facts.lengths["max"] == 6
    assert facts.lengths_by_class == {"negative": 4, "positive": 6}
    assert sum(facts.length_histogram["counts"]) == 3
    assert facts.repeats == {"exact": 0, "normalized": 0, "conflicting_texts": 0}
