"""Tokenizer rules, stop words and noun chunks for English, French, German and Spanish."""
