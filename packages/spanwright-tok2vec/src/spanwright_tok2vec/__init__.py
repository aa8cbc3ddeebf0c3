"""Tok2Vec, HashEmbedCNN, Tok2VecListener and the component tok2vec."""
