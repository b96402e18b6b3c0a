"""What a half-written output depends on, and how it differs from what is there now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Mapping[str, Any]]
_IRRELEVANT = {"modified"}  # a copied file has a new time, and the same hash
_HASHES = {"sha256", "digest"}


def differences(before: Facts, now: Facts) -> list[str]:
    """Say what has changed, a line for each change.

    Parameters
    ----------
    before, now : mapping of str to mapping
        The facts by what they are of: ``"input"``, ``"model"``, ``"options"``.
    """
    found = []
    for part in dict.fromkeys([*before, *now]):
        old, new = before.get(part, {}), now.get(part, {})
        changed = [
            key
            for key in dict.fromkeys([*old, *new])
            if key not in _IRRELEVANT and old.get(key) != new.get(key)
        ]
        if _HASHES & set(changed):
            found.append(f"the {part} is another one, or was altered")
        else:
            found += [f"{key} was {_shown(old, key)}, now {_shown(new, key)}" for key in changed]
    return found


def _shown(facts: Mapping[str, Any], key: str) -> str:
    value = facts.get(key)
    if value is None:
        return "not given"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
