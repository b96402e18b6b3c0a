from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.data.spam import spam_reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("thanks for watching! whatsapp me +1(405)5550147", "a messenger and a telephone number"),
        ("WhatsApp ➕𝟭𝟰𝟬𝟱𝟱𝟱𝟱𝟬𝟭𝟰𝟳", "a messenger and a telephone number"),
        ("Text me 1 - 4 0 5 - 5 5 5 - 0 1 4 7 to invest", "asks to be contacted at a telephone"),
        ("Contact him on Telegram @sure_trades for crypto", "asks to be contacted, about money"),
        (
            "I met Mrs Clara Smith, invested and earned $12,000 weekly since",
            "praises an adviser and the gains",
        ),
        ("Earn $500 a day with bitcoin https://x.example/r", "promises gains behind a link"),
        ("Click here for free robux https://x.example", "a link with bait"),
        ("join us https://t.me/abcdef", "a link to a messenger"),
        ("Great video! Check out my channel too", "advertises a channel of its own"),
        ("sub4sub anyone?", "advertises a channel of its own"),
    ],
)
def test_what_advertises_is_told_with_its_reason(text, reason):
    assert spam_reason(text).startswith(reason)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Great video https://www.youtube.com/watch?v=dQw4w9WgXcQ at 3:15",
        "Source: https://example.org/study.pdf",
        "My mum sends me this on WhatsApp every day",
        "I lost all of my bitcoin in 2014, 100% my own fault",
        "1234567890 is my lucky number",
        "check out my favourite part at 2:10",
        "Mr Beast makes money, so what",
        "This channel deserves 1,000,000 subscribers",
        "Trading used to be fun. I made 5% last year and that's fine",
        "Did Dr Smith ever invest in this company?",
        "text me when part two is out",
        "I earn $15 an hour and this made my day",
    ],
)
def test_what_others_say_stays(text):
    assert spam_reason(text) == ""


@given(st.text(max_size=300))
def test_any_text_is_judged(text):
    assert isinstance(spam_reason(text), str)


@pytest.mark.parametrize("piece", ["1 ", "earn ", "$1", "( ", "made 1", "mr Aa ", "http://", "-"])
@pytest.mark.timeout(120)  # of one second; quadratic time would be hours
def test_long_texts_are_judged_in_no_time(piece):
    spam_reason(piece * (1_000_000 // len(piece)))
