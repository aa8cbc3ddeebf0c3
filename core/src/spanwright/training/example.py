"""Example and the checks of examples, at the place where programs also look for them."""

from . import Example, validate_examples, validate_get_examples

__all__ = ["Example", "validate_examples", "validate_get_examples"]
