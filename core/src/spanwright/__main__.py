"""`python -m spanwright`."""

import sys

from spanwright.cli import main

sys.exit(main())
