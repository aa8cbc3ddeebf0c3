"""Lets the tests of this folder import the modules beside it, which the import mode of the workspace does not.

Hypothesis sets no time limits: the tests also run under sanitizers, and on machines with other work.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
