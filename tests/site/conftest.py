from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("django", reason="the site needs: pip install 'roomtone[site]'")

from hostile import FORMULAS, HOSTILE
from small_model import TEXTS, small_engine

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def user(db: Any, django_user_model: Any) -> Any:
    """An account."""
    return django_user_model.objects.create_user("ana", password="correct-horse-42")


@pytest.fixture
def other(db: Any, django_user_model: Any) -> Any:
    """Another account, from whom the first one's objects are kept."""
    return django_user_model.objects.create_user("bob", password="battery-staple-42")


@pytest.fixture
def logged_in(client: Any, user: Any) -> Any:
    """A browser in which the account is logged in."""
    client.force_login(user)
    return client


@pytest.fixture(scope="session")
def engine() -> Any:
    """A small model that knows a few words."""
    return small_engine()


@pytest.fixture
def models_folder(tmp_path: Path, settings: Any) -> Path:
    """The site's folder of models, empty."""
    settings.MODELS_FOLDER = tmp_path / "models"
    return tmp_path / "models"


@pytest.fixture
def version(db: Any, models_folder: Path, engine: Any) -> Any:
    """That model, installed for the site and in use."""
    from roomtone_site.analysis.versions import install

    return install(engine, "small", use=True)


@pytest.fixture
def clean_environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a person who has set nothing, but for a folder for the site."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ROOMTONE_SITE_", "DJANGO_")) and name != "DATABASE_URL"
    }
    sources = os.pathsep.join([str(REPOSITORY / "src"), os.environ.get("PYTHONPATH", "")])
    return kept | {"PYTHONPATH": sources, "ROOMTONE_SITE_FOLDER": str(tmp_path / "site")}


@pytest.fixture
def manage(clean_environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function that runs ``manage.py`` in `backend` as a person does."""

    def run(
        *arguments: str, cwd: Path = REPOSITORY / "backend", stdin: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=cwd,
            env=clean_environment | variables,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run


@pytest.fixture
def owned(user: Any, engine: Any, version: Any) -> dict[str, Any]:
    """One object of each kind of the account, all with hostile texts."""
    from roomtone_site.analysis.models import Analysis, Prediction, Removal
    from roomtone_site.analysis.versions import install
    from roomtone_site.api.tokens import issue
    from roomtone_site.comments.incoming import Incoming
    from roomtone_site.comments.models import Import, YouTubeComment, YouTubeVideo
    from roomtone_site.comments.storing import store_comments
    from roomtone_site.labelling.choosing import make_set
    from roomtone_site.labelling.models import Training
    from roomtone_site.labelling.settling import record

    video = YouTubeVideo.objects.create(
        owner=user, video_id="v", title=HOSTILE, channel=HOSTILE, source="import"
    )
    texts = [HOSTILE, *FORMULAS, *TEXTS]
    store_comments(video, [Incoming(f"{n}{HOSTILE}", text) for n, text in enumerate(texts)])
    label_set = make_set(user, HOSTILE, mode="random", size=5)
    record(label_set.items.first(), user, 1)
    analysis = Analysis.objects.create(
        owner=user, video=video, engine="small", state="done", message=HOSTILE, done=1, total=1
    )
    comments = list(video.comments.all())
    for comment in comments:
        Prediction.objects.create(
            analysis=analysis,
            comment=comment,
            label=2,
            p_negative=0.1,
            p_neutral=0.2,
            p_positive=0.7,
        )
    spam = YouTubeComment.objects.create(video=video, comment_id="spam", text=HOSTILE)
    Removal.objects.create(analysis=analysis, comment=spam, reason="spam", detail=HOSTILE)
    return {
        "video": video,
        "analysis": analysis,
        "comment": comments[0],
        "set": label_set,
        "version": install(engine, "mine", owner=user),
        "training": Training.objects.create(owner=user, name=HOSTILE, kind="svm", message=HOSTILE),
        "token": issue(user, HOSTILE)[0],
        "import": Import.objects.create(
            owner=user, name=HOSTILE, state="done", message=HOSTILE, rejected=[[3, HOSTILE]]
        ),
    }
