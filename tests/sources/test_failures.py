from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fake_youtube import KEY, error_body
from hypothesis import given
from hypothesis import strategies as st

from roomtone.sources import failures
from roomtone.sources.failures import YouTubeError, failure, quota_reset


@pytest.mark.parametrize(
    ("status", "reason", "kind", "advice"),
    [
        (403, "quotaExceeded", failures.QuotaExceededError, "can go on from there"),
        (403, "dailyLimitExceeded", failures.QuotaExceededError, "can go on from there"),
        (403, "rateLimitExceeded", failures.RateLimitedError, "try again in some minutes"),
        (429, "anything", failures.RateLimitedError, "try again in some minutes"),
        (403, "commentsDisabled", failures.CommentsDisabledError, "choose another"),
        (403, "forbidden", failures.ForbiddenError, "public and unlisted"),
        (401, "authorizationRequired", failures.ForbiddenError, "public and unlisted"),
        (404, "videoNotFound", failures.VideoNotFoundError, "Open the link"),
        (404, "commentNotFound", failures.CommentNotFoundError, "removed meanwhile"),
        (400, "invalidPageToken", failures.InvalidPageTokenError, "fetch from the start"),
        (400, "processingFailure", failures.ProcessingFailureError, "without replies"),
        (400, "keyInvalid", failures.BadKeyError, "copied whole"),
        (403, "accessNotConfigured", failures.BadKeyError, "Enable it at"),
        (403, "ipRefererBlocked", failures.BadKeyError, "Change its restrictions"),
        (500, "backendError", failures.UnavailableError, "try again later"),
        (418, "strange", YouTubeError, "status 418: strange; It did not work"),
    ],
)
def test_the_reason_decides_and_each_says_what_to_do(status, reason, kind, advice):
    found = failure(status, error_body(status, reason))
    assert type(found) is kind
    assert advice in str(found)


def test_reasons_in_details_count_too():
    details = [{"@type": "ErrorInfo", "reason": "SERVICE_DISABLED"}]
    body = error_body(403, "forbidden", details=details)
    assert "not enabled" in str(failure(403, body))
    details[0]["reason"] = "API_KEY_HTTP_REFERRER_BLOCKED"
    assert "restricted" in str(failure(403, error_body(403, "forbidden", details=details)))
    message = "Method doesn't allow unregistered callers"
    assert type(failure(403, error_body(403, "forbidden", message))) is failures.BadKeyError


@given(st.integers(400, 599), st.binary(max_size=200))
def test_any_body_gives_an_error_of_ours(status, body):
    found = failure(status, body)
    assert isinstance(found, YouTubeError)
    assert str(found)


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b'{"error": 3}', b'{"error": {"errors": {"reason": 1}}}', b"[" * 100_000],
)
def test_bodies_of_another_form_are_judged_by_their_status(body):
    assert type(failure(503, body)) is failures.UnavailableError
    assert type(failure(429, body)) is failures.RateLimitedError


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.parametrize("body", [b"<html>Access denied by the proxy</html>", b"", b'{"error": 3}'])
def test_a_refusal_that_is_not_youtubes_says_nothing_of_the_video(status, body):
    found = failure(status, body)
    assert type(found) is failures.BrokenAnswerError
    assert found.temporary
    assert f"(status {status}) is not one of YouTube's API" in str(found)


def test_no_message_shows_the_key():
    message = f"Requests from https://x/?a=1&key={KEY} are odd: {KEY}"
    assert KEY not in str(failure(418, error_body(418, "odd", message)))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_the_quota_is_renewed_at_the_next_midnight_in_california(now):
    reset = quota_reset(now)
    there = reset.astimezone(ZoneInfo("America/Los_Angeles"))
    assert (there.hour, there.minute, there.second) == (0, 0, 0)
    assert timedelta(0) < reset - now <= timedelta(hours=25)  # a day in autumn has 25 hours


def test_the_renewal_follows_daylight_saving():
    assert quota_reset(datetime(2026, 1, 10, 9, tzinfo=UTC)).hour == 8
    assert quota_reset(datetime(2026, 7, 10, 9, tzinfo=UTC)).hour == 7
