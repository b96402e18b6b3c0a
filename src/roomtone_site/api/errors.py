"""Errors of the API: one form of body for all of them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, Throttled, ValidationError
from pydantic import Field

from roomtone.errors import CheckpointError, RoomtoneError
from roomtone_site.analysis.starting import BusyError

_log = logging.getLogger("roomtone_site.api")
_CODES = {
    400: "bad_request",
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    422: "invalid",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}


class Problem(Schema):
    """One thing that is wrong with a request."""

    where: str = Field(description="The part of the request: `body.texts.3`.")
    problem: str = Field(description="What is wrong with it.")


class Error(Schema):
    """The body of every answer that is not a success."""

    error: str = Field(description="A fixed word, for programs.")
    message: str = Field(description="A sentence, for people.")
    problems: list[Problem] = Field(default=[], description="Where several things may be wrong.")


def error_response(
    status: int, message: str, problems: Iterable[tuple[str, str]] = ()
) -> HttpResponse:
    """Make the answer that tells of an error."""
    body = {
        "error": _CODES.get(status, "error"),
        "message": message,
        "problems": [{"where": where, "problem": problem} for where, problem in problems],
    }
    response = JsonResponse(body, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def not_found(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer for addresses below the API's that are none."""
    return error_response(404, f"There is no {request.path[:200]} here; see /api/docs.")


def add_handlers(api: NinjaAPI) -> None:
    """Let all errors that can leave an endpoint be told in the same form."""
    handlers: dict[type[Exception], Any] = {
        ValidationError: _invalid,
        Throttled: _throttled,
        HttpError: _http,
        Http404: lambda *_: error_response(404, "There is no such object in your account."),
        SuspiciousOperation: _suspicious,
        UnreadablePostError: lambda *_: error_response(400, "The request broke off."),
        CheckpointError: _unavailable,
        BusyError: lambda _, error: error_response(409, str(error)),
        RoomtoneError: lambda _, error: error_response(422, str(error)),
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    # Without what was sent, which may be long, or secret.
    problems = [
        (".".join(str(part) for part in found["loc"]), str(found["msg"])) for found in error.errors
    ]
    where, problem = problems[0]
    more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
    return error_response(422, f"{where}: {problem}{more}", problems[:100])


def _throttled(_request: HttpRequest, error: Throttled) -> HttpResponse:
    response = error_response(429, f"Too much in one minute; go on in {error.wait} s.")
    response["Retry-After"] = str(error.wait)
    return response


def _http(_request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, RequestDataTooBig):
        return _suspicious(_request, error.__cause__)
    message = {401: "Log in, or send a token: Authorization: Bearer rt_…"}.get(error.status_code)
    given = str(error)
    if message is None or given != "Unauthorized":
        message = "The body is no readable JSON." if given.startswith("Cannot parse") else given
    return error_response(error.status_code, message)


def _suspicious(_request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        return error_response(413, f"The body is larger than {most:,} bytes; send it in parts.")
    return error_response(400, "The request cannot be used as it is.")


def _unavailable(_request: HttpRequest, error: CheckpointError) -> HttpResponse:
    _log.error("a model cannot be used: %s", error)  # its text names folders of the server
    return error_response(503, "This model cannot be loaded; whoever runs the site can see why.")


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return error_response(500, "Something went wrong here; it was noted.")
