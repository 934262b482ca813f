"""The members that scripts see of the engine's own objects, a module a topic."""
