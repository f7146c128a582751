"""Servers that stand in for those that run at their maker's alone; each says so in its `kind`."""
