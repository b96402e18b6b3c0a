"""The API's endpoints. Each begins with whose objects it may see."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import NinjaAPI, Path, Query, Status
from ninja.errors import HttpError

from roomtone_site.analysis.models import Analysis, ModelVersion, Prediction
from roomtone_site.analysis.starting import start_analysis
from roomtone_site.analysis.versions import NoModelError, find_version
from roomtone_site.api import schemas
from roomtone_site.api.auth import Session, Token, account
from roomtone_site.api.errors import Error, add_handlers
from roomtone_site.api.limits import PerAccount, spend_texts
from roomtone_site.api.scoring import score_texts
from roomtone_site.comments.models import YouTubeVideo

ABOUT = """Score comments, and analyse videos that are stored in your account.

Programs send a token of yours: `Authorization: Bearer rt_…`. Pages of the site use their session,
with the CSRF token as `X-CSRFToken`. What belongs to another account is not found (404)."""
_REFUSED: dict[Any, Any] = {401: Error, 403: Error, 429: Error}
_READ = _REFUSED | {404: Error, 422: Error}
_SENT = _READ | {400: Error, 413: Error, 503: Error}
_STARTED = _SENT | {202: schemas.AnalysisOut, 409: Error}

api = NinjaAPI(
    title="roomtone",
    version="1",
    description=ABOUT,
    urls_namespace="api",
    auth=[Token(), Session()],
    throttle=[PerAccount()],
)
add_handlers(api)

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Limit = Annotated[int, Query(100, ge=1, le=1000, description="How many at most.")]
After = Annotated[int | None, Query(None, ge=1, le=2**63 - 1, description="`next` of the last.")]


@api.post("/score", response={200: schemas.ScoreOut} | _SENT, tags=["scoring"])
def score(request: HttpRequest, data: schemas.ScoreIn) -> dict[str, Any]:
    """Score texts, none of which is stored."""
    user = account(request)
    version = _version(user, data.model)
    spend_texts(user, len(data.texts))
    return {"model": version, "results": score_texts(version, data.texts)}


@api.get("/models", response={200: schemas.Models} | _REFUSED, tags=["models"])
def list_models(request: HttpRequest) -> dict[str, Any]:
    """List your models and those of the site, the newest first."""
    return {"items": ModelVersion.objects.usable_by(account(request))[:1000]}


@api.get("/models/{id}", response={200: schemas.ModelOut} | _READ, tags=["models"])
def read_model(request: HttpRequest, id: Id) -> ModelVersion:
    """Read what is known of a model."""
    found: ModelVersion = get_object_or_404(ModelVersion.objects.usable_by(account(request)), pk=id)
    return found


@api.get("/videos", response={200: schemas.Videos} | _READ, tags=["videos"])
def list_videos(request: HttpRequest, limit: Limit, after: After) -> dict[str, Any]:
    """List your videos, the newest first."""
    return _page(YouTubeVideo.objects.owned_by(account(request)), limit, after)


@api.post("/analyses", response=_STARTED, tags=["analyses"])
def start(request: HttpRequest, data: schemas.AnalysisIn) -> Status[Analysis]:
    """Start an analysis of one of your videos; read it until its state is done."""
    user = account(request)
    video = get_object_or_404(YouTubeVideo.objects.owned_by(user), pk=data.video)
    version = _version(user, data.model)
    return Status(202, start_analysis(user, video, version=version, options=data.options))


@api.get("/analyses", response={200: schemas.Analyses} | _READ, tags=["analyses"])
def list_analyses(request: HttpRequest, limit: Limit, after: After) -> dict[str, Any]:
    """List your analyses, the newest first."""
    rows = Analysis.objects.owned_by(account(request)).defer("result")
    return _page(rows, limit, after)


@api.get("/analyses/{id}", response={200: schemas.AnalysisOut} | _READ, tags=["analyses"])
def read_analysis(request: HttpRequest, id: Id) -> Analysis:
    """Read how far an analysis is, and its result."""
    found: Analysis = get_object_or_404(Analysis.objects.owned_by(account(request)), pk=id)
    return found


@api.get(
    "/analyses/{id}/predictions",
    response={200: schemas.Predictions} | _READ,
    tags=["analyses"],
)
def list_predictions(request: HttpRequest, id: Id, limit: Limit, after: After) -> dict[str, Any]:
    """List what an analysis says of each comment."""
    analysis = read_analysis(request, id)
    rows = Prediction.objects.filter(analysis=analysis).select_related("comment")
    return _page(rows, limit, after)


def _version(user: Any, name: str) -> ModelVersion:
    try:
        return find_version(user, name)
    except NoModelError as error:
        raise HttpError(404, str(error)) from error


def _page(rows: QuerySet[Any], limit: int, after: int | None) -> dict[str, Any]:
    """Cut a part out of a list, by id, so that no part costs more than the first."""
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: limit + 1])
    more = len(found) > limit
    return {"items": found[:limit], "next": found[limit - 1].pk if more else None}
