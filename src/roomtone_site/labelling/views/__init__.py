"""Pages of labelling, and of the models that come of it."""
