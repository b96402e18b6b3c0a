"""How the site is set up: settings from the environment, addresses, and its two doors."""
