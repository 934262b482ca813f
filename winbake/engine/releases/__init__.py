"""Which version of a tool is the newest: who is asked, what they answered and when."""
