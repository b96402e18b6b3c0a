"""`manage.py install_model`: give the site a model that every account may use."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from roomtone.errors import RoomtoneError


class Command(BaseCommand):
    """Install a saved engine, or train the default one."""

    help = (
        "Install a saved model for all accounts and put it to use; without FOLDER a small one is "
        "trained on the corpus of the demo."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("folder", nargs="?", type=Path, help="of an engine that was saved")
        parser.add_argument("--name", help="what pages call it (default: the engine's own name)")
        parser.add_argument(
            "--keep-present",
            action="store_true",
            help="do not put it to use in the present one's place",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Install it."""
        from roomtone.engines import load_engine
        from roomtone_site.analysis.default_model import train_default
        from roomtone_site.analysis.versions import install

        try:
            if options["folder"] is None:
                corpus = Path(settings.SITE_FOLDER) / "corpus"
                version = train_default(corpus, say=self.stdout.write)
            else:
                engine = load_engine(options["folder"])
                use = not options["keep_present"]
                version = install(engine, options["name"] or engine.name, use=use)
        except RoomtoneError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Installed {version}{', and put it to use' if version.active else ''}.")
