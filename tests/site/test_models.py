from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from roomtone_site.analysis.models import ModelVersion
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(user):
    return YouTubeVideo.objects.create(owner=user, video_id="abc", title="A song", source="import")


def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_objects_are_found_by_their_owner_alone(video, user, other):
    YouTubeComment.objects.create(video=video, comment_id="1", text="Lovely")
    for model in (YouTubeVideo, YouTubeComment):
        assert model.objects.owned_by(user).count() == 1
        assert not model.objects.owned_by(other).exists()
        assert not model.objects.owned_by(AnonymousUser()).exists()


def test_versions_of_the_site_are_there_for_all(user, other):
    ModelVersion.objects.create(name="default", kind="tfidf", folder="a", digest="d")
    mine = ModelVersion.objects.create(owner=user, name="mine", kind="tfidf", folder="b", digest="")
    assert mine in ModelVersion.objects.usable_by(user)
    assert [v.name for v in ModelVersion.objects.usable_by(other)] == ["default"]
    assert not ModelVersion.objects.owned_by(other).exists()


@pytest.mark.parametrize("owned", [True, False])
def test_one_version_alone_is_in_use(user, owned):
    owner = user if owned else None
    first = {"owner": owner, "name": "m", "kind": "tfidf", "digest": "d", "active": True}
    ModelVersion.objects.create(folder="a", **first)
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.create(folder="b", **first)


def test_a_label_is_one_of_three(video):
    with pytest.raises(IntegrityError), transaction.atomic():
        YouTubeComment.objects.create(video=video, comment_id="1", text="x", sentiment=3)


def test_the_database_works_out_how_sure_an_engine_is(video):
    scored = YouTubeComment.objects.create(
        video=video, comment_id="1", text="x", p_negative=0.1, p_neutral=0.7, p_positive=0.2
    )
    unscored = YouTubeComment.objects.create(video=video, comment_id="2", text="y")
    scored.refresh_from_db()
    unscored.refresh_from_db()
    assert (scored.confidence, unscored.confidence) == (0.7, None)


@pytest.mark.parametrize("column", ["likes", "published", "confidence"])
def test_the_orders_of_the_table_need_no_sort(video, column):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL sorts a table of few rows in any case")
    rows = YouTubeComment.objects.filter(video=video).order_by(f"-{column}", "-id")[:50]
    assert "USE TEMP B-TREE" not in rows.explain()
