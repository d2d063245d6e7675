"""Leaving out of a bundle what no function needs: rules as data, and what they take away."""
