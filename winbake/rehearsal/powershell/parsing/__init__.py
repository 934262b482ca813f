"""The parser of Windows PowerShell 5.1, by room: tokens in a row, types and attributes, expressions, pipelines,
statements, definitions, and the checks made once the tree stands."""
