"""The demo shop: a catalogue written for this project and the scripts that make a whole shop of it."""
