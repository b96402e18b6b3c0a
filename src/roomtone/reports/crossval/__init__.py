"""The report of cross-validations."""
