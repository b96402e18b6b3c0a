"""``python -m roomtone_site COMMAND``: Django's commands where there is no ``manage.py``."""

import sys

from roomtone_site.config.manage import main

if __name__ == "__main__":
    sys.exit(main(["python -m roomtone_site", *sys.argv[1:]]))
