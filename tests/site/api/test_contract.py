"""The API against its own OpenAPI document, by requests that nobody thought of."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from roomtone_site.analysis.models import Analysis
from roomtone_site.analysis.options import Options
from roomtone_site.comments.models import YouTubeVideo
from roomtone_site.limits.models import Use

schemathesis = pytest.importorskip("schemathesis", reason="needs: pip install schemathesis")

pytestmark = pytest.mark.django_db
document = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
OPERATIONS = [found.ok() for found in document.get_all_operations()]
MODES = list(schemathesis.GenerationMode)


@pytest.fixture(autouse=True)
def _one_connection():
    """Keep the test's transaction, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", MODES, ids=[mode.value for mode in MODES])
@pytest.mark.parametrize("operation", OPERATIONS, ids=[found.label for found in OPERATIONS])
def test_whatever_is_sent_the_answer_is_one_that_the_document_tells_of(
    operation: Any, mode: Any, program: Any, version: Any, analysis: Any
) -> None:
    headers = {"Authorization": f"Bearer {program.secret}"}

    there = {"/api/models/{id}": version.pk}.get(operation.path, analysis.pk)
    fetched = YouTubeVideo.objects.create(owner=analysis.owner, video_id="xyz", source="api")
    starts = operation.label == "POST /api/analyses"
    statuses = set()

    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any, real: bool) -> None:
        Use.objects.all().delete()
        Analysis.objects.exclude(pk=analysis.pk).delete()
        if real and mode.value == "positive":
            if "id" in (case.path_parameters or {}):
                case.path_parameters["id"] = there
            if starts:
                case.body = {**_possible(case.body), "video": fetched.pk}
        statuses.add(case.call_and_validate(headers=headers).status_code)

    send()
    assert 202 in statuses or not starts or mode.value != "positive"


def _possible(body: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the document cannot say is wrong: another model, lengths that cross."""
    given = dict(body.get("options", {}))
    if given.get("min_length") and given.get("max_length"):
        lengths = sorted([given["min_length"], given["max_length"]])
        given["min_length"], given["max_length"] = lengths
    return {"options": given}


def test_the_document_names_the_options_of_an_analysis(client: Any) -> None:
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]
    options = schemas["AnalysisIn"]["properties"]["options"]
    assert set(options["properties"]) == set(Options.model_fields) - {"kept"}
    assert options["properties"]["order"]["enum"] == ["time", "relevance"]
    assert options["additionalProperties"] is False
