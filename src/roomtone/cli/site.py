"""`roomtone site`: the site on this machine, with one command."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "run the site: videos, comments, analyses and labelling in a browser"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: 127.0.0.1)")
    parser.add_argument(
        "--port", type=int, default=8000, metavar="N", help="where to listen (default: 8000)"
    )
    parser.add_argument(
        "--web_workers", type=int, default=1, metavar="N", help="processes for requests"
    )
    parser.add_argument(
        "--job_workers", type=int, default=1, metavar="N", help="processes for analyses"
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FOLDER",
        help="a saved engine or a finished run to put to use (default: the model in use; at first "
        "a logistic regression, fitted to the demo's corpus)",
    )
    parser.add_argument(
        "--user",
        metavar="NAME",
        help="make the first account without questions; its password is "
        "$DJANGO_SUPERUSER_PASSWORD, or one that is drawn and shown once",
    )
    parser.add_argument(
        "--sample", action="store_true", help="give the first account a sample video"
    )
    parser.add_argument("--prepare", action="store_true", help="prepare the site, start nothing")
    parser.add_argument(
        "--debug", action="store_true", help="while developing: Django's own server, tracebacks"
    )


def run(args: argparse.Namespace) -> int:
    """Prepare the site and run it until Ctrl-C.

    Raises
    ------
    RoomtoneError
        If something that the site needs is missing, taken or wrong.
    """
    from roomtone.errors import require

    require("django", extra="site", purpose="The site")
    # By its name: the library knows nothing of the site, which is built on it.
    site = require("roomtone_site.running", extra="site", purpose="The site")
    code: int = site.run_site(site.SiteOptions(**vars(args)))
    return code
