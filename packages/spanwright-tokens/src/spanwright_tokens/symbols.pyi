NAMES: list[str]
IDS: dict[str, int]

def __getattr__(name: str) -> int: ...
