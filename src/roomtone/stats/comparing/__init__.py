"""Tests that :func:`roomtone.stats.choosing.compare` chooses from, each held to its paper."""
