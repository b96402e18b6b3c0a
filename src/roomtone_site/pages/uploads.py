"""Files that a visitor sends: stored for as long as it takes to read them."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from roomtone_site.comments.importing import ImportReport, import_comments

_PLAIN = re.compile(r"[^\w.-]+")


def import_upload(owner: Any, upload: UploadedFile[Any], title: str) -> ImportReport:
    """Import the comments of a file that was sent.

    Parameters
    ----------
    owner : User
        Whose the comments will be.
    upload : UploadedFile
        The file. Of its name letters, digits and dots alone are kept: the ending tells the
        form, and the rest is what a video without a title is called.
    title : str
        What to call the video; may be empty.

    Raises
    ------
    RoomtoneError
        If no row of it is a comment.
    """
    name = _PLAIN.sub("_", Path(upload.name or "").name)[-60:]
    if name.startswith("."):
        name = f"comments.{name.lstrip('.')}"
    with tempfile.TemporaryDirectory(prefix="roomtone-upload-") as folder:
        path = Path(folder) / name
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        return import_comments(owner, path, title=title)
