"""How headings are called in links."""


def slug(title: str) -> str:
    """As JupyterLab calls them, so that the lessons' links lead there in the book, too."""
    return title.replace(" ", "-")
