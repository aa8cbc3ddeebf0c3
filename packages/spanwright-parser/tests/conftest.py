"""Lets the tests of this folder import the modules beside it, which the import mode of the workspace does not."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
