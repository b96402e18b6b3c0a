"""``python -m roomtone``: the command line, where the script is not on the path."""

import sys

from roomtone.cli.main import main

sys.exit(main())
