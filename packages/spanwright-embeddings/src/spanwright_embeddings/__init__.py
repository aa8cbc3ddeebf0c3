"""Embedding architectures: FeatureExtractor, MultiHashEmbed, CharacterEmbed, StaticVectors."""
