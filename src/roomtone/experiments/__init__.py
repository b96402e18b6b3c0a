"""Experiments on labelled texts: cross-validation, and what is built on it."""
