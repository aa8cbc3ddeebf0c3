"""Looking for faults in training data: figures, and what they mean for each component."""
