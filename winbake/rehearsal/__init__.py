"""The rehearsal: simulated Windows hosts behind real protocols. Knows nothing of the rooms above the wire."""
