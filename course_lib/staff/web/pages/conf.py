"""Sphinx's settings for the book; nothing in it asks another address."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Synchronous and asynchronous systems"
author = "the maintainers of the course"
copyright = f"{author}; text and pictures under CC BY 4.0, code under BSD 3-Clause"
extensions = ["myst_nb", "formulas"]
html_math_renderer = "mathml"
exclude_patterns = ["made"]
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # a page shows a widget's still form
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
myst_heading_anchors = 4  # links inside of a lesson
myst_heading_slug_func = "slugs.slug"  # by its name: Sphinx keeps its settings in a file
myst_enable_extensions = ["dollarmath", "html_image"]
myst_links_external_new_tab = False
suppress_warnings = ["mystnb.unknown_mime_type", "mystnb.mime_priority", "myst.xref_missing"]
html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["course.css", "print.css", "print.js"]
html_css_files = ["course.css", "print.css"]
html_js_files = ["print.js"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "home_page_in_toc": True,
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "use_download_button": False,
}
