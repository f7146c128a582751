"""Servers that stand in for those that run at their maker's alone; each says so in its `kind`.

What one does not know, it refuses, and its docstring says what it leaves out.
"""
