from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.config.yamlfile import dump_yaml, parse_yaml, read_yaml
from roomtone.errors import ConfigError


def parse(text: str):
    return parse_yaml(text, source="test")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("1E5", 1e5),
        ("-2.5e+3", -2500.0),
        (".5e1", 5.0),
        ("1.0e-05", 1e-5),
        ("0.001", 0.001),
        ("32", 32),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("no", "no"),
        ("off", "off"),
        ("2026-01-14", "2026-01-14"),
        ("2026-99-99", "2026-99-99"),
        ("'1e-4'", "1e-4"),
        ("1e", "1e"),
        ("null", None),
        ("[3, 4]", [3, 4]),
    ],
)
def test_a_value_is_read_as_its_author_meant_it(text, value):
    found = parse(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "place", "key"),
    [
        ("seed: 1\ndevice: cpu\nseed: 2\n", "line 3, column 1", "seed"),
        ("model:\n  cnn:\n    dropout: 0.1\n    dropout: 0.2\n", "line 4, column 5", "dropout"),
        ("{a: 1, a: 2}", "line 1, column 8", "a"),
        ("data: {label_map: {1: 0, '1': 1}}", "line 1, column 26", "1"),
    ],
)
def test_a_key_that_stands_twice_is_refused_by_its_line(text, place, key):
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert caught.value.problems == (f"{place}: the key {key!r} stands a second time",)


def test_one_name_may_stand_in_several_sections():
    assert parse("a: {dropout: 1}\nb: {dropout: 2}") == {"a": {"dropout": 1}, "b": {"dropout": 2}}


def test_merged_keys_may_be_overridden_and_merged_again():
    text = "s:\n  a: &a {x: 1, y: 1}\n  b: &b {<<: *a, x: 2}\nc: {<<: *b, y: 3}\n"
    assert parse(text)["c"] == {"x": 2, "y": 3}


@pytest.mark.parametrize(
    "text",
    [
        "a: [1, 2",
        "a: b: c",
        "\ta: 1",
        "a: 'open",
        "a: \x00",
        "a: *unknown",
        "--- 1\n--- 2\n",
        "{[1]: 2}",
        "!!python/object/apply:os.system [echo]",
        "!!float x",
        "!!int x",
        "a: " + "9" * 5000,
        "[" * 1500,
    ],
)
def test_what_is_not_yaml_is_refused(text):
    with pytest.raises(ConfigError, match="1 problem in the test"):
        parse(text)


@given(st.text(st.characters(codec="utf-8") | st.sampled_from(list(":{}[]-&*!|>'\"%@`#,?\n \t<~"))))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(ConfigError):
        parse(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_what_is_written_is_read_back_the_same(value):
    found = parse(dump_yaml({"key": value}))
    assert found == {"key": value}
    assert repr(found) == repr({"key": value})


def test_a_missing_file_names_the_ones_that_are_there(tmp_path):
    (tmp_path / "fast.yaml").write_text("")
    with pytest.raises(ConfigError, match=r"fats.yaml: no such file .*: fast.yaml\)"):
        read_yaml(tmp_path / "fats.yaml")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_yaml(tmp_path)


def test_another_encoding_is_refused(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes("experiment_name: Prüfung".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin\.yaml: not a UTF-8 text"):
        read_yaml(path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    path = tmp_path / "bom.yaml"
    path.write_text("seed: 1", encoding="utf-8-sig")
    assert read_yaml(path) == {"seed": 1}


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_an_empty_file_sets_nothing(text, tmp_path):
    path = tmp_path / "empty.yaml"
    path.write_text(text)
    assert read_yaml(path) == {}


@pytest.mark.parametrize(("text", "kind"), [("- a\n- b", "list"), ("seed", "str"), ("1", "int")])
def test_a_file_without_keys_is_refused(text, kind, tmp_path):
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=f"expected keys with values at the top, found {kind}"):
        read_yaml(path)
