"""Small asyncio programs that the lessons run, one file a situation."""
