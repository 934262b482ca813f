"""One module a resource type: what it asks, would change, predicts. Pure: no host, no clock, no disk."""
