from typing import Any

from .lexemes import LexemeTable
from .strings import TextTable

class Arena:
    @property
    def texts(self) -> TextTable: ...
    @property
    def lexemes(self) -> LexemeTable: ...
    @property
    def chunks(self) -> dict[Any, Any]: ...
