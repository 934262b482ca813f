"""Verification: a second look at a baked host, by other scripts and other code than the planner's."""
