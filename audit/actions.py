"""What can stand in the audit, in one list: each action has a slug and words for the page.

A room declares its actions at module level beside the service that records them, and records
the constant:

    PARTICIPANT_VIEWED = actions.register("participant.viewed", "Looked at a participant")
    …
    audit.services.record(PARTICIPANT_VIEWED, actor=user, …)

so that recording an action that nobody declared is an error at once.
"""

import re

_SLUG = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
_words: dict[str, str] = {}


def register(slug: str, words: str) -> str:
    """Add an action (`noun.verbed`) and return its slug. Twice with other words is an error."""
    if not _SLUG.fullmatch(slug) or len(slug) > 60:
        raise ValueError(f"“{slug}” is no action: write noun.verbed, at most 60 letters.")
    if _words.setdefault(slug, words) != words:
        raise ValueError(f"The action “{slug}” is declared already: “{_words[slug]}”.")
    return slug


def is_registered(slug: str) -> bool:
    return slug in _words


def words(slug: str) -> str:
    """Return the words of an action; of one that is no longer declared, its slug."""
    return _words.get(slug, slug)


def choices() -> list[tuple[str, str]]:
    """Return every action as (slug, words), by words."""
    return sorted(_words.items(), key=lambda choice: choice[1])


AUDIT_VIEWED = register("audit.viewed", "Looked at the audit")
AUDIT_EXPORTED = register("audit.exported", "Exported the audit")
REASONS_REMOVED = register("audit.reasons_removed", "Removed reasons with a de-identified record")
