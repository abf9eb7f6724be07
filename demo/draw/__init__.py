"""Draws the demo shop's goods with Pillow: flat illustrations from paths and a small palette."""
