from roomtone.engines.facts import differences

FACTS = {
    "input": {"bytes": 5, "sha256": "ab", "modified": 1},
    "model": {"name": "logreg", "digest": "cd"},
    "options": {"abstain": None, "columns": ["text", "id"], "prefix": ""},
}


def changed(part, **values):
    return {**FACTS, part: {**FACTS[part], **values}}


def test_equal_facts_differ_in_nothing_and_the_time_of_a_copy_is_no_difference():
    assert differences(FACTS, FACTS) == []
    assert differences(FACTS, changed("input", modified=2)) == []


def test_another_file_or_model_is_called_so_without_its_hashes():
    assert differences(FACTS, changed("input", sha256="xy", bytes=6)) == [
        "the input is another one, or was altered"
    ]
    assert differences(FACTS, changed("model", digest="xy")) == [
        "the model is another one, or was altered"
    ]


def test_every_changed_option_is_named_with_both_values():
    now = changed("options", abstain=0.1, columns=["text"])
    assert differences(FACTS, now) == [
        "abstain was not given, now 0.1",
        "columns was text,id, now text",
    ]
    assert differences(now, FACTS) == [
        "abstain was 0.1, now not given",
        "columns was text, now text,id",
    ]


def test_facts_that_one_side_lacks_are_differences():
    assert differences(FACTS, {**FACTS, "input": {}}) == [
        "the input is another one, or was altered"
    ]
