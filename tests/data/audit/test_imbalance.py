"""Classes that are missing, rare or overwhelming."""

import pytest

from roomtone.data.audit.balance import describe_files
from roomtone.data.audit.imbalance import find_imbalances
from roomtone.data.audit.repeats import find_repeats


@pytest.fixture
def found(read):
    """A function that writes files of so many rows of each class, and names their faults."""

    def find(*counts):
        rows = read(
            *(
                [(f"{name} {n}", name) for name, size in count.items() for n in range(size)]
                for count in counts
            )
        )
        return list(find_imbalances(describe_files(rows, find_repeats(rows)), folds=5))

    return find


def test_balanced_files_have_no_fault(found):
    assert found(dict.fromkeys(("negative", "neutral", "positive"), 5)) == []
    assert found({"spam": 79, "ham": 21}, {"spam": 5, "ham": 5}) == []


def test_one_class_alone_is_named_once(found):
    (one,) = found({"positive": 30})
    assert (one.file, one.kind, one.classes) == ("train.csv", "one_class", ("positive",))
    assert one.told.startswith("all 30 labelled rows are positive")


def test_absent_rare_and_overwhelming_classes_are_named_in_their_file(found):
    whole = dict.fromkeys(("negative", "neutral", "positive"), 6)
    told = [
        (each.file, each.kind, each.classes)
        for each in found(whole, {"negative": 4, "positive": 16})
    ]
    assert told == [
        ("test.csv", "absent_class", ("neutral",)),
        ("test.csv", "rare_class", ("negative",)),
        ("test.csv", "majority", ("positive",)),
    ]


def test_a_file_without_a_known_label_is_named(found):
    whole = dict.fromkeys(("negative", "neutral", "positive"), 6)
    (none,) = found(whole, {"what": 3})
    assert (none.file, none.kind) == ("test.csv", "no_label")


def test_of_many_classes_a_few_are_listed(found):
    classes = {f"class {n}": 5 for n in range(9)}
    (one,) = found(classes, {"class 0": 5, "class 1": 5})
    assert "class 5 or class 6 or 2 others" in one.told
    assert len(one.classes) == 7
