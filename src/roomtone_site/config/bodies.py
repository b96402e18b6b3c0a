"""How large the body of a request may be: decided by its announced length, before it is read.

Django itself limits forms without files so. Those with files it stores on the disk before it looks
for their CSRF token, and with it for an account; so their limit is one for the parser.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

_View = TypeVar("_View", bound=Callable[..., Any])


def takes_files(most: int) -> Callable[[_View], _View]:
    """Let a view take bodies of so many bytes from those who are logged in."""

    def decorate(view: _View) -> _View:
        view.most_bytes = most  # type: ignore[attr-defined]
        return view

    return decorate


def most_bytes(request: HttpRequest) -> int:
    """Tell how large the body of a request may be, by who asks for what."""
    most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    match = request.resolver_match
    given = getattr(match.func, "most_bytes", most) if match else most
    return given if given > most and request.user.is_authenticated else most


class BodyLimit(FileUploadHandler):
    """Stops the parser of forms with files where the body is too large; takes none itself."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        """Refuse a body by its announced length, beyond which no server reads.

        Raises
        ------
        RequestDataTooBig
            Which the API and `bad_request` tell each in their own form.
        """
        assert self.request is not None
        if content_length > most_bytes(self.request):
            raise RequestDataTooBig("a form with files is too large")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Leave it to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave it to the next handler."""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say of a body that is too large how large it may be; else as Django does."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", {"most": most_bytes(request)}, status=413)
    return defaults.bad_request(request, exception)
