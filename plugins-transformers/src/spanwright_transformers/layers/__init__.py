"""The layers that the architectures are made of."""
