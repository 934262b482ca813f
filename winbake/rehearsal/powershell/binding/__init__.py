"""Parameter binding: one algorithm for cmdlets, functions, scripts and script blocks."""
