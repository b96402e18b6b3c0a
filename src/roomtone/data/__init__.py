"""From files to examples: reading, auditing, encoding and batching labelled comments."""
