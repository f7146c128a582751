"""What a class answered, and what that says about the class and the questions."""
