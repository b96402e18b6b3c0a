"""``python -m roomtone.cli.reference``: the configuration reference, written from the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from roomtone.config import Config
from roomtone.config.flags import FLAGS
from roomtone.config.overrides import TWINS

Schema = Mapping[str, Any]

_INTRODUCTION = """\
# Configuration

<!-- Written from the schema by `make docs`; edit src/roomtone/config instead. -->

Every key of the YAML file that `roomtone train --config FILE` takes, with its default. A key that
is left out has its default, and so has a section whose keys are all left out.

- **What wins.** A flag or `--set KEY=VALUE` on the command line comes before the YAML file, and
  the file before the default. Only what is typed overrides: a flag's default never does.
- **Any key from the command line.** `--set model.cnn.num_filters=96` reaches the keys that have
  no flag of their own. Lists are written with commas: `--set model.cnn.filter_sizes=3,4,5`.
- **Mistakes.** An unknown key is an error that suggests the nearest one; so is a key that stands
  twice. All mistakes are reported at once.
- **Twins.** These pairs of keys mean the same. Set one, and the other follows; a flag sets both;
  two different values are an error.
{twins}
- **Paths** start from the folder in which the command runs.
- **The record.** Each run writes the configuration it used, complete, to `config.yaml` in its own
  folder; `--config` takes that file again.
"""
_HEAD = "| key | default | allowed | flag | meaning |\n| --- | --- | --- | --- | --- |"
_KINDS = {
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "string": "text",
    "object": "names and their class codes",
    "null": "`null`",
}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
}


def render() -> str:
    """Write the reference as Markdown.

    Returns
    -------
    str
        An introduction, then a table for each section of the configuration.
    """
    schema = Config.model_json_schema()
    twins = "\n".join(f"  - `{first}` and `{second}`" for first, second in TWINS)
    parts = [_INTRODUCTION.format(twins=twins)]
    parts += [_section(path, section) for path, section in _sections(schema, schema["$defs"])]
    return "\n".join(parts)


def _sections(schema: Schema, defs: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield the path and the schema of each section, the keys of the top level first."""
    yield path, schema
    for name, field in schema["properties"].items():
        if "$ref" in field:
            kind = defs[field["$ref"].rpartition("/")[2]]
            yield from _sections(kind, defs, f"{path}.{name}".lstrip("."))


def _section(path: str, section: Schema) -> str:
    """Write a heading, the section's docstring and the table of its own keys."""
    heading = f"## `{path}`" if path else "## Top level"
    keys = {name: field for name, field in section["properties"].items() if "$ref" not in field}
    rows = [_row(f"{path}.{name}".lstrip("."), field) for name, field in keys.items()]
    return "\n".join([heading, "", section["description"], "", _HEAD, *rows, ""])


def _row(path: str, field: Schema) -> str:
    name, meaning = path.rpartition(".")[2], " ".join(field["description"].split())
    cells = (f"`{name}`", _default(field["default"]), allowed(field), _flag(path), meaning)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _default(value: object) -> str:
    if value is None:
        return "`null`"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _flag(path: str) -> str:
    return next((f"`--{flag.name}`" for flag in FLAGS if path in flag.keys), "")


def allowed(field: Schema) -> str:
    """Say what values a key takes.

    Parameters
    ----------
    field : mapping
        JSON schema of the key.

    Returns
    -------
    str
        A phrase, such as ``whole number, at least 1``.
    """
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(allowed(choice) for choice in field["anyOf"]))
    choices = field.get("enum") or field.get("examples") or [field.get("const")]
    if choices != [None]:
        return ", ".join(f"`{choice}`" for choice in choices)
    if field["type"] == "array":
        return _list(field)
    kind = "path" if field.get("format") == "path" else _KINDS[field["type"]]
    bounds = [text.format(field[key]) for key, text in _BOUNDS.items() if key in field]
    return ", ".join([kind, *bounds])


def _list(field: Schema) -> str:
    if "prefixItems" in field:
        return f"list of {len(field['prefixItems'])}: {allowed(field['prefixItems'][0])}"
    return f"list: {allowed(field['items'])}"


if __name__ == "__main__":
    print(render(), end="")
