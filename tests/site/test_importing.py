from __future__ import annotations

import csv
import gzip
import json

import pytest
from django.core.management import CommandError, call_command

from roomtone.errors import DataError
from roomtone_site.comments import importing
from roomtone_site.comments.importing import import_comments
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.comments.storing import Stored

pytestmark = pytest.mark.django_db

# As youtube-comment-downloader writes them.
DOWNLOADED = [
    {"cid": "Ug1.r1", "text": "Thanks!", "time": "1 year ago", "author": "@b", "votes": "0",
     "reply": True, "time_parsed": 1700000100.5},
    {"cid": "Ug1", "text": "Lovely\nsong 😊", "time": "2 years ago (edited)", "author": "@a",
     "channel": "UC1", "votes": "1.2K", "replies": "1", "reply": False, "time_parsed": 1700000000},
]  # fmt: skip


def write_json_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_what_youtube_comment_downloader_writes(user, tmp_path):
    path = write_json_lines(tmp_path / "song.json", DOWNLOADED)
    report = import_comments(user, path, kind="jsonl", video_id="dQw4w9WgXcQ", title="Song")
    assert (report.rows, report.stored, report.rejections) == (2, Stored(new=2), 0)
    video = YouTubeVideo.objects.get()
    assert (video.owner, video.video_id, video.title) == (user, "dQw4w9WgXcQ", "Song")
    assert video.source == "import"
    first, reply = video.comments.all()
    assert (first.text, first.likes, first.published.year) == ("Lovely\nsong 😊", 1200, 2023)
    assert (reply.parent, first.parent) == (first, None)
    assert "@a" not in first.author


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_importing_again_changes_nothing(user, tmp_path, monkeypatch, batch):
    monkeypatch.setattr(importing, "BATCH", batch)
    rows = [{"comment": "same", "label": ""}] * 3 + [{"comment": "other", "label": "positive"}]
    path = write_csv(tmp_path / "my talk.csv", rows)
    assert import_comments(user, path).stored == Stored(new=4)
    before = list(YouTubeComment.objects.values())
    assert import_comments(user, path).stored == Stored(same=4)
    assert list(YouTubeComment.objects.values()) == before
    assert YouTubeVideo.objects.get().title == "my talk"
    assert list(YouTubeComment.objects.values_list("sentiment", flat=True)) == [None] * 3 + [2]


def test_replies_across_batches_find_their_thread(user, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 1)
    import_comments(user, write_json_lines(tmp_path / "a.jsonl", DOWNLOADED))
    assert YouTubeComment.objects.get(comment_id="Ug1.r1").parent.comment_id == "Ug1"


def test_bad_rows_are_told_by_their_line_and_the_others_stored(user, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "video_id,text,likes,label,published\n"
        "v1,fine,1,neutral,\n"
        "v1,,1,,\n"
        "v1,many likes,lots,,\n"
        'v2,"two\nlines",2,pos,2026-01-01\n'
        "v2,wrong label,2,happy,\n"
        "v2,wrong time,2,,yesterday\n"
        "v2,cut\n"
        f"{'v' * 65},long id,,,\n",
        encoding="utf-8",
    )
    report = import_comments(user, path)
    assert report.stored == Stored(new=2)
    assert {row.line: row.reason.partition(":")[0] for row in report.rejected} == {
        3: "empty text",
        4: "likes",
        7: "label",
        8: "published",
        9: "2 fields instead of 5",
        10: "video_id",
    }
    assert sorted(report.videos) == ["v1", "v2"]


def test_a_failed_batch_leaves_nothing_of_itself(user, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    path = write_csv(
        tmp_path / "a.csv", [{"video_id": f"v{n}", "text": f"text {n}"} for n in range(4)]
    )
    stored = []

    def store_three(video, comments, **options):
        if len(stored) == 3:
            raise OSError("the disk is full")
        stored.append(video)
        return importing_store(video, comments, **options)

    importing_store = importing.store_comments
    monkeypatch.setattr(importing, "store_comments", store_three)
    with pytest.raises(OSError, match="full"):
        import_comments(user, path)
    assert YouTubeComment.objects.count() == YouTubeVideo.objects.count() == 2
    monkeypatch.setattr(importing, "store_comments", importing_store)
    assert import_comments(user, path).stored == Stored(new=2, same=2)


def test_gzip_semicolons_and_another_encoding(user, tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress("Text;Likes\ncafé;3\n".encode("cp1252")))
    import_comments(user, path)
    assert YouTubeComment.objects.values_list("text", "likes").get() == ("café", 3)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "words,likes\nfine,1\n", "no column 'text'"),
        ("a.jsonl", '[{"text": "a"}]', "JSON array"),
        ("a.jsonl", '{\n "comments": [\n', "--pretty"),
        ("a.csv", "text\n\n", "no row of it is a comment"),
        ("a.txt", "text\nfine\n", "does not say what it holds"),
        ("a.csv", "", "empty"),
    ],
)
def test_files_that_are_no_tables_of_comments(user, tmp_path, name, content, told):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=told):
        import_comments(user, tmp_path / name)
    assert not YouTubeVideo.objects.exists()


def test_the_command(user, tmp_path, capsys):
    rows = [{"text": text, "likes": 1} for text in ("fine", "", "=1+1")]
    path = write_csv(tmp_path / "a.csv", rows)
    call_command("import_comments", path, video="https://youtu.be/dQw4w9WgXcQ", title="Song")
    out, err = capsys.readouterr()
    assert "3 rows: 2 comments are new" in out
    assert "line 3: empty text" in err
    assert YouTubeVideo.objects.get().video_id == "dQw4w9WgXcQ"


def test_the_command_says_what_is_wrong(user, other, tmp_path):
    path = write_csv(tmp_path / "a.csv", [{"text": "fine"}])
    with pytest.raises(CommandError, match="several accounts"):
        call_command("import_comments", path)
    with pytest.raises(CommandError, match="did you mean 'ana'"):
        call_command("import_comments", path, user="anna")
    with pytest.raises(CommandError, match="leads to a playlist"):
        call_command("import_comments", path, user="ana", video="youtube.com/playlist?list=PL1")
    with pytest.raises(CommandError, match="does not exist"):
        call_command("import_comments", tmp_path / "gone.csv", user="ana")
