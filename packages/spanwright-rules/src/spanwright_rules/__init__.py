"""Components that follow rules and tables: attribute_ruler, lemmatizer, sentencizer, rulers, and others."""
