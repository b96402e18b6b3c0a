"""Commands of the analyses."""
