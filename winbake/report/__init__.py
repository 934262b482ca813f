"""What is handed out and read on paper. Knows the manifest's models, and neither AWS nor hosts."""
