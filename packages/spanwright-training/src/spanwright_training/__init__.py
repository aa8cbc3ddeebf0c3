"""Training from a config file: corpora, batchers, augmenters, loggers, the loop, and the commands around it."""
