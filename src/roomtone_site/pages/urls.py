"""Addresses of the pages."""

from __future__ import annotations

from django.urls import path, re_path

from roomtone_site.pages.views import analyses, comments, compare, exports, imports, videos

urlpatterns = [
    path("", videos.home, name="home"),
    path("add/", videos.add, name="add"),
    path("add/link/", videos.add_link, name="add_link"),
    path("add/file/", videos.add_file, name="add_file"),
    path("add/sample/", videos.sample, name="sample"),
    path("imports/<int:key>/", imports.shown, name="import"),
    path("imports/<int:key>/give-up/", imports.give_up, name="give_up_import"),
    path("videos/<int:key>/", videos.video, name="video"),
    path("videos/<int:key>/analyse/", videos.analyse, name="analyse"),
    path("videos/<int:key>/fetch-again/", videos.fetch_again, name="fetch_again"),
    path("videos/<int:key>/delete/", videos.delete_video, name="delete_video"),
    path("analyses/<int:key>/", analyses.analysis, name="analysis"),
    path("analyses/<int:key>/progress/", analyses.progress, name="progress"),
    path("analyses/<int:key>/retry/", analyses.retry, name="retry"),
    path("analyses/<int:key>/comments/", analyses.comments, name="comments"),
    path("analyses/<int:key>/comments/<int:comment>/", comments.why, name="why"),
    path("analyses/<int:key>/removed/", comments.removed, name="removed"),
    path("analyses/<int:key>/removed/bring-back/", comments.bring_back, name="bring_back"),
    path("analyses/<int:key>/export/", exports.export, name="export"),
    path("analyses/<int:key>/export/report/", exports.report, name="report"),
    re_path(
        r"^analyses/(?P<key>\d{1,18})/export/comments\.(?P<form>csv|json)$",
        exports.rows,
        name="export_rows",
    ),
    path("analyses/<int:key>/filters/", comments.filters, name="filters"),
    path("compare/", compare.compare, name="compare"),
]
