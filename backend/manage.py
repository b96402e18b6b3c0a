"""Django's doorway: the real home is `roomtone_site.config.manage`."""

import sys

from roomtone_site.config.manage import main

if __name__ == "__main__":
    sys.exit(main())
