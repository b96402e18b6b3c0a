"""Characters that should not stand in a text, and the text without them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.data.audit.characters import detectors, faults, repaired
from roomtone.data.audit.kinds import REPAIRED


def found(text):
    return dict(faults(text, detectors([text])))


@pytest.mark.parametrize(
    ("text", "kind", "better"),
    [
        ("un cafÃ© noir", "mojibake", "un café noir"),
        ("so good ðŸ˜€ yes", "mojibake", "so good 😀 yes"),
        ("be\x08ll", "control_characters", "bell"),
        ("don\x92t", "control_characters", "don’t"),
        ("hid\u200bden", "invisible_characters", "hidden"),
        ("\u202eevil", "invisible_characters", "evil"),
        (r"it\u2019s \ud83d\ude00", "escapes", "it’s 😀"),
        ("fish &amp; chips<br>yes", "html", "fish & chips yes"),
        ("lost \ufffd here", "lost_characters", None),
        ("p\u0430ypal", "mixed_scripts", None),
        ("private \ue000 use", "unassigned_characters", None),
    ],
)
def test_each_fault_is_found_and_what_can_be_repaired_is(text, kind, better):
    assert kind in found(text)
    assert repaired(text, [kind]) == (text if better is None else better)


@pytest.mark.parametrize(
    "text",
    [
        "plain text, with (marks) & more < 3 <3",
        "très bon, façade, Grüße — “quoted” … naïve",
        "👩‍👩‍👧 family, ❤️ heart, 👍🏽",
        "привет мир, γειά σου, 안녕하세요, مرحبا",
        "µm and Ω and café ™ §",
        r"C:\users\new and \u12 and \ud800 alone",
        "tabs\tand\nlines",
        "Ah! Ça c’est “bon” — n’est-ce pas ?",
    ],
)
def test_what_people_write_is_no_fault(text):
    assert found(text) == {}


@given(text=st.text())
def test_any_text_is_looked_at_and_repaired_without_a_crash(text):
    kinds = found(text)
    assert isinstance(repaired(text, REPAIRED), str)
    if not kinds:
        assert repaired(text, kinds) == text
