"""Archives come from real pip and npm processes: against nothing, a folder, a local server."""

import dataclasses
import hashlib
import http.server
import io
import json
import os
import shutil
import sys
import tarfile
import threading

import pytest

from roomtone.data.fetch import Package, cache_folder, fetch
from roomtone.errors import DataError

NOWHERE = "http://127.0.0.1:9/"
# A build backend that needs no other package, so that pip works without an index; it leaves a
# mark where it ran.
BACKEND = """
import os, pathlib

def prepare_metadata_for_build_wheel(folder, settings=None):
    pathlib.Path(os.environ["ROOMTONE_TEST_MARK"]).touch()
    info = pathlib.Path(folder, "quietroom-1.0.dist-info")
    info.mkdir()
    info.joinpath("METADATA").write_text(
        "Metadata-Version: 2.1\\nName: quietroom\\nVersion: 1.0\\n"
    )
    return info.name
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def _tar(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def _package(manager, archive, content=b""):
    sha256 = hashlib.sha256(content).hexdigest()
    return Package(manager, "quietroom", "1.0.0", archive, sha256, "You can do without.")


@pytest.fixture
def plain_pip(monkeypatch):
    """Make pip deaf to this machine's settings, and to every index."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", NOWHERE)


@pytest.fixture
def source_package(tmp_path, monkeypatch, plain_pip):
    """A source archive that pip finds in a folder; yields it and the mark its build leaves."""
    info = "Metadata-Version: 2.1\nName: quietroom\nVersion: 1.0\n"
    files = {"PKG-INFO": info, "pyproject.toml": PYPROJECT, "backend.py": BACKEND}
    content = _tar({f"quietroom-1.0/{name}": text for name, text in files.items()})
    folder = tmp_path / "links"
    folder.mkdir()
    folder.joinpath("quietroom-1.0.tar.gz").write_bytes(content)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("ROOMTONE_TEST_MARK", str(tmp_path / "mark"))
    package = _package("pip", "quietroom-1.0.tar.gz", content)
    return dataclasses.replace(package, version="1.0"), tmp_path / "mark"


@pytest.fixture
def npm_registry(tmp_path, monkeypatch):
    """A registry of one package on this machine; yields the bytes of its archive."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    content = _tar({"package/package.json": '{"name": "quietroom", "version": "1.0.0"}'})

    class Registry(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content if self.path.endswith(".tgz") else self.about())

        def about(self):
            url = f"http://127.0.0.1:{self.server.server_port}/quietroom-1.0.0.tgz"
            shasum = hashlib.sha1(content).hexdigest()
            dist = {"tarball": url, "shasum": shasum}
            version = {"name": "quietroom", "version": "1.0.0", "dist": dist}
            about = {"name": "quietroom", "versions": {"1.0.0": version}}
            return json.dumps(about | {"dist-tags": {"latest": "1.0.0"}}).encode()

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
        yield content
        server.shutdown()


def test_the_cache_folder_is_the_one_given_then_the_variable_then_the_users_own(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("ROOMTONE_CACHE", str(tmp_path / "variable"))
    assert cache_folder(tmp_path / "given") == tmp_path / "given"
    assert cache_folder() == tmp_path / "variable"
    monkeypatch.delenv("ROOMTONE_CACHE")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        assert cache_folder() == tmp_path / "xdg/roomtone"
        monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder().name == "roomtone"


def test_an_archive_put_into_the_cache_by_hand_needs_no_download(tmp_path, plain_pip):
    (tmp_path / "quietroom-1.0.zip").write_bytes(b"hush")
    found = fetch(_package("pip", "quietroom-1.0.zip", b"hush"), cache_dir=tmp_path)
    assert found.read_bytes() == b"hush"


def test_without_a_network_the_error_tells_what_was_tried_said_and_can_be_done(tmp_path, plain_pip):
    package = _package("pip", "quietroom-1.0.zip")
    with pytest.raises(DataError) as caught:
        fetch(package, cache_dir=tmp_path)
    text = str(caught.value)
    assert "-m pip download" in text
    assert "No matching distribution found for quietroom==1.0.0" in text
    assert package.sha256 in text
    assert str(tmp_path / "quietroom-1.0.zip") in text
    assert text.endswith("You can do without.")
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_file_in_the_cache_is_named_and_left_alone_when_it_cannot_be_replaced(
    tmp_path, plain_pip
):
    wrong = tmp_path / "quietroom-1.0.zip"
    wrong.write_bytes(b"noise")
    with pytest.raises(DataError, match="has another hash and is not used"):
        fetch(_package("pip", wrong.name, b"hush"), cache_dir=tmp_path)
    assert wrong.read_bytes() == b"noise"


def test_pip_brings_the_source_archive_into_the_cache_in_place_of_a_wrong_one(
    tmp_path, source_package
):
    package, mark = source_package
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.joinpath(package.archive).write_bytes(b"noise")
    found = fetch(package, cache_dir=cache)
    assert hashlib.sha256(found.read_bytes()).hexdigest() == package.sha256
    assert [path.name for path in cache.iterdir()] == [package.archive]
    assert mark.exists(), "the build ran elsewhere: the next test proves nothing"


def test_pip_refuses_other_bytes_before_it_runs_any_of_their_code(tmp_path, source_package):
    package, mark = source_package
    other = dataclasses.replace(package, sha256="0" * 64)
    with pytest.raises(DataError, match="DO NOT MATCH THE HASHES"):
        fetch(other, cache_dir=tmp_path / "cache")
    assert not mark.exists()
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_python_without_pip_is_told_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(DataError, match=r"-m ensurepip; or put quietroom-1\.0\.zip"):
        fetch(_package("pip", "quietroom-1.0.zip"), cache_dir=tmp_path)


def test_a_machine_without_npm_is_told_to_install_it_or_do_without(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match=r"npm, which is not installed.*You can do without\."):
        fetch(_package("npm", "quietroom-1.0.0.tgz"), cache_dir=tmp_path)


def test_npm_brings_the_registrys_own_bytes_into_the_cache(tmp_path, npm_registry):
    package = _package("npm", "quietroom-1.0.0.tgz", npm_registry)
    assert fetch(package, cache_dir=tmp_path / "cache").read_bytes() == npm_registry


def test_a_download_with_another_hash_is_not_kept(tmp_path, npm_registry):
    package = _package("npm", "quietroom-1.0.0.tgz", b"other bytes")
    with pytest.raises(DataError) as caught:
        fetch(package, cache_dir=tmp_path / "cache")
    assert hashlib.sha256(npm_registry).hexdigest() in str(caught.value)
    assert package.sha256 in str(caught.value)
    assert list((tmp_path / "cache").iterdir()) == []


def test_npm_without_a_network_gives_its_own_words(tmp_path, npm_registry, monkeypatch):
    monkeypatch.setenv("npm_config_registry", NOWHERE)
    with pytest.raises(DataError, match=r"with npm \(exit code [1-9].*\n.*\n.*code ECONNREFUSED"):
        fetch(_package("npm", "quietroom-1.0.0.tgz"), cache_dir=tmp_path / "cache")


def test_a_cache_that_cannot_be_written_is_named_with_a_way_out(tmp_path, plain_pip):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"cannot be stored at .*--cache_dir or ROOMTONE_CACHE"):
        fetch(_package("pip", "quietroom-1.0.zip"), cache_dir=tmp_path / "file")
