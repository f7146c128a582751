"""What students play with: widgets that run in the browser and hold real runs of the course."""
