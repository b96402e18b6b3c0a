"""The API against its own OpenAPI document, by requests that nobody thought of."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

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
        if real and "id" in (case.path_parameters or {}) and mode.value == "positive":
            case.path_parameters["id"] = there
        case.call_and_validate(headers=headers)

    send()
