"""Texts that would do harm wherever one of them is taken for more than a text."""

from __future__ import annotations

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
FORMULAS = ("=1+1", "+1+1", "-1-1", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0")
