import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.data.streams.spreadsheet import harmless

STARTS = "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize("start", [*STARTS, " =", "\n@", "\xa0+"])
def test_what_a_program_would_run_gets_an_apostrophe(start):
    assert harmless(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("number", ["-1", "+2.5", "-1,000.25", "-1e-9", "-3,5"])
def test_numbers_with_a_sign_stay_numbers(number):
    assert harmless(number) == number


@given(st.text(max_size=10))
def test_no_field_begins_as_a_formula_and_what_was_there_can_be_had_back(field):
    shown = harmless(field)
    assert shown.removeprefix("'" if shown != field else "") == field
    bare = shown.lstrip()
    if bare[:1] and bare[0] in STARTS:
        assert bare.lstrip("+-").replace(",", "").replace(".", "").replace("e", "")[:1].isdigit()
