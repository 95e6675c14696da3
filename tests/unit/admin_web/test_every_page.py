"""Every template that is a page is looked at by a browser (`tests.web`), and every address stays its owner's."""

from __future__ import annotations

from pathlib import Path

from tests.web import pages

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = ROOT / "admin_web" / "templates"


def _templates() -> set[str]:
    """Return the templates that are pages, not parts of pages."""
    return {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if path.name != "layout.html" and path.read_text(encoding="utf-8").lstrip().startswith(("{% extends", "<!doctype"))
    }


def test_every_page_is_looked_at_by_a_browser() -> None:
    own = {
        *pages.OF_STRANGERS, *pages.OF_USERS, *pages.OF_ADMINISTRATORS, *pages.OF_STAFF, *pages.OF_SUPPORT,
        *pages.ON_THE_WAY,
    }  # fmt: skip
    assert _templates() - own - pages.IN_STORIES.keys() == set()
    assert (own | pages.IN_STORIES.keys()) - _templates() == set()


def test_a_story_that_is_said_to_look_at_a_page_does_so() -> None:
    for name in set(pages.IN_STORIES.values()):
        story = (ROOT / "tests" / "web" / name).read_text(encoding="utf-8")
        assert "require_no_barriers()" in story, name
