"""Machines to configure and the ways to reach them: connections, the agent's session, the layered probe.

A host never knows what a resource is; it runs a command line, carries bytes in and out, and says in words
what went wrong.
"""
