"""Videos and their comments: storing, importing and exporting them."""
