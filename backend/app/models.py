"""Doorway: the real home is `roomtone_site.comments.models`."""

from roomtone_site.comments.models import YouTubeComment, YouTubeVideo

__all__ = ["YouTubeComment", "YouTubeVideo"]
