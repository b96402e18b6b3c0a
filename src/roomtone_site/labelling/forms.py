"""Forms of labelling."""

from __future__ import annotations

from typing import Any

from django import forms

from roomtone_site.comments.models import Sentiment, YouTubeVideo
from roomtone_site.labelling.choosing import MOST
from roomtone_site.labelling.models import LabelSet


class SetForm(forms.Form):
    """A new label set."""

    name = forms.CharField(max_length=100)
    video = forms.ModelChoiceField(
        YouTubeVideo.objects.none(), required=False, empty_label="all of your videos"
    )
    mode = forms.ChoiceField(
        choices=LabelSet.Mode.choices,
        label="Which comments",
        initial=LabelSet.Mode.UNCERTAIN,
        help_text="A random sample is what a model can be judged by; label one, too.",
    )
    size = forms.IntegerField(label="How many at most", min_value=1, max_value=MOST, initial=100)
    seed = forms.IntegerField(
        min_value=0, max_value=2**31 - 1, initial=42, help_text="Decides a random sample."
    )

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})
        videos: Any = self.fields["video"]
        videos.queryset = YouTubeVideo.objects.owned_by(user)


class AnswerForm(forms.Form):
    """What someone says of a comment."""

    item = forms.IntegerField(min_value=1)
    value = forms.TypedChoiceField(
        choices=[*Sentiment.choices, ("skip", "skip")],
        coerce=lambda value: None if value == "skip" else int(value),
        empty_value=None,
    )


class AnnotatorForm(forms.Form):
    """Who is to be removed."""

    annotator = forms.IntegerField(min_value=1)


class DecisionForm(forms.Form):
    """How a disputed comment is settled."""

    item = forms.IntegerField(min_value=1)
    value = forms.TypedChoiceField(choices=Sentiment.choices, coerce=int)
