"""Any scene of the course as one HTML file: for slides, for a link, for a talk without a network.

    share(film(main), "deadlock.html")
    share(EmailScene(mails=4, workers=2), "four_mails.html", title="Four e-mails")

The file asks nobody for anything. What a scene can do only with a kernel it says it cannot do here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..page import render
from .live import LiveWidget


def share(scene: LiveWidget, path: str | Path, *, title: str = "A scene of the course") -> Path:
    """Write a scene, as it is set, as one HTML file that needs no kernel and no network.

    Raises TypeError for what is no scene, and OSError where the file cannot be written.
    """
    if not isinstance(scene, LiveWidget):
        raise TypeError(
            f"share takes a scene, like film(main) or EmailScene(); this is of type "
            f"{type(scene).__name__}"
        )
    path = Path(path)
    path.write_text(page(scene, title), encoding="utf-8", errors="backslashreplace")
    return path


def page(scene: LiveWidget, title: str) -> str:
    """The file's text."""
    state = {name: value for name, value in scene.get_state().items() if not name.startswith("_")}
    state.pop("layout", None)
    return render(
        "shared.html",
        title=title,
        styles=str(scene._css),
        still=scene.still(),
        state=_script(state),
        code=_script(str(scene._esm)),
    )


def _script(value: Any) -> str:
    """JSON inside a script, which a `<` could end."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
