"""Draws screenshots of orders as phone shop apps show them."""
