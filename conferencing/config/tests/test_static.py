import re

from django.conf import settings
from django.contrib.staticfiles import finders


def test_static_files_that_templates_name_are_there():
    """In production a missing one is an error page, not only a missing picture."""
    named = {
        (match[1], template.name)
        for template in settings.BASE_DIR.glob("templates/**/*.html")
        for match in re.finditer(r"""{%\s*static\s+["']([^"']+)["']""", template.read_text())
    }
    assert len(named) > 3
    assert [pair for pair in sorted(named) if finders.find(pair[0]) is None] == []
