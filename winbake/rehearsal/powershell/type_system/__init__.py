"""The .NET types that a script can name: tables, names, interfaces."""
