"""Analyses of videos by engines, and the versions of those engines."""
