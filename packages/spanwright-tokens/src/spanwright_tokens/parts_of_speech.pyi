IDS: dict[str, int]
NAMES: dict[int, str]

def __getattr__(name: str) -> int: ...
