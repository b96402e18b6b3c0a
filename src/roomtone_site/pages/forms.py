"""Forms of the pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

MOST_BYTES = 200 * 2**20


class FileForm(forms.Form):
    """A file of comments."""

    file = forms.FileField(label="File", help_text="CSV, JSON lines or Parquet; at most 200 MB.")
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
