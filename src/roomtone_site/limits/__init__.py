"""How often something may be done in a while, counted over all processes of the site."""
