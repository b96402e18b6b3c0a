"""What an analysis is to do: how comments are fetched, and which are left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from roomtone.errors import DataError, nearest

MOST_COMMENTS = 1_000_000
FILTERS = ("spam", "duplicates", "unknown", "languages", "min_length", "max_length")
"""Options that say what is left out."""

_Length = Annotated[int, Field(ge=1, le=100_000)]
_Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class Options(BaseModel):
    """The options of an analysis, as its row stores them.

    Attributes
    ----------
    fetch : bool
        Get the comments from YouTube first.
    order : {"time", "relevance"}
        Which come first, and so which a limit leaves.
    replies : bool
        Also get every reply.
    limit : int or None
        The most comments to get.
    spam, duplicates, unknown : bool
        Leave out what advertises, what repeats an earlier comment, and that of which the model
        knows nothing, so that its answer says nothing of the comment.
    languages : tuple of str
        Leave out what is surely in another language than these; empty for no such filter.
    min_length, max_length : int or None
        Leave out shorter and longer texts, in characters.
    kept : tuple of int
        Comments that stay whatever the filters say.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    fetch: bool = False
    order: Literal["time", "relevance"] = "time"
    replies: bool = False
    limit: Annotated[int, Field(ge=1, le=MOST_COMMENTS)] | None = None
    spam: bool = True
    duplicates: bool = True
    unknown: bool = True
    languages: Annotated[tuple[_Language, ...], Field(max_length=20)] = ()
    min_length: _Length | None = None
    max_length: _Length | None = None
    kept: Annotated[tuple[int, ...], Field(max_length=10_000)] = ()

    @model_validator(mode="after")
    def _lengths_leave_something(self) -> Self:
        if self.min_length and self.max_length and self.min_length > self.max_length:
            raise ValueError("min_length is above max_length, which leaves no comment")
        return self

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Read options from a request, a form or a stored row.

        Raises
        ------
        DataError
            If any is unknown or has a value that it cannot have; names all of them.
        """
        try:
            return cls.model_validate(dict(given))
        except ValidationError as error:
            told = []
            for problem in error.errors():
                name = ".".join(map(str, problem["loc"])) or "options"
                if problem["type"] == "extra_forbidden":
                    told.append(f"unknown option {name!r}{nearest(name, cls.model_fields)}")
                else:
                    told.append(f"{name}: {problem['msg'].removeprefix('Value error, ')}")
            raise DataError("; ".join(told)) from None

    def stored(self) -> dict[str, Any]:
        """Return them as JSON can hold them."""
        return self.model_dump(mode="json")
