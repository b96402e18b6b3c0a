"""Sentiment models for comments: train, compare, explain and serve."""
