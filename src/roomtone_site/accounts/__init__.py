"""Accounts: signing up, logging in and out, and leaving with one's data."""
