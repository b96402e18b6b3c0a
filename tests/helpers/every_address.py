"""Every address of the site that has a name, and what to put where an address names an object."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse


def patterns(resolver: Any = None, spaces: tuple[str, ...] = ()) -> Any:
    """Every named address of the site, the API's left out, with the names of its parameters."""
    for found in (resolver or get_resolver()).url_patterns:
        if isinstance(found, URLResolver) and found.namespace != "api":
            inner = (*spaces, found.namespace) if found.namespace else spaces
            yield from patterns(found, inner)
        elif isinstance(found, URLPattern) and found.name:
            groups = found.pattern.regex.groupindex
            yield ":".join((*spaces, found.name)), set(found.pattern.converters) | set(groups)


ADDRESSES = dict(patterns())


def address(name: str, owned: dict[str, Any]) -> str:
    """Put the account's objects where an address names some."""
    kinds = {
        **dict.fromkeys(["video", "analyse", "fetch_again", "delete_video"], "video"),
        **dict.fromkeys(["label", "undo_label", "settle", "invite", "delete_set"], "set"),
        **dict.fromkeys(["open_set", "remove_annotator"], "set"),
        "use_model": "version",
        "give_up_training": "training",
        "revoke_token": "token",
        **dict.fromkeys(["import", "give_up_import"], "import"),
    }
    values: dict[str, Any] = {}
    for parameter in ADDRESSES[name]:
        if parameter in ("key", "pk"):
            kind = kinds.get(name, "analysis" if parameter == "key" else None)
            assert kind, f"say here what the number in the address {name!r} is of"
            values[parameter] = owned[kind].pk
        else:
            known = {"comment": owned["comment"].pk, "form": "csv", "secret": "none"}
            assert parameter in known, f"say here what {parameter!r} in the address {name!r} is"
            values[parameter] = known[parameter]
    return reverse(name, kwargs=values)
