"""Forms of the pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from roomtone_site.analysis.models import ModelVersion
from roomtone_site.analysis.options import FILTERS, MOST_COMMENTS

MOST_BYTES = 200 * 2**20
MOST_WITH_FORM = MOST_BYTES + 2**20  # what is sent around the file


class PlainForm(forms.Form):
    """A form whose labels end as they are written."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})


class FileForm(PlainForm):
    """A file of comments."""

    file = forms.FileField(
        label="File",
        help_text="CSV, JSON lines or Parquet; at most 200 MB (1 GiB unpacked) and a million rows.",
    )
    title = forms.CharField(
        label="Title",
        max_length=300,
        required=False,
        help_text="What to call the video; where the file names none, and this is empty, the "
        "file’s name.",
    )

    def clean_file(self) -> Any:
        """Refuse what is too large."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError("The file is larger than 200 MB; import it in parts.")
        return file


class FetchForm(PlainForm):
    """Which comments of a video to fetch."""

    replies = forms.BooleanField(label="All replies, too", required=False)
    order = forms.ChoiceField(
        label="Which comments first",
        choices=[("time", "the newest"), ("relevance", "those that YouTube finds relevant")],
    )
    limit = forms.IntegerField(
        label="At most so many comments",
        min_value=1,
        max_value=MOST_COMMENTS,
        required=False,
        help_text="Empty for all. Each request brings up to 100, and replies take more of them.",
    )

    def fetching(self) -> dict[str, Any]:
        """Return them as options of an analysis."""
        return {key: self.cleaned_data[key] for key in ("replies", "order", "limit")}


class LinkForm(FetchForm):
    """A video on YouTube, and which of its comments to fetch."""

    field_order = ("link",)
    link = forms.CharField(
        label="Link to the video, or its id",
        max_length=2048,
        help_text="In any form, as the browser or the app copies it.",
    )

    def options(self) -> dict[str, Any]:
        """Return what an analysis is to do."""
        return {"fetch": True, **self.fetching()}


class FilterForm(PlainForm):
    """What is left out of an analysis."""

    spam = forms.BooleanField(label="Leave out spam", required=False)
    duplicates = forms.BooleanField(label="Leave out repeated comments", required=False)
    unknown = forms.BooleanField(
        label="Leave out comments of which the model knows nothing", required=False
    )
    languages = forms.CharField(
        label="Only these languages",
        max_length=100,
        required=False,
        help_text="Codes such as en, de; empty for all.",
    )
    min_length = forms.IntegerField(
        label="At least so many characters", min_value=1, max_value=100_000, required=False
    )
    max_length = forms.IntegerField(
        label="At most so many characters", min_value=1, max_value=100_000, required=False
    )

    def filters(self) -> dict[str, Any]:
        """Return them as options of an analysis."""
        values = {name: self.cleaned_data[name] for name in FILTERS}
        codes = values["languages"].replace(",", " ").lower().split()
        return values | {"languages": codes}


class AnalyseForm(FilterForm, FetchForm):
    """An analysis to start.

    Parameters
    ----------
    user : User
        Whose models, besides the site's, may be chosen.
    from_youtube : bool
        Whether comments can be fetched anew.
    """

    field_order = ("model", "fetch", "replies", "order", "limit")
    model = forms.ModelChoiceField(ModelVersion.objects.none(), empty_label=None)
    fetch = forms.BooleanField(label="Fetch the comments anew", required=False)

    def __init__(self, *args: Any, user: Any, from_youtube: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        versions = ModelVersion.objects.usable_by(user).order_by("-active", "-created")
        self.fields["model"].queryset = versions  # type: ignore[attr-defined]
        self._from_youtube = from_youtube
        if not from_youtube:
            for name in ("fetch", "replies", "order", "limit"):
                del self.fields[name]

    def options(self) -> dict[str, Any]:
        """Return what the analysis is to do."""
        # Unticked it is decided by whether an analysis has fetched them before.
        chosen = self.filters()
        if self._from_youtube:
            chosen |= self.fetching()
        return chosen | ({"fetch": True} if self.cleaned_data.get("fetch") else {})
