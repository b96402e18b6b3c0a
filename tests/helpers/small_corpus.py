"""A small archive of the layout of the one behind VADER, with invented texts of three moods."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import tarfile
import zipfile

from roomtone.data.corpora.hutto import FILES, INNER_ARCHIVE
from roomtone.data.corpora.vader import VADER

MOODS = {-3.25: "a dull grey afternoon", 0.5: "a chair", 2.75: "a walk by the river"}


def lines(source):
    """Invent thirty texts of three moods, the last of them doubling the first in capitals."""
    means = list(MOODS)
    rows = [
        (means[n % 3], f"{source} {n}: {MOODS[means[n % 3]]}, éclair &amp;#38; tea")
        for n in range(30)
    ]
    rows.append((rows[0][0], "  " + rows[0][1].upper().replace("&AMP;#38;", "&amp;") + " "))
    return "".join(f"{n}\t{mean}\t{text}\r\n" for n, (mean, text) in enumerate(rows, start=1))


def pack(path, files, inner=INNER_ARCHIVE):
    """Write a source package with these files in the archive that it carries."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        link = tarfile.TarInfo(f"hutto/{FILES['tweets']}")
        link.type, link.linkname = tarfile.SYMTYPE, "../../elsewhere"
        archive.addfile(link)
        for name, content in files.items():
            member = tarfile.TarInfo(f"hutto/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    with zipfile.ZipFile(path, "w") as outer:
        outer.writestr(f"vaderSentiment-0.5/{inner}", packed.getvalue())
    return dataclasses.replace(VADER, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def contents():
    """Give each file of the archive its texts."""
    files = {file: lines(source).encode() for source, file in FILES.items()}
    files[FILES["movies"]] = b"\xef\xbb\xbf" + files[FILES["movies"]]
    return files
