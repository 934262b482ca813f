"""From the syntax tree to Python closures: each node is compiled once, and run with a frame.

An expression becomes `f(frame) -> value`, a statement `f(frame, out) -> None`, where `out` takes each object that
the statement writes.
"""
