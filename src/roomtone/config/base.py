"""What every section of the configuration shares: frozen, typed, and closed to unknown keys."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, model_validator

Int = Annotated[int, Strict()]
Float = Annotated[float, Strict(), Field(allow_inf_nan=False)]
_WORDS = {"yes": True, "on": True, "no": False, "off": False}
Text = Annotated[str, Strict()]
Positive = Annotated[Int, Field(ge=1)]
Share = Annotated[Float, Field(ge=0, lt=1)]


def _as_bool(value: Any) -> Any:
    """Let `yes` and `no`, `on` and `off` stand for true and false."""
    return _WORDS.get(value.lower(), value) if isinstance(value, str) else value


def _as_list(value: Any) -> Any:
    """Let a single value stand for a list of one; anything else goes on to the type check."""
    return value if isinstance(value, list | tuple) else [value]


Bool = Annotated[bool, Strict(), BeforeValidator(_as_bool)]
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
    def _as_written(cls, value: Any) -> Any:
        """Read a section whose keys are all commented out (YAML gives null) as the defaults.

        Keys become texts, so that a number in the place of a key is reported as an unknown key.
        """
        if isinstance(value, dict):
            return {str(key): item for key, item in value.items()}
        return {} if value is None else value
