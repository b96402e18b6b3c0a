"""Requests to YouTube's API through Google's own client: counted, and made again where it helps."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, TypeVar
from urllib.parse import quote

from roomtone.errors import require
from roomtone.sources.failures import (
    BadKeyError,
    BrokenAnswerError,
    NetworkError,
    QuotaExceededError,
    YouTubeError,
    failure,
)

NO_KEY = (
    "Fetching from YouTube needs a key of its Data API, and none is set. A key costs nothing: make "
    "a project at https://console.cloud.google.com, enable 'YouTube Data API v3' in it, and create "
    "an API key under 'Credentials'. Without one, comments can be imported from a file."
)
_Read = TypeVar("_Read")


class _Keyed:
    """Adds the key to an address at the last moment: the client logs addresses, and errors too."""

    def __init__(self, http: Any, key: str) -> None:
        self._http, self._key = http, key

    def request(self, uri: str, *args: Any, **options: Any) -> Any:
        mark = "&" if "?" in uri else "?"
        return self._http.request(f"{uri}{mark}key={quote(self._key, safe='')}", *args, **options)

    def close(self) -> None:
        self._http.close()


class Requests:
    """The API, and what asking it has cost; parameters and errors as of `youtube.YouTube`.

    Attributes
    ----------
    api : Any
        Google's client, which makes the requests that `ask` takes.
    used : int
        Units of quota.
    """

    def __init__(
        self,
        key: str,
        *,
        endpoint: str | None = None,
        timeout: float = 20.0,
        attempts: int = 5,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not key.strip():
            raise BadKeyError(NO_KEY)
        purpose = "Fetching from YouTube"
        discovery = require("googleapiclient.discovery", extra="youtube", purpose=purpose)
        self._errors = require("googleapiclient.errors", extra="youtube", purpose=purpose)
        self._http = require("httplib2", extra="youtube", purpose=purpose)
        self.api: Any = discovery.build(
            "youtube",
            "v3",
            http=_Keyed(self._http.Http(timeout=timeout), key.strip()),
            client_options={"api_endpoint": endpoint} if endpoint else None,
            static_discovery=True,
            cache_discovery=False,
        )
        self._timeout, self._attempts, self._sleep = timeout, max(attempts, 1), sleep
        self.used = 0

    def ask(self, request: Any, read: Callable[[Any], _Read]) -> _Read:
        """Make a request, again where its failure may pass, and read the answer.

        Raises
        ------
        YouTubeError
            If no attempt brought an answer that can be read.
        """
        for attempt in range(self._attempts):
            try:
                return read(self._answer(request))
            except YouTubeError as error:
                again = error.temporary and not isinstance(error, QuotaExceededError)
                if not again or attempt == self._attempts - 1:
                    raise
            self._sleep(2**attempt * random.uniform(0.5, 1))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _answer(self, request: Any) -> Any:
        try:
            answer = request.execute(num_retries=0)
        except self._errors.HttpError as error:
            self.used += 1
            raise failure(int(error.resp.status), bytes(error.content)) from None
        except (ValueError, RecursionError):  # bytes that are no text, brackets without end
            answer = ""
        except TimeoutError:
            self.used += 1
            raise NetworkError(
                f"YouTube did not answer within {self._timeout:g} seconds, again and again. Check "
                "the network, and try again later."
            ) from None
        except (OSError, HTTPException, self._http.error.HttpLib2Error) as error:
            raise NetworkError(
                f"YouTube cannot be reached ({type(error).__name__}). Check the network, a proxy "
                "and the machine's time, and try again."
            ) from None
        self.used += 1
        if isinstance(answer, str):  # what the client cannot read as JSON it gives as it is
            raise BrokenAnswerError(
                "YouTube's answer is no JSON; something on the way may have replaced or cut it "
                "(a proxy, a login page of the network). Try again later."
            )
        return answer
