from __future__ import annotations

import string
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.sources.links import video_id

IDS = st.text(string.ascii_letters + string.digits + "_-", min_size=11, max_size=11).filter(
    lambda found: found not in ("videoseries", "live_stream")
)
HOSTS = st.sampled_from(
    ["youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "WWW.YouTube.com"]
)
SCHEMES = st.sampled_from(["https://", "http://", "//", "", "HTTPS://"])
EXTRA = st.dictionaries(
    st.sampled_from(["t", "list", "index", "si", "feature", "pp", "ab_channel"]),
    st.text(max_size=20).map(lambda text: quote(text, safe="")),
    max_size=4,
).map(lambda pairs: [f"{key}={value}" for key, value in pairs.items()])
KNOWN = "dQw4w9WgXcQ"


@given(IDS, SCHEMES, HOSTS, EXTRA, EXTRA)
def test_watch_links_with_anything_before_and_after_the_id(found, scheme, host, before, after):
    query = "&".join([*before, f"v={found}", *after])
    assert video_id(f"{scheme}{host}/watch?{query}") == found


@given(IDS, SCHEMES, HOSTS, st.sampled_from(["shorts", "live", "embed", "v", "e"]), EXTRA)
def test_links_with_the_id_in_their_path(found, scheme, host, kind, extra):
    assert video_id(f"{scheme}{host}/{kind}/{found}?{'&'.join(extra)}") == found
    assert video_id(f" <{scheme}{host}/{kind}/{found}/> ") == found


@given(IDS, SCHEMES, EXTRA)
def test_short_links_and_bare_ids(found, scheme, extra):
    assert video_id(f"{scheme}youtu.be/{found}?{'&'.join(extra)}") == found
    assert video_id(f"\n{found}\t") == found
    assert video_id(f"https://www.youtube.com/watch?v={found}") == found


@pytest.mark.parametrize(
    "link",
    [
        "https://www.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ#comments",
        "https://www.youtube.com/watch/dQw4w9WgXcQ",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ?t=12",
        "https://www.youtube.com/watch?v=wrong&v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch?list=PLx&amp;v=dQw4w9WgXcQ",
        "https://www.youtube.com/playlist?list=PL123&v=dQw4w9WgXcQ",
        "https://www.youtube.com/embed/videoseries?list=PL1&v=dQw4w9WgXcQ",
        "https://www.youtube.com/attribution_link?a=b&u=%2Fwatch%3Fv%3DdQw4w9WgXcQ%26feature%3Dx",
        "https://m.youtube.com/#/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/#!v=dQw4w9WgXcQ",
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
        "https://youtube.com:443/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com./watch?v=dQw4w9WgXcQ",
        "https://youtu.be//dQw4w9WgXcQ",
        "vnd.youtube:dQw4w9WgXcQ",
    ],
)
def test_links_that_people_paste(link):
    assert video_id(link) == KNOWN


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("", "no link was given"),
        ("  ", "no link was given"),
        ("https://www.youtube.com/playlist?list=PL123", "leads to a playlist"),
        ("https://www.youtube.com/embed/videoseries?list=PL1", "leads to a playlist"),
        ("https://www.youtube.com/@somebody", "leads to a channel"),
        ("https://www.youtube.com/channel/UCabcdefghijk", "leads to a channel"),
        ("https://www.youtube.com/clip/Ugkxabcdefgh", "leads to a clip"),
        ("https://www.youtube.com/watch?v=dQw4w9WgXc", "id is incomplete"),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQQ", "id is incomplete"),
        ("https://www.youtube.com/embed/live_stream?channel=UC1", "names no video"),
        ("https://vimeo.com/12345678901", "leads to no video on YouTube"),
        ("https://youtube.com.example.org/watch?v=dQw4w9WgXcQ", "leads to no video on YouTube"),
        ("https://notyoutube.com/watch?v=dQw4w9WgXcQ", "leads to no video on YouTube"),
        ("https://youtube.com@example.org/watch?v=dQw4w9WgXcQ", "leads to no video on YouTube"),
        ("javascript:alert('dQw4w9WgXcQ')", "leads to no video on YouTube"),
        ("file:///youtu.be/dQw4w9WgXcQ", "leads to no video on YouTube"),
        ("https://[youtube.com/watch?v=dQw4w9WgXcQ", "leads to no video on YouTube"),
        ("a" * 3000, "a link of 3,000 characters"),
    ],
)
def test_what_leads_to_no_video_is_told_apart(link, told):
    with pytest.raises(DataError, match=told):
        video_id(link)


@given(st.text(max_size=60))
@example("https://youtube.com:x/watch?v=dQw4w9WgXcQ")
@example("//[::1")
def test_any_text_gives_an_id_or_a_plain_error(text):
    try:
        found = video_id(text)
    except DataError:
        return
    assert len(found) == 11
    assert found in text
