"""A server on this machine that speaks the part of YouTube's Data API that roomtone uses."""

from __future__ import annotations

import base64
import html
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import parse_qs, urlsplit

KEY = "AIzaSyThisKeyIsOfTheTestsAlone_0123456789"
WITH_THREAD = 5  # replies that come along with a thread, at most


@dataclass
class FakeComment:
    id: str
    text: str
    author: str = "Ann Example"
    likes: int = 0
    published: str = "2026-03-01T12:00:00Z"
    replies: list[FakeComment] = field(default_factory=list)

    def resource(self, parent: str | None, *, plain: bool) -> dict:
        snippet = {
            "textDisplay": self.text if plain else html.escape(self.text).replace("\n", "<br>"),
            "authorDisplayName": self.author,
            "authorChannelId": {"value": f"UC{self.author}"},
            "likeCount": self.likes,
            "publishedAt": self.published,
            "updatedAt": self.published,
        }
        if parent:
            snippet["parentId"] = parent
        return {"kind": "youtube#comment", "etag": "x", "id": self.id, "snippet": snippet}


@dataclass
class FakeVideo:
    id: str
    title: str = "A film"
    threads: list[FakeComment] = field(default_factory=list)
    statistics: dict = field(default_factory=lambda: {"viewCount": "1234", "likeCount": "56"})
    refusal: tuple[int, str] | None = None  # what asking for the comments is answered with

    def resource(self) -> dict:
        snippet = {
            "title": self.title,
            "channelTitle": "Some channel",
            "channelId": "UCsome",
            "publishedAt": "2026-02-28T08:30:00Z",
        }
        return {"id": self.id, "snippet": snippet, "statistics": self.statistics}


@dataclass
class Fault:
    """Instead of its true answer the server sends this, a number of times."""

    status: int = 200
    body: bytes = b""
    times: int = 1
    delay: float = 0.0
    headers: dict = field(default_factory=dict)
    hang_up: bool = False
    path: str = ""

    @classmethod
    def reason(cls, status: int, reason: str, **more) -> Fault:
        return cls(status, error_body(status, reason), **more)


def error_body(status: int, reason: str, message: str = "It did not work.", **details) -> bytes:
    error = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": "youtube", "reason": reason}],
        **details,
    }
    return json.dumps({"error": error}).encode()


class FakeYouTube:
    """Videos, a quota, and the requests that came."""

    def __init__(self) -> None:
        self.videos: dict[str, FakeVideo] = {}
        self.units = 10_000
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.page_size: Callable[[], int] = lambda: 100
        self.delay = 0.0
        self.url = ""
        self._lock = threading.Lock()

    def add(self, video: FakeVideo) -> FakeVideo:
        self.videos[video.id] = video
        return video

    def _fault(self, path: str) -> Fault | None:
        with self._lock:
            found = next((f for f in self.faults if f.times and f.path in path), None)
            if found is not None:
                found.times -= 1
            return found

    def answer(self, path: str, asked: dict[str, str]) -> tuple[int, bytes]:
        if asked.get("key") != KEY:
            details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo"}]
            details[0]["reason"] = "API_KEY_INVALID"
            message = "API key not valid. Please pass a valid API key."
            return 400, error_body(400, "badRequest", message, details=details)
        with self._lock:
            if self.units < 1:
                return 403, error_body(403, "quotaExceeded", "You have exceeded your quota.")
            self.units -= 1
        kind = path.rpartition("/")[2]
        handler = {
            "videos": self._videos,
            "commentThreads": self._threads,
            "comments": self._replies,
        }.get(kind)
        return handler(asked) if handler else (404, error_body(404, "notFound"))

    def _videos(self, asked: dict[str, str]) -> tuple[int, bytes]:
        found = self.videos.get(asked["id"])
        return _page([found.resource()] if found else [], None)

    def _threads(self, asked: dict[str, str]) -> tuple[int, bytes]:
        video = self.videos.get(asked.get("videoId", ""))
        if video is None:
            return 404, error_body(404, "videoNotFound")
        if video.refusal:
            return video.refusal[0], error_body(*video.refusal)
        by_likes = asked.get("order", "time") == "relevance"
        threads = sorted(video.threads, key=lambda t: -t.likes) if by_likes else video.threads
        plain = asked.get("textFormat") == "plainText"
        parts = asked["part"].split(",")

        def resource(thread: FakeComment) -> dict:
            top = thread.resource(None, plain=plain)
            snippet = {"topLevelComment": top, "totalReplyCount": len(thread.replies)}
            made = {"id": thread.id, "snippet": snippet}
            if "replies" in parts and thread.replies:
                some = [r.resource(thread.id, plain=plain) for r in thread.replies[-WITH_THREAD:]]
                made["replies"] = {"comments": some}
            return made

        return self._paged(asked, f"t{len(by_likes * 'r')}", threads, resource)

    def _replies(self, asked: dict[str, str]) -> tuple[int, bytes]:
        threads = [thread for video in self.videos.values() for thread in video.threads]
        thread = next((thread for thread in threads if thread.id == asked["parentId"]), None)
        if thread is None:
            return 404, error_body(404, "commentNotFound")
        plain = asked.get("textFormat") == "plainText"
        return self._paged(
            asked, thread.id, thread.replies, lambda reply: reply.resource(thread.id, plain=plain)
        )

    def _paged(self, asked, tag, entries, resource) -> tuple[int, bytes]:
        most = int(asked.get("maxResults", 20))
        if not 1 <= most <= 100:
            return 400, error_body(400, "invalidValue")
        start = 0
        if "pageToken" in asked:
            try:
                mark, place, _ = base64.urlsafe_b64decode(asked["pageToken"]).split(b"|")
                start = int(place)
            except ValueError:
                mark = b""
            if mark.decode() != tag:
                return 400, error_body(400, "invalidPageToken")
        stop = start + max(0, min(most, self.page_size()))
        # No two tokens are the same, not even after an empty page.
        marks = f"{tag}|{stop}|{len(self.requests)}"
        token = base64.urlsafe_b64encode(marks.encode()).decode()
        return _page(map(resource, entries[start:stop]), token if stop < len(entries) else None)

    @contextmanager
    def serving(self) -> Iterator[FakeYouTube]:
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
                with fake._lock:  # each connection has a thread
                    fake.requests.append((parts.path, asked))
                time.sleep(fake.delay)
                fault = fake._fault(parts.path)
                if fault is None:
                    self._send(*fake.answer(parts.path, asked))
                    return
                time.sleep(fault.delay)
                if fault.hang_up:
                    self.close_connection = True
                    return
                self._send(fault.status, fault.body, fault.headers)

            def _send(self, status: int, body: bytes, headers: dict | None = None) -> None:
                try:
                    self.send_response(status)
                    sent = {"Content-Type": "application/json", "Content-Length": len(body)}
                    for name, value in (sent | (headers or {})).items():
                        self.send_header(name, str(value))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:  # the client did not wait
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            self.url = f"http://127.0.0.1:{server.server_port}/"
            yield self
            server.shutdown()


def _page(resources, token: str | None) -> tuple[int, bytes]:
    body = {"items": list(resources)}
    if token is not None:
        body["nextPageToken"] = token
    return 200, json.dumps(body).encode()


def threads_of(total: int, *, replies: Callable[[int], int] = lambda number: 0, prefix="c"):
    """Threads with texts and ids of their own."""
    numbers = count()
    made = []
    for index in range(total):
        name = f"{prefix}{index:06d}"
        made.append(
            FakeComment(
                name,
                f"comment {index}: a & b <3",
                author=f"author {index % 7}",
                likes=(index * 37) % 101,
                replies=[
                    FakeComment(f"{name}.{reply}", f"reply {next(numbers)}")
                    for reply in range(replies(index))
                ],
            )
        )
    return made
