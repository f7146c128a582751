"""What only instructors and maintainers need. No lesson imports it."""
