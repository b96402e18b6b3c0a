"""Label sets: comments that people label, and what they agree on."""
