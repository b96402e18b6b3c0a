from __future__ import annotations

import pytest
from django.contrib.auth import get_user, get_user_model
from django.test import Client, override_settings
from django.urls import reverse

from roomtone_site.accounts.holdings import holdings
from roomtone_site.analysis.models import ModelVersion
from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.comments.storing import store_comments

pytestmark = pytest.mark.django_db
NEW = {"username": "carla", "password1": "a-mild-evening-7", "password2": "a-mild-evening-7"}


def errors_of(answer):
    return " ".join(line for lines in answer.context["form"].errors.values() for line in lines)


def test_signing_up_logs_in(client):
    answer = client.post(reverse("accounts:signup"), NEW)
    assert answer.url == "/"
    assert get_user(client).username == "carla"


def test_whoever_is_invited_comes_to_the_invitation_after_signing_up(client):
    invitation = reverse("join", args=["secret"])
    asked = client.get(client.get(invitation).url)
    way = f"{reverse('accounts:signup')}?next={invitation}"
    assert f'href="{way}"' in asked.text
    assert f'name="next" value="{invitation}"' in client.get(way).text
    assert client.post(way, NEW | {"next": invitation}).url == invitation


@pytest.mark.parametrize("elsewhere", ["https://else.example/", "//else.example", "javascript:1"])
def test_signing_up_leads_to_no_other_site(client, elsewhere):
    assert client.post(reverse("accounts:signup"), NEW | {"next": elsewhere}).url == "/"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password1": "carla", "password2": "carla"}, "too similar"),
        ({"password1": "12345678", "password2": "12345678"}, "too common"),
        ({"password2": "another-7"}, "match"),
        ({"username": "ANA"}, "already exists"),
    ],
)
def test_weak_passwords_and_taken_names_are_refused(client, user, changes, told):
    answer = client.post(reverse("accounts:signup"), NEW | changes)
    assert told in errors_of(answer)
    assert not get_user_model().objects.exclude(pk=user.pk).exists()


def test_a_site_may_take_no_new_accounts(client):
    with override_settings(SIGN_UP=False):
        assert client.post(reverse("accounts:signup"), NEW).status_code == 403
    assert not get_user_model().objects.exists()


def test_logging_in_and_out(client, user):
    page = reverse("accounts:account")
    assert client.get(page).url == f"{reverse('accounts:login')}?next={page}"
    form = {"username": "ana", "password": "correct-horse-42", "next": page}
    assert client.post(reverse("accounts:login"), form).url == page
    assert client.get(page).status_code == 200
    assert client.get(reverse("accounts:logout")).status_code == 405  # a link must not log out
    client.post(reverse("accounts:logout"))
    assert not get_user(client).is_authenticated


def test_a_login_leads_to_no_other_site(client, user):
    form = {"username": "ana", "password": "correct-horse-42", "next": "https://evil.example/"}
    assert client.post(reverse("accounts:login"), form).url == "/"


@pytest.mark.parametrize("name", ["signup", "login", "delete", "change_password", "logout"])
def test_forms_from_elsewhere_are_refused(user, name):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(reverse(f"accounts:{name}"), {}).status_code == 403


def test_changing_the_password(logged_in, user):
    form = {"old_password": "correct-horse-42"} | {
        f"new_{name}": NEW[name] for name in ("password1", "password2")
    }
    assert logged_in.post(reverse("accounts:change_password"), form).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW["password1"])
    assert "Your password is changed." in logged_in.get(reverse("accounts:account")).text


def fill(owner, folder=""):
    video = YouTubeVideo.objects.create(owner=owner, video_id="abc", title="", source="import")
    store_comments(video, [Incoming("1", "Lovely"), Incoming("2", "Thanks", parent_id="1")])
    ModelVersion.objects.create(owner=owner, name="m", kind="tfidf", folder=folder, digest="d")


def test_the_account_page_counts_what_is_stored(logged_in, user, other):
    fill(user)
    fill(other)
    assert holdings(user) == {"videos": 1, "comments": 2, "model versions": 1}
    page = logged_in.get(reverse("accounts:account")).text
    assert "Comments: 2" in page


def test_deleting_an_account_takes_the_password_and_then_all_its_data(
    logged_in, user, other, tmp_path, django_capture_on_commit_callbacks
):
    for owner, folder in ((user, "mine"), (other, "theirs")):
        fill(owner, folder)
        (tmp_path / folder).mkdir()
    before = holdings(other)
    wrong = logged_in.post(reverse("accounts:delete"), {"password": "guessed"})
    assert "not the password" in errors_of(wrong)
    assert get_user_model().objects.filter(pk=user.pk).exists()
    with (
        override_settings(MODELS_FOLDER=tmp_path),
        django_capture_on_commit_callbacks(execute=True),
    ):
        logged_in.post(reverse("accounts:delete"), {"password": "correct-horse-42"})
    assert list(get_user_model().objects.all()) == [other]
    assert holdings(other) == before
    assert YouTubeComment.objects.count() == 2
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]
    assert not get_user(logged_in).is_authenticated


@pytest.mark.parametrize("folder", ["..", ".", "../outside", "/etc"])
def test_a_version_that_names_a_foreign_folder_takes_nothing_with_it(
    user, tmp_path, folder, django_capture_on_commit_callbacks
):
    models = tmp_path / "models"
    for path in (models / "kept", tmp_path / "outside"):
        path.mkdir(parents=True)
    version = ModelVersion.objects.create(owner=user, name="m", kind="t", folder=folder, digest="")
    with (
        override_settings(MODELS_FOLDER=models),
        django_capture_on_commit_callbacks(execute=True),
    ):
        version.delete()
    assert (models / "kept").is_dir()
    assert (tmp_path / "outside").is_dir()
