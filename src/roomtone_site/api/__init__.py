"""The interface for programs, and its tokens."""
