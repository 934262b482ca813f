"""What runs: commands of a pipeline, functions, native programs, scopes, streams, errors on their way."""
