"""What is built from the bank, how a notebook file is read and written, and what must not leak."""
