"""A report as blocks of text, tables and figures, whose numbers all stand in one tree of facts."""
