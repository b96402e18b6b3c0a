"""The flags that set keys of the configuration, shared by the verbs that train."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.config.flags import FLAGS

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


def add_settings(parser: argparse.ArgumentParser, without: Collection[str] = ()) -> None:
    """Add every flag; a flag that is not typed leaves its key to the YAML file or the default.

    Parameters
    ----------
    parser : ArgumentParser
        Of the verb.
    without : collection of str
        Names of flags that the verb has no use for, or has in a sense of its own.
    """
    from roomtone.config.tree import LEAVES

    parser.add_argument("--config", metavar="PATH", type=Path, help="YAML file of settings")
    parser.add_argument(
        "--set",
        dest="sets",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="set any key of the configuration, as in --set model.cnn.dropout=0.2",
    )
    parser.add_argument("--quiet", action="store_true", help="show warnings and results only")
    groups: dict[str, argparse._ArgumentGroup] = {}
    for flag in (flag for flag in FLAGS if flag.name not in without):
        if flag.group not in groups:
            groups[flag.group] = parser.add_argument_group(flag.group)
        groups[flag.group].add_argument(
            f"--{flag.name}",
            metavar=flag.metavar,
            default=argparse.SUPPRESS,
            help=_help(LEAVES[flag.keys[0]]),
        )


def typed_flags(args: argparse.Namespace) -> dict[str, str]:
    """Collect the flags that were typed, and their values as typed."""
    return {flag.name: getattr(args, flag.name) for flag in FLAGS if hasattr(args, flag.name)}


def _help(field: FieldInfo) -> str:
    """Describe a flag by its key's docstring and default."""
    text = " ".join((field.description or "").replace("`", "").split()).removesuffix(".")
    default = field.default
    shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
    return f"{text} (default: {shown})".replace("%", "%%") if shown not in (None, "") else text
