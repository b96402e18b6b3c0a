"""Stretched words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.text.stretch import squeezed


@pytest.mark.parametrize(
    ("token", "forms"),
    [
        ("goood", ["good", "god"]),
        ("sooorrry", ["soorry", "soory", "sorry", "sory"]),
        ("good", []),
        ("!!!", ["!!", "!"]),
        (":)))", [":))", ":)"]),
        ("1000", []),
        ("", []),
    ],
)
def test_what_is_drawn_out_is_tried_twice_and_once(token, forms):
    assert squeezed(token) == forms


@given(st.text(max_size=40))
def test_forms_are_shorter_and_few(token):
    forms = squeezed(token)
    assert len(forms) <= 32
    assert all(len(form) < len(token) for form in forms)
