"""From nothing to a running site."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from roomtone.errors import RoomtoneError
from roomtone.training.interrupt import Interruption
from roomtone_site.config.environment import PREFIX, Environment
from roomtone_site.config.local import use_local_settings
from roomtone_site.config.manage import SETTINGS
from roomtone_site.running.processes import Processes, Program

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PATIENCE = 60.0  # seconds until the first answer


@dataclass(frozen=True)
class SiteOptions:
    """How the site is run.

    Attributes
    ----------
    host, port : str, int
        Where it listens.
    web_workers, job_workers : int
        Processes that answer requests, and that do analyses.
    model : Path or None
        A model to put to use.
    user : str or None
        Name of the first account.
    sample : bool
        Whether the first account gets the sample video.
    prepare : bool
        Prepare alone, and start nothing.
    debug : bool
        Django's own server, which shows tracebacks and loads changed code again.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 1
    job_workers: int = 1
    model: Path | None = None
    user: str | None = None
    sample: bool = False
    prepare: bool = False
    debug: bool = False


def run_site(options: SiteOptions) -> int:
    """Prepare the site and run it until Ctrl-C, or until one of its processes ends.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    RoomtoneError
        If something that it needs is missing, taken or wrong.
    """
    if options.debug:
        os.environ[f"{PREFIX}DEBUG"] = "1"
    local = use_local_settings()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if options.host not in _LOOPBACK:
        if Environment(os.environ).debug:
            raise RoomtoneError(
                f"--host {options.host}: while debugging, pages show the site's inside to whoever "
                f"asks, and so to this machine alone; leave out --debug, and {PREFIX}DEBUG"
            )
        if local:
            raise RoomtoneError(
                f"--host {options.host}: a site that others reach needs {PREFIX}HOSTS and "
                f"{PREFIX}SECRET_KEY; docs/operate.md tells more"
            )
    if not options.prepare:
        _check_free(options.host, options.port)
    _prepare(options)
    if options.prepare:
        return 0
    with Interruption() as interruption:
        _run(options, lambda: interruption.requested)
    print("roomtone has stopped.")
    return 0


def _prepare(options: SiteOptions) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from roomtone_site.analysis.starting import start_analysis
    from roomtone_site.comments.sample import load_sample
    from roomtone_site.running.account import first_account
    from roomtone_site.running.model import prepare_model

    print(f"Preparing the site in {settings.SITE_FOLDER}")
    call_command("migrate", interactive=False, verbosity=0)
    if not options.debug:
        call_command("collectstatic", interactive=False, verbosity=0)
    account = first_account(options.user)
    prepare_model(options.model, print)
    if options.sample and account is not None:
        sample = load_sample(account)
        start_analysis(account, sample.video)
        print(f"{sample.comments:,} comments below {sample.video.title!r} are there to look at.")


def _run(options: SiteOptions, stop: Callable[[], bool]) -> None:
    host = f"[{options.host}]" if ":" in options.host else options.host
    address = f"http://{host}:{options.port}/"
    with Processes(_programs(options, f"{host}:{options.port}"), os.environ) as processes:
        deadline = time.monotonic() + _PATIENCE
        while not stop() and not _answers(f"{address}healthz"):
            processes.check()
            if time.monotonic() > deadline:
                raise RoomtoneError(f"{address} does not answer within {_PATIENCE:.0f} seconds")
            time.sleep(0.2)
        if not stop():
            print(f"roomtone is at {address}  (Ctrl-C stops it)")
        processes.watch(stop)
        print("Stopping ...")


def _programs(options: SiteOptions, address: str) -> list[Program]:
    manage = (sys.executable, "-m", "roomtone_site")
    granian = (
        *(sys.executable, "-m", "granian", "roomtone_site.config.wsgi:application"),
        *("--interface", "wsgi", "--no-ws", "--log-level", "error"),
        *("--host", options.host, "--port", str(options.port)),
        *("--workers", str(options.web_workers), "--respawn-failed-workers"),
        *("--blocking-threads", "4", "--backpressure", "64"),
    )
    web = (*manage, "runserver", address) if options.debug else granian
    worker = (*manage, "worker")
    jobs = [Program(f"worker {n + 1}", worker) for n in range(options.job_workers)]
    return [Program("web server", web), *jobs]


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise RoomtoneError(
                f"{host}:{port} cannot be listened on ({error.strerror or error}); choose another "
                "with --port"
            ) from None


def _answers(address: str) -> bool:
    from django.conf import settings

    name = settings.ALLOWED_HOSTS[0].removeprefix(".")
    request = Request(address, headers={"Host": name})
    try:
        with urlopen(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
