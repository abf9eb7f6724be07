"""What the assistant gets right, measured on questions written for this project: `make eval`."""
