"""What authors run: proof that an exercise's checks are worth something."""
