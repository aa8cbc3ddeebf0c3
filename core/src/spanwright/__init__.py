"""The wiring of Spanwright pipelines: registry, config, pipe protocol, listener and the nlp object."""
