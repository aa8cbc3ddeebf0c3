"""Context encoders: MaxoutWindowEncoder, MishWindowEncoder, TorchBiLSTMEncoder."""
