"""How nbgrader comes to marks and feedback."""
