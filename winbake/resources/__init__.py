"""One module a resource type: what it asks, what it would change, what it predicts. Pure: no host, no clock, no disk."""
