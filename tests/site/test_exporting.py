from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from roomtone.data.tables import read_labelled
from roomtone.errors import DataError
from roomtone.labels import LabelScheme
from roomtone_site.comments.exporting import (
    export_labelled,
    labelled_comments,
    parse_shares,
)
from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import YouTubeVideo
from roomtone_site.comments.storing import store_comments
from roomtone_site.labelling.evidence import labelled_by

pytestmark = pytest.mark.django_db


def fill(owner, video_id="v", rows=60, source="import", text="text"):
    video = YouTubeVideo.objects.create(owner=owner, video_id=video_id, title="", source=source)
    store_comments(
        video,
        [
            Incoming(str(n), f"{video_id} {text} {n}, isn't\nit?", sentiment=n % 3 if n else None)
            for n in range(rows + 1)
        ],
    )
    if source == "api":
        video.comments.update(fetched_at=timezone.now())
    return video


def read(folder):
    return {
        split: read_labelled(folder / f"{split}.csv", labels=LabelScheme())
        for split in ("train", "val", "test")
        if (folder / f"{split}.csv").exists()
    }


def test_what_models_are_judged_by_can_be_kept_for_the_test(user, tmp_path):
    fill(user, rows=200)
    export_labelled(labelled_comments(user), tmp_path, held_out=True, shares=(0.8, 0.1, 0.1))
    tables = {name: set(rows.texts) for name, rows in read(tmp_path).items()}
    evidence = labelled_by(user)
    unseen = {evidence.texts[at] for at in np.flatnonzero(evidence.test()[0])}
    assert tables["test"] == unseen
    assert 30 < len(unseen) < 90
    assert len(tables["val"]) == pytest.approx((200 - len(unseen)) / 9, abs=3)
    assert len(set.union(*tables.values())) == 200
    with pytest.raises(DataError, match="choose one"):
        export_labelled(labelled_comments(user), tmp_path, held_out=True, by_video=True)


def test_files_are_those_that_training_reads(user, other, tmp_path):
    fill(user)
    fill(other, "theirs")
    exported = export_labelled(labelled_comments(user), tmp_path)
    tables = read(tmp_path)
    assert {name: len(rows.texts) for name, rows in tables.items()} == {
        "train": 42,
        "val": 9,
        "test": 9,
    }
    assert all(set(rows.label_counts.values()) <= {3, 14} for rows in tables.values())
    texts = [text for rows in tables.values() for text in rows.texts]
    assert len(set(texts)) == 60
    assert not any("theirs" in text for text in texts)
    assert (tmp_path / "train.csv").read_text().startswith("text,label\n")
    assert exported.warnings() == []


def test_the_same_seed_gives_the_same_files(user, tmp_path):
    fill(user)
    for name in ("a", "b"):
        export_labelled(labelled_comments(user), tmp_path / name)
    export_labelled(labelled_comments(user), tmp_path / "c", seed=1)
    first, second, third = (
        [(tmp_path / name / f"{split}.csv").read_bytes() for split in ("train", "val", "test")]
        for name in "abc"
    )
    assert first == second != third


def test_videos_stay_whole_where_asked_for(user, tmp_path):
    for number in range(10):
        fill(user, f"video{number}", rows=9)
    export_labelled(labelled_comments(user), tmp_path, by_video=True)
    homes = [{text.split()[0] for text in rows.texts} for rows in read(tmp_path).values()]
    assert sum(map(len, homes)) == len(set.union(*homes)) == 10
    assert len(homes[0]) in (6, 7, 8)


def test_equal_texts_stay_together(user, tmp_path):
    for number in range(4):
        video = fill(user, f"v{number}", rows=30)
        video.comments.update(text="The very same, everywhere")
    fill(user, "others")
    export_labelled(labelled_comments(user), tmp_path)
    found = [name for name, rows in read(tmp_path).items() if any("very" in t for t in rows.texts)]
    assert len(found) == 1


def test_api_data_stays_where_it_is_unless_asked_for(user, tmp_path, capsys):
    fill(user, "import", rows=30)
    fill(user, "api", rows=30, source="api")
    call_command("export_labeled", output_dir=tmp_path / "a")
    assert "30 labelled comments from YouTube's API are left out" in capsys.readouterr().err
    assert sum(len(rows.texts) for rows in read(tmp_path / "a").values()) == 30
    call_command("export_labeled", output_dir=tmp_path / "b", with_api_data=True)
    assert sum(len(rows.texts) for rows in read(tmp_path / "b").values()) == 60


def test_what_a_file_brought_to_a_video_of_youtube_is_not_api_data(user, tmp_path):
    video = fill(user, rows=60, source="api")
    video.comments.filter(comment_id__in=map(str, range(31))).update(fetched_at=None)
    assert export_labelled(labelled_comments(user), tmp_path).left_out == 30
    assert sum(len(rows.texts) for rows in read(tmp_path).values()) == 30


def test_formulas_are_made_harmless_on_request_alone(user, tmp_path):
    video = fill(user)
    video.comments.filter(comment_id="5").update(text='=HYPERLINK("http://evil.example")')
    for safe in (False, True):
        export_labelled(labelled_comments(user), tmp_path / str(safe), safe=safe)
        texts = Counter(t[:2] for rows in read(tmp_path / str(safe)).values() for t in rows.texts)
        assert (texts["=H"], texts["'="]) == ((0, 1) if safe else (1, 0))


def test_a_file_from_before_is_not_left_beside_new_ones(user, tmp_path):
    fill(user)
    export_labelled(labelled_comments(user), tmp_path)
    with pytest.raises(DataError, match=r"test\.csv is there from before"):
        export_labelled(labelled_comments(user), tmp_path, shares=parse_shares("80/20"))
    (tmp_path / "test.csv").unlink()
    export_labelled(labelled_comments(user), tmp_path, shares=parse_shares("80/20"))
    assert {name: len(rows.texts) for name, rows in read(tmp_path).items()} == {
        "train": 48,
        "val": 12,
    }


def test_nothing_to_export(user, tmp_path):
    with pytest.raises(CommandError, match="no labelled comment"):
        call_command("export_labeled", output_dir=tmp_path)
    fill(user, source="api")
    with pytest.raises(DataError, match="60 from YouTube's API are left out"):
        export_labelled(labelled_comments(user), tmp_path)


def test_a_label_that_is_missing_is_told(user, tmp_path):
    fill(user).comments.filter(sentiment=1).update(sentiment=None)
    exported = export_labelled(labelled_comments(user), tmp_path)
    assert "val.csv has no neutral row" in exported.warnings()[1]


@pytest.mark.parametrize(
    ("text", "shares"),
    [("70/15/15", (0.7, 0.15, 0.15)), ("0.8/0.2", (0.8, 0.2, 0)), ("100/0/0", (1, 0, 0))],
)
def test_shares(text, shares):
    assert parse_shares(text) == pytest.approx(shares)


@pytest.mark.parametrize(
    "text", ["", "70", "70/15", "70/15/15/0", "a/b/c", "0/50/50", "120/-20/0", "nan/nan/nan", "inf"]
)
def test_what_are_no_shares(text):
    with pytest.raises(DataError, match="such as 70/15/15"):
        parse_shares(text)


def test_with_whole_videos_equal_texts_stay_together_too(user, tmp_path):
    for number in range(30):
        fill(user, f"video{number}", rows=6)
    for number in range(0, 20, 2):  # pairs of videos, one of which quotes the other
        first, second = YouTubeVideo.objects.filter(
            video_id__in=[f"video{number + n}" for n in (0, 1)]
        )
        second.comments.filter(comment_id="1").update(text=first.comments.get(comment_id="1").text)
    export_labelled(labelled_comments(user), tmp_path, by_video=True)
    tables = [set(rows.texts) for rows in read(tmp_path).values()]
    assert len(tables) == 3
    assert sum(map(len, tables)) == len(set.union(*tables))
    homes = [{text.split()[0] for text in texts} for texts in tables]
    assert sum(map(len, homes)) == 30
