"""What the web site is made of: Python for the browser, JupyterLite, the notebooks, the book."""
