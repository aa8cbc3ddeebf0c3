"""The Tagger architecture and the components tagger, morphologizer and senter."""
