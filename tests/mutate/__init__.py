"""Would the tests notice? A module with one small mistake in it, hundreds of times."""
