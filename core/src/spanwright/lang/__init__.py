"""Language-neutral rules, and the modules under which the languages' own data is found."""

import sys

from ._missing import LastFinder

sys.meta_path.append(LastFinder(__name__))
