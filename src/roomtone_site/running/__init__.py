"""Running the site with one command: prepared, then a web server and workers until Ctrl-C."""

from roomtone_site.running.site import SiteOptions, run_site

__all__ = ["SiteOptions", "run_site"]
