"""Members of values: reading, writing, calling, indexing, overloads, type data."""
