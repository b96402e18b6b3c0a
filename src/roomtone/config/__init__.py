"""The typed configuration of a run: its schema, and the way from YAML and flags to it."""

from roomtone.config.checks import label_scheme
from roomtone.config.load import load_config, save_config, to_tree
from roomtone.config.schema import Config

__all__ = ["Config", "label_scheme", "load_config", "save_config", "to_tree"]
