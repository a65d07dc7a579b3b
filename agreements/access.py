"""Who may open a page about participants at all."""

from django.core.exceptions import PermissionDenied

from regions.middleware import ContinuumRequest

from .models import StaffMember
from .standing import person_standing


def refuse_without_standing(request: ContinuumRequest) -> None:
    """403 with the reasons in words for somebody who may see nothing of participants."""
    if request.continuum is None:
        raise PermissionDenied("Your account belongs to no continuum.")
    membership = request.user.membership
    place = StaffMember.objects.current().filter(user=request.user).exists()
    if not place and not membership.is_specialist:
        raise PermissionDenied("Administrators see nothing of participants.")
    reasons = person_standing(request.user, request.today).reasons
    if reasons:
        raise PermissionDenied(" ".join(reasons))
    request.sees_participants = True
