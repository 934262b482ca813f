"""winbake: bake a Windows teaching image from one YAML manifest."""

__version__ = "0.1.0"
