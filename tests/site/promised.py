"""What the site promises: seconds on a quiet computer with two processors, and megabytes."""

MOST_SECONDS, MOST_SECONDS_AGAIN, MOST_READABLE = 10, 5, 2
"""To lesson 01's first picture, on the first visit and the second; and until its text is there."""
MOST_ON_THE_WIRE, MOST_ON_DISK = 22, 50
"""On the first visit, packed as hosts do; and without the book."""
