"""LanguagePrimitives' conversions, by kind: numbers, text, enums, collections, objects. Use convert.py."""
