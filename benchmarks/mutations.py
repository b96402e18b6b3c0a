"""Ways to damage a saved engine, by accident and on purpose."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import random
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from roomtone.engines.manifest import MANIFEST, seal

# What stands in the place of any value of a JSON file: wrong types, sizes, names and numbers.
ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 2**31, 2**70, -0.5, 1e-320, 1e308, "", "x", "../x", "/etc/passwd"),
    *([], {}, [[]], [1, 2, 3], {"a": 1}, "\ud800", "a" * 10_000, [0.5, 0.5], "NaN", [None] * 3),
)
GLOBALS = ("os.system", "posix.system", "builtins.eval", "subprocess.Popen", "numpy.core.x")
Mutation = Callable[[Path, random.Random], str]


def damage_bytes(data: bytes, draw: random.Random) -> bytes:
    """Change some bytes of a file as a bad disk, a bad copy or a stranger might."""
    content = bytearray(data)
    start = draw.randrange(len(content) + 1)
    length = min(draw.choice((1, 2, 8, 64, 1024)), len(content) - start)
    ways: tuple[Callable[[], object], ...] = (
        lambda: [_flip(content, draw) for _ in range(draw.choice((1, 1, 2, 16)))],
        lambda: content.__delitem__(slice(start, None)),
        lambda: content.__delitem__(slice(start, start + length)),
        lambda: content.__setitem__(slice(start, start), draw.randbytes(length or 1)),
        lambda: content.__setitem__(slice(start, start + length), bytes(length)),
        lambda: content.extend(content[start : start + length]),
        lambda: content.__setitem__(slice(0, 8), draw.randbytes(8)),
        content.clear,
    )
    draw.choice(ways)()
    return bytes(content)


def damage_json(value: Any, draw: random.Random) -> Any:
    """Change a value somewhere in a JSON document, or swap or drop an entry."""
    places = list(_places(value))
    if not places:
        return draw.choice(ODD)
    parent, key = draw.choice(places)
    way = draw.randrange(4)
    if way == 0:
        del parent[key]
    elif way == 1:
        other, other_key = draw.choice(places)
        try:
            parent[key], other[other_key] = other[other_key], parent[key]
        except (IndexError, KeyError):  # one within the other
            parent[key] = None
    elif way == 2 and isinstance(parent, dict):
        parent[draw.choice(("surplus", key + "x", "../x"))] = parent.pop(key)
    else:
        parent[key] = draw.choice(ODD)
    return value


def damage_tensors(data: bytes, draw: random.Random) -> bytes:
    """Change the header of a safetensors file, so that it is one all the same."""
    size = struct.unpack("<Q", data[:8])[0]
    header = damage_json(json.loads(data[8 : 8 + size]), draw)
    text = _dump(header)
    return struct.pack("<Q", len(text)) + text + data[8 + size :]


def damage_archive(data: bytes, draw: random.Random) -> bytes:
    """Change a member of a zip file, which is what torch writes, with a checksum that fits."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w") as new:
        names = old.namelist()
        chosen = draw.choice(names)
        for name in names:
            content = old.read(name)
            if name != chosen:
                new.writestr(name, content)
            elif name.endswith("data.pkl") and draw.random() < 0.2:
                new.writestr(name, hostile_pickle(Path("canary"), draw))
            elif draw.random() < 0.9:
                new.writestr(name, damage_bytes(content, draw))
    return changed.getvalue()


def hostile_pickle(canary: Path, draw: random.Random) -> bytes:
    """Make a pickle that would write a file, or fill the memory, if it were loaded carelessly."""
    if draw.random() < 0.1:  # no code, but room for two thousand million objects
        return b"}r\xff\xff\xff\x7f."
    module, _, name = draw.choice(GLOBALS).rpartition(".")
    argument = f"echo > {canary}" if name != "eval" else f"open({str(canary)!r}, 'w')"
    if draw.random() < 0.5:
        return f"c{module}\n{name}\n(V{argument}\ntR.".encode()

    class Hostile:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.system, (argument,)

    return pickle.dumps({"tokens": ["a"], "counts": Hostile()}, protocol=draw.randrange(2, 6))


def change_file(folder: Path, draw: random.Random) -> str:
    """Damage, swap, drop or replace a file, and leave its hash as it was."""
    path = draw.choice(_files(folder))
    way = draw.randrange(12)
    if way == 0:
        path.unlink()
    elif way == 1:
        other = draw.choice(_files(folder))
        first, second = path.read_bytes(), other.read_bytes()
        path.write_bytes(second)
        other.write_bytes(first)
    elif way == 2:
        path.unlink()
        path.mkdir()
    elif way == 3:
        moved = path.rename(folder.parent / "elsewhere")
        path.symlink_to(moved)
    else:
        path.write_bytes(damage_bytes(path.read_bytes(), draw))
    return f"{path.name}: way {way}"


def change_with_hashes(folder: Path, draw: random.Random) -> str:
    """Change a file or the manifest, and every hash with it, as one would who knows the format."""
    path = draw.choice(_files(folder))
    data = path.read_bytes()
    if path.suffix == ".json" and draw.random() < 0.8:
        path.write_bytes(_dump(damage_json(json.loads(data), draw)))
    elif path.suffix == ".safetensors" and draw.random() < 0.5:
        path.write_bytes(damage_tensors(data, draw))
    else:
        path.write_bytes(damage_bytes(data, draw))
    reseal(folder)
    return f"{path.name}, hashes and all"


def reseal(folder: Path) -> str | None:
    """Make the hashes of a folder fit what is in it; return its digest."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
        for name in manifest["parts"]:
            manifest["parts"][name] = reseal(folder / name) or "0" * 64
        for name in manifest["files"]:
            data = (folder / name).read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            manifest["files"][name] = {"sha256": digest, "bytes": len(data)}
        sealed = seal(manifest)
    # What was damaged so far that it has no hashes any more stays as it is.
    except Exception:
        return None
    path.write_bytes(_dump(sealed))
    return str(sealed["digest"])


def change_run(folder: Path, draw: random.Random) -> str:
    """Damage a run: the archive of its model, its vocabulary, or a pickle with code in it."""
    model, pickled = folder / "final_model.pt", folder / "vocab.pkl"
    way = draw.randrange(5)
    if way == 0:
        model.write_bytes(damage_archive(model.read_bytes(), draw))
    elif way == 1:
        (folder / "vocab.json").unlink()
        pickled.write_bytes(hostile_pickle(folder.parent / "canary", draw))
    elif way == 2:
        (folder / "vocab.json").unlink()
        pickled.write_bytes(damage_bytes(pickled.read_bytes(), draw))
    elif way == 3:
        path = folder / "vocab.json"
        path.write_bytes(_dump(damage_json(json.loads(path.read_bytes()), draw)))
    else:
        path = draw.choice((model, folder / "vocab.json"))
        path.write_bytes(damage_bytes(path.read_bytes(), draw))
    return f"run: way {way}"


def copy_of(source: Path, target: Path) -> Path:
    """Put a fresh copy of a folder in the place of the last one."""
    shutil.rmtree(target.parent, ignore_errors=True)
    return shutil.copytree(source, target)


def _files(folder: Path) -> list[Path]:
    found = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix != ".md"]
    manifests = [path for path in found if path.name == MANIFEST]
    return [*found, *manifests]  # the manifest twice: it says most


def _places(value: Any) -> Any:
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def _flip(content: bytearray, draw: random.Random) -> None:
    if content:
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
