"""What the instructor writes, as typed models: manifest, lock, inventory, playbooks and roles, templates."""
