"""The data of Spanwright pipelines: vocabulary, Doc, tokenizer and matchers."""
