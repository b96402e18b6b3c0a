from __future__ import annotations

import json

import numpy as np
import pytest
from django.core.management import call_command
from django.urls import reverse
from small_model import TEXTS

from roomtone.errors import DataError
from roomtone_site.analysis.default_model import INVENTED
from roomtone_site.analysis.models import ModelVersion
from roomtone_site.analysis.versions import find_version, load_version, put_to_use
from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.comments.storing import store_comments
from roomtone_site.jobs.queueing import give_up
from roomtone_site.labelling.choosing import make_set
from roomtone_site.labelling.evidence import labelled_by
from roomtone_site.labelling.models import Training
from roomtone_site.labelling.retraining import run_training, start_training

pytestmark = pytest.mark.django_db
WORDS = ("dull", "usual", "splendid")


def fill(owner, comments=120, videos=1, seed=0, labelled=True):
    """Store comments in words that the small model does not know."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(videos):
        video = YouTubeVideo.objects.create(
            owner=owner, video_id=f"v{number}", title="", source="import"
        )
        rows = []
        for n in range(comments):
            label = n % 3
            words = [
                WORDS[label],
                *(f"w{word}" for word in rng.integers(0, 50, 4)),
                f"n{number}x{n}",
            ]
            text = " ".join(rng.permutation(words))
            rows.append(Incoming(str(n), text, sentiment=label if labelled else None))
        store_comments(video, rows)
        made.append(video)
    return made


def trained(owner, **options):
    training = start_training(owner, **options)
    run_training(training.pk)
    training.refresh_from_db()
    return training


@pytest.mark.parametrize("kind", ["combined", "logreg", "svm"])
def test_a_model_of_ones_labels_is_shown_to_be_better_and_not_put_to_use(user, version, kind):
    fill(user, 300)
    training = trained(user, kind=kind, name="mine")
    assert (training.state, training.message) == ("done", "")
    found = training.result
    assert found["comparison"]["outcome"] == "better"
    assert found["comparison"]["method"] == "paired_permutation"
    assert found["scores"]["new"]["f1_macro"] > 0.9 > found["scores"]["present"]["f1_macro"]
    assert training.present == version
    assert training.version.owner == user
    assert find_version(user) == version
    engine = load_version(training.version)
    assert engine.predict(["splendid", "dull"]).tolist() == [2, 0]
    assert training.version.trained_on["held_out"]["rows"] == found["rows"]


@pytest.mark.django_db(transaction=True)
def test_the_worker_trains_what_the_page_asked_for(logged_in, user, version):
    fill(user)
    page = reverse("models")
    assert logged_in.post(page, {"kind": "logreg", "name": "mine"}).url == page
    assert "queued" in logged_in.get(page).text.lower()
    call_command("db_worker", "--batch", "--interval=0", verbosity=0)
    training = Training.objects.get()
    assert training.state == "done", training.message
    text = logged_in.get(page).text
    assert "The new model is better." in text
    assert "macro F1" in text
    logged_in.post(reverse("use_model", args=[training.version_id]))
    assert find_version(user) == training.version
    assert "It is in use." in logged_in.get(page).text
    asked = logged_in.get(page, headers={"HX-Request": "true"})
    assert asked["HX-Refresh"] == "true", "all of the page tells of the end of a training"


def test_old_versions_stay_and_are_put_back(logged_in, user, version):
    fill(user)
    first, second = trained(user).version, trained(user).version
    for chosen in (first, second, first, version):
        logged_in.post(reverse("use_model", args=[chosen.pk]))
        assert find_version(user) == chosen
    assert ModelVersion.objects.count() == 3


def test_a_combination_of_a_combination_is_of_two_models(logged_in, user, version):
    fill(user)
    first = trained(user).version
    logged_in.post(reverse("use_model", args=[first.pk]))
    engine = load_version(trained(user).version)
    assert {name: part.kind for name, part in engine.parts().items()} == {
        "base": "tfidf",
        "labels": "tfidf",
    }


def test_what_is_held_out_is_held_out_for_good(user):
    fill(user)
    before = labelled_by(user)
    kept = {t for t, test in zip(before.texts, before.test()[0], strict=True) if test}
    assert 0.2 < len(kept) / len(before.texts) < 0.4
    more = YouTubeVideo.objects.create(owner=user, video_id="more", title="", source="import")
    store_comments(more, [Incoming(str(n), f"another {n}", sentiment=1) for n in range(50)])
    # The same words again, shouted: on the same side, and counted once.
    store_comments(more, [Incoming("loud", min(kept).upper() + "!!", sentiment=1)])
    after = labelled_by(user)
    later = {t for t, test in zip(after.texts, after.test()[0], strict=True) if test}
    assert kept <= later
    assert len(after.texts) == len(before.texts) + 50
    parts = np.stack([after.train, after.validation, after.place < 0.3])
    assert (parts.sum(axis=0) == 1).all()


def test_comments_that_a_model_chose_are_not_what_it_is_judged_by(user, version):
    (video,) = fill(user, 150)
    unsure = YouTubeVideo.objects.create(owner=user, video_id="u", title="", source="import")
    store_comments(unsure, [Incoming(str(n), f"usual unsure {n}") for n in range(100)])
    unsure.comments.update(p_positive=0.4, p_neutral=0.3, p_negative=0.3, predicted=2)
    chosen = make_set(user, "s", mode="uncertain", video=unsure)
    assert chosen.items.count() == 100
    unsure.comments.update(sentiment=1, sentiment_source="label set")
    found = labelled_by(user)
    rows, note = found.test()
    assert set(found.videos[rows]) == {video.pk}
    assert note == ""
    YouTubeComment.objects.filter(video=video).delete()
    fill_random = [Incoming(f"r{n}", f"{WORDS[n % 3]} r{n}", sentiment=n % 3) for n in range(20)]
    store_comments(video, fill_random)
    rows, note = labelled_by(user).test()
    assert "Label a random sample" in note
    training = trained(user, kind="logreg")
    assert any("Label a random sample" in line for line in training.result["notes"])


@pytest.mark.parametrize(("videos", "grouped"), [(2, False), (8, True)])
def test_comments_of_one_video_are_drawn_together_where_videos_suffice(
    user, version, videos, grouped
):
    fill(user, 30, videos=videos)
    found = trained(user, kind="logreg").result
    decision = " ".join(found["comparison"]["decision"])
    assert ("group" in decision) == grouped
    assert any("too few to draw whole videos" in note for note in found["notes"]) != grouped


def test_what_favours_a_model_is_said(user, version):
    fill(user, 60)
    first = trained(user, kind="logreg")
    assert any("was trained elsewhere" in note for note in first.result["notes"])
    assert not any("best of several" in note for note in first.result["notes"])
    put_to_use(first.version)
    second = trained(user, kind="logreg")
    assert not any("was trained elsewhere" in note for note in second.result["notes"])
    assert any("model number 2" in note for note in second.result["notes"])
    ModelVersion.objects.filter(pk=first.version.pk).update(
        trained_on={"train": {"rows": 60, "what": INVENTED}}
    )
    third = trained(user, kind="logreg")
    assert any("invented comments" in note for note in third.result["notes"])


def test_ten_labels_are_enough_for_a_model_and_too_few_for_a_verdict(user, version):
    video = YouTubeVideo.objects.create(owner=user, video_id="t", title="", source="import")
    rows = [Incoming(str(n), text, sentiment=n // 3) for n, text in enumerate(TEXTS)]
    store_comments(video, [*rows, Incoming("x", "so boring", sentiment=0)])
    training = trained(user)
    assert training.state == "done"
    assert training.result["comparison"] is None or training.result["rows"] < 10
    assert training.result["notes"] or training.result["comparison"]
    json.dumps(training.result, allow_nan=False)


def test_too_few_labels_or_one_class_alone_are_told(user, version):
    fill(user, 9)
    with pytest.raises(DataError, match="9 different comments are labelled, and 10 are needed"):
        start_training(user)
    fill_more = YouTubeVideo.objects.create(owner=user, video_id="z", title="", source="import")
    store_comments(fill_more, [Incoming(str(n), f"c {n}", sentiment=1) for n in range(40)])
    YouTubeComment.objects.update(sentiment=1)
    with pytest.raises(DataError, match="all of one class"):
        start_training(user)
    assert not Training.objects.exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"kind": "svn"}, "did you mean 'svm'"),
        ({"name": "../../etc"}, "no name for a model"),
        ({"name": "<script>"}, "no name for a model"),
        ({"name": "a" * 101}, "no name for a model"),
    ],
)
def test_a_training_that_cannot_be_started(logged_in, user, version, options, told):
    fill(user, 30)
    with pytest.raises(DataError, match=told):
        start_training(user, **options)
    form = {"kind": "logreg", "name": "m"} | options
    answer = logged_in.post(reverse("models"), form)
    assert answer.status_code == 422
    assert "<script>" not in answer.text.partition("<main")[2]


def test_one_training_at_a_time_and_one_that_is_given_up_comes_to_nothing(
    logged_in, user, version, monkeypatch
):
    fill(user, 40)
    training = start_training(user)
    with pytest.raises(DataError, match="under way"):
        start_training(user)

    def meanwhile(*_):
        give_up(training)
        return {"rows": 0, "scores": {}, "comparison": None, "notes": []}

    monkeypatch.setattr("roomtone_site.labelling.retraining.judge", meanwhile)
    assert run_training(training.pk) == "it is no longer this worker's"
    training.refresh_from_db()
    assert (training.state, training.message) == ("failed", "You gave it up.")
    assert not ModelVersion.objects.owned_by(user).exists()
    assert run_training(training.pk).endswith("nothing is to be done")
    assert start_training(user).state == "queued"


def test_a_model_that_cannot_be_loaded_fails_the_training_and_is_told(user, version, settings):
    fill(user, 40)
    (settings.MODELS_FOLDER / version.folder / "engine.json").write_text("{}")
    training = trained(user)
    assert training.state == "failed"
    assert "cannot be loaded" in training.message
    assert str(settings.MODELS_FOLDER) not in training.message


def test_without_a_model_in_use_there_is_nothing_to_compare_with(user, tmp_path, settings):
    settings.MODELS_FOLDER = tmp_path
    fill(user, 60)
    found = trained(user).result
    assert set(found["scores"]) == {"new"}
    assert found["comparison"] is None


def test_others_models_and_trainings_are_out_of_reach(invited, user, version):
    fill(user, 40)
    training = trained(user, name="private")
    assert invited.post(reverse("use_model", args=[training.version_id])).status_code == 404
    assert invited.post(reverse("give_up_training", args=[training.pk])).status_code == 404
    assert "private" not in invited.get(reverse("models")).text
