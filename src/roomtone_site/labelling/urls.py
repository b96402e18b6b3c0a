"""Addresses of labelling."""

from __future__ import annotations

from django.urls import path

from roomtone_site.labelling.views.labelling import Annotate, Undo
from roomtone_site.labelling.views.models import GiveUp, Models, Use
from roomtone_site.labelling.views.sets import (
    DeleteSet,
    Invite,
    Join,
    Open,
    RemoveAnnotator,
    Sets,
    Settle,
)

urlpatterns = [
    path("labels/", Sets.as_view(), name="label_sets"),
    path("labels/<int:pk>/", Annotate.as_view(), name="label"),
    path("labels/<int:pk>/undo/", Undo.as_view(), name="undo_label"),
    path("labels/<int:pk>/settle/", Settle.as_view(), name="settle"),
    path("labels/<int:pk>/open/", Open.as_view(), name="open_set"),
    path("labels/<int:pk>/remove/", RemoveAnnotator.as_view(), name="remove_annotator"),
    path("labels/<int:pk>/invite/", Invite.as_view(), name="invite"),
    path("labels/<int:pk>/delete/", DeleteSet.as_view(), name="delete_set"),
    path("labels/join/<str:secret>/", Join.as_view(), name="join"),
    path("models/", Models.as_view(), name="models"),
    path("models/<int:pk>/use/", Use.as_view(), name="use_model"),
    path("trainings/<int:pk>/give-up/", GiveUp.as_view(), name="give_up_training"),
]
