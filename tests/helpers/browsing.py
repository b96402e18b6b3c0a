"""A real browser for the tests of the pages, and axe, which looks for what keeps people out."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from waiting import LIMIT

PATIENCE = 1000 * LIMIT
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
AXE = "axe-core@4"
SERIOUS = ("serious", "critical")
# What htmx marks while it asks, and puts an answer into the page.
_UNDER_WAY = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"


@contextmanager
def started_browser() -> Iterator[Any]:
    """Start the machine's own browser, or skip the test with the reason."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="needs the package playwright, of roomtone[test]"
    )
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"needs one of {', '.join(BROWSERS)} on this machine (apt install chromium)")
    api.expect.set_options(timeout=PATIENCE)
    with api.sync_playwright() as playwright:
        # Containers mostly run as root, where the browser's own sandbox cannot start.
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox"], timeout=PATIENCE
        )
        yield browser
        browser.close()


def new_page(browser: Any, **options: Any) -> Any:
    """Open a page in a context of its own, which waits for whatever comes at all."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def settled(page: Any) -> None:
    """Wait until a page listens: it shows what came before its scripts are there for it."""
    page.wait_for_load_state()
    page.locator(_UNDER_WAY).first.wait_for(state="detached")


def expect(part: Any) -> Any:
    """Expect something of a part of a page, sooner or later."""
    from playwright import sync_api

    return sync_api.expect(part)


def axe_source(folder: Path) -> str:
    """Fetch axe from npm's registry once, or skip the test with the reason."""
    script = folder / "package/axe.min.js"
    if not script.is_file():
        if shutil.which("npm") is None:
            pytest.skip("needs npm, which fetches axe-core")
        command = ["npm", "pack", "--silent", AXE]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"npm could not fetch {AXE}: {done.stderr.strip()[-200:]}")
        with tarfile.open(folder / done.stdout.split()[-1]) as archive:
            archive.extractall(folder, filter="data")
    return script.read_text(encoding="utf-8")


def faults(page: Any, source: str) -> list[str]:
    """List what axe finds on a page that is serious or worse."""
    page.evaluate(source)  # past the page's policy, which would let no script in
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']} ({fault['impact']}): {node['html'][:160]}"
        for fault in found["violations"]
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]


def watched(page: Any, address: str) -> list[str]:
    """Note whatever a page should not do: fail, complain, ask, or call another host."""
    noted: list[str] = []
    page.on("pageerror", lambda error: noted.append(f"script failed: {error}"))
    page.on(
        "console",
        lambda line: noted.append(f"console: {line.text}") if line.type == "error" else None,
    )

    def refuse(dialog: Any) -> None:
        noted.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", refuse)
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:"))
            else noted.append(f"another host: {request.url}")
        ),
    )
    return noted
