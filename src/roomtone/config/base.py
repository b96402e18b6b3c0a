"""What every section of the configuration shares: frozen, typed, and closed to unknown keys."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, model_validator

Int = Annotated[int, Strict()]
Float = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Bool = Annotated[bool, Strict()]
Text = Annotated[str, Strict()]
Positive = Annotated[Int, Field(ge=1)]
Share = Annotated[Float, Field(ge=0, lt=1)]


def _as_list(value: Any) -> Any:
    """Let a single value stand for a list of one; anything else goes on to the type check."""
    return value if isinstance(value, list | tuple) else [value]


Positives = Annotated[tuple[Positive, ...], BeforeValidator(_as_list)]
Shares = Annotated[tuple[Share, ...], BeforeValidator(_as_list)]
Names = Annotated[tuple[Text, ...], BeforeValidator(_as_list)]


class Section(BaseModel):
    """A group of keys. Each key's docstring is its entry in the configuration reference."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=False
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_section(cls, value: Any) -> Any:
        """Read a section whose keys are all commented out (YAML gives null) as the defaults."""
        return {} if value is None else value
