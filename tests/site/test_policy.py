"""Pages run and style themselves by files of the site alone, as their policy says."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser
from typing import Any

import pytest
from every_address import ADDRESSES, address

from roomtone_site.config.middleware import POLICY

pytestmark = pytest.mark.django_db
BEYOND = ("/api/docs", "/no/such/page")


class Inline(HTMLParser):
    """Gathers what a policy without ``unsafe-inline`` would not run, and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.loaded: list[str] = []
        self.styles: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        for name, value in attrs:
            plain = "".join((value or "").split()).lower()
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(f"<{tag} {name}={value!r}>")
            if plain.startswith(("javascript:", "vbscript:", "js:", "data:text")):
                self.found.append(f"<{tag} {name}={value!r}>")
        if tag == "script" and "src" not in values and values.get("type") != "application/json":
            self.found.append("<script> without a file")
        if tag in ("script", "img", "iframe", "object", "embed") or (
            tag == "link" and values.get("rel") != "canonical"
        ):
            self.loaded += filter(None, (values.get("src"), values.get("href")))
        if tag == "style":
            self._in_style = True

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.styles.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"


def read(answer: Any) -> Inline:
    page = Inline()
    page.feed(b"".join(answer).decode())
    return page


def directives(answer: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in parts}


def test_the_reader_of_pages_is_not_blind() -> None:
    page = Inline()
    page.feed(
        "<p style='x' ONCLICK=y hx-on:click=z><script>1</script><a href=' java\nscript:1'>"
        "<style>p {}</style><script src=/a.js></script><img src=//b.example/c>"
    )
    assert len(page.found) == 5
    assert page.styles == ["p {}"]
    assert page.loaded == ["/a.js", "//b.example/c"]


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "part"])
@pytest.mark.parametrize("name", [*ADDRESSES, *BEYOND])
def test_no_page_runs_styles_or_loads_anything_but_files_of_the_site(
    name: str, htmx: bool, owned: Any, logged_in: Any
) -> None:
    where = name if name in BEYOND else address(name, owned)
    answer = logged_in.get(where, headers={"HX-Request": "true"} if htmx else {})
    policy = directives(answer)
    assert not any("unsafe" in source for sources in policy.values() for source in sources)
    assert policy["default-src"] in (["'self'"], ["'none'"])
    assert policy["frame-ancestors"] == ["'none'"]
    if not answer.get("Content-Type", "").startswith("text/html"):
        return
    page = read(answer)
    assert not page.found
    assert all(place.startswith("/") and place[1:2] != "/" for place in page.loaded)
    # A style within a page is one whose digest the policy names.
    for style in page.styles:
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy["style-src"]
    assert bool(page.styles) == (name == "report")


@pytest.mark.parametrize("path", ["/accounts/log-in/", "/accounts/sign-up/"])
def test_what_a_visitor_sees_is_no_different(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer["Content-Security-Policy"] == POLICY
    page = read(answer)
    assert page.loaded
    assert not page.found


def test_every_answer_says_what_a_browser_may_do_with_it(owned: Any, logged_in: Any) -> None:
    for name in ADDRESSES:
        answer = logged_in.get(address(name, owned))
        assert answer["X-Content-Type-Options"] == "nosniff", name
        assert answer["X-Frame-Options"] == "DENY", name
        assert answer["Referrer-Policy"] == "same-origin", name
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert answer["Permissions-Policy"] == (
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        ), name
        assert "private" in answer["Cache-Control"], name


def test_the_report_keeps_its_policy_where_it_is_saved(owned: Any, logged_in: Any) -> None:
    answer = logged_in.get(address("report", owned))
    (style,) = directives(answer)["style-src"]
    assert f"default-src 'none'; style-src {style}" in answer.text.replace("&#x27;", "'")
