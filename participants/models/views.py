"""What people keep of how they look at the by-name list."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import User
from regions.models import Continuum
from vault.fields import EncryptedTextField


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own, and those shared with one's continuum."""
        membership = getattr(user, "membership", None)
        if membership is None or membership.is_guest:
            return self.none()
        mine = self.filter(continuum=membership.continuum_id)
        return mine.filter(Q(owner=user) | Q(is_shared=True))


class SavedView(models.Model):
    """Filters, order and columns of the by-name list under a name.

    A query of choices, and no household: whoever opens it sees what they may see at that moment.
    Its name is to name nobody; somebody may write one all the same, so it is sealed, and cleaned
    for whoever reads it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    continuum = models.ForeignKey(Continuum, models.PROTECT, related_name="saved_views")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = EncryptedTextField(max_length=60)
    is_shared = models.BooleanField("shared with the whole CoC", default=False)
    query = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        permissions = [
            ("keep_view", "Keep views of the by-name list"),
            ("share_view", "Share a view with the whole CoC"),
            ("export_list", "Export the by-name list"),
        ]

    def __str__(self) -> str:
        return str(self.name)
