"""Draws "photos" of goods that arrived broken, stained, wrong or incomplete."""
