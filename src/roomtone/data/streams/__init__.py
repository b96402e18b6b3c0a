"""Tables of comments read and written a chunk at a time: CSV, JSON lines and Parquet."""

from roomtone.data.streams.chunks import Added, Chunk, ChunkSize, RowStream
from roomtone.data.streams.formats import (
    FORMATS,
    STANDARD,
    Format,
    Layout,
    check_unchanged,
    format_of,
    open_stream,
    open_writer,
)
from roomtone.data.streams.writers import RowWriter

__all__ = [
    "FORMATS",
    "STANDARD",
    "Added",
    "Chunk",
    "ChunkSize",
    "Format",
    "Layout",
    "RowStream",
    "RowWriter",
    "check_unchanged",
    "format_of",
    "open_stream",
    "open_writer",
]
