"""How fast the assistant answers: `make bench`."""
