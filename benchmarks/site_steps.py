"""One step of `site_pages.py`, in a process of its own.

python benchmarks/site_steps.py store|analyse|time ACCOUNT COMMENTS REPEATS

The environment says which site it is. Prints as JSON what was measured.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
from memory import peak_bytes
from site_data import stored_video

# What is looked for: a word of every tenth comment, and one that hardly any has.
COMMON, RARE = "word12", "word4321"
PAGES = {
    "list of videos": "/",
    "video": "/videos/{video}/",
    "analysis": "/analyses/{analysis}/",
    "table": "/analyses/{analysis}/comments/",
    "table, last page": "/analyses/{analysis}/comments/?page=1000000",
    "table, newest": "/analyses/{analysis}/comments/?sort=newest",
    "table, least certain": "/analyses/{analysis}/comments/?sort=unsure",
    "table, most positive": "/analyses/{analysis}/comments/?sort=positive",
    "table, of one class": "/analyses/{analysis}/comments/?label=negative",
    "table, replies": "/analyses/{analysis}/comments/?kind=replies",
    "table, at least 10 likes": "/analyses/{analysis}/comments/?likes=10",
    "search, common word": f"/analyses/{{analysis}}/comments/?q={COMMON}",
    "search, rare word": f"/analyses/{{analysis}}/comments/?q={RARE}",
    "search, filter and sort": (
        f"/analyses/{{analysis}}/comments/?q={COMMON}&label=positive&kind=opening&sort=unsure"
    ),
    "removed": "/analyses/{analysis}/removed/",
}


def main() -> None:
    """Do the step."""
    import django

    from roomtone_site.config.local import use_local_settings

    use_local_settings()
    django.setup()
    from roomtone_site.accounts.models import User

    step, account, comments, repeats = sys.argv[1:]
    owner = User.objects.get(username=account)
    steps = {"store": _store, "analyse": _analyse, "time": _time}
    print(json.dumps(steps[step](owner, int(comments), int(repeats))))


def _store(owner: Any, comments: int, _repeats: int) -> list[dict[str, Any]]:
    before, began = peak_bytes(), time.perf_counter()
    stored_video(owner, comments)
    return [_cost("store", before, began)]


def _analyse(owner: Any, comments: int, _repeats: int) -> list[dict[str, Any]]:
    from roomtone_site.analysis.running import run
    from roomtone_site.analysis.starting import start_analysis

    analysis = start_analysis(owner, owner.videos.get(video_id=f"benchmark {comments}"))
    before, began = peak_bytes(), time.perf_counter()
    state = run(analysis.pk)
    if state != "done":
        raise SystemExit(f"the analysis ended as {state!r}")
    return [_cost("analyse", before, began)]


def _cost(name: str, before: int, began: float) -> dict[str, Any]:
    seconds = time.perf_counter() - began
    return {"name": name, "seconds": seconds, "peak": peak_bytes(), "before": before}


def _time(owner: Any, comments: int, repeats: int) -> list[dict[str, Any]]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    video = owner.videos.get(video_id=f"benchmark {comments}")
    client = Client(SERVER_NAME="localhost")
    client.force_login(owner)
    found = []
    for name, page in PAGES.items():
        address = page.format(video=video.pk, analysis=video.analyses.get().pk)
        client.get(address)  # templates are read, and pages of the file cached, once
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        queries = len(captured)  # now, since the next request forgets them
        times = []
        for _ in range(repeats):
            began = time.perf_counter()
            answer = client.get(address)
            times.append(1000 * (time.perf_counter() - began))
            if answer.status_code != 200:
                raise SystemExit(f"{address}: status {answer.status_code}")
        p50, p95 = np.percentile(times, [50, 95])
        found.append({"name": name, "queries": queries, "p50": p50, "p95": p95})
    return found


if __name__ == "__main__":
    main()
