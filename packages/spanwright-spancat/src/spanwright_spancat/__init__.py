"""Span categories: networks, suggesters, and the components spancat, spancat_singlelabel and span_finder."""
