"""What every paper does on its way to a person."""

import hashlib
import json

from agreements.models import StaffMember
from agreements.standing import person_standing
from outbox.kinds import Withheld
from regions.clock import local_day

LEFT_AGENCY = "The person has left the agency for which this copy was made."


def basis_of(data):
    """A digest of what a document shows, all but the minute at which it was made."""
    shown = data | {"document": data["document"] | {"made_at": ""}}
    return hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()


def refuse_out_of_standing(delivery, *, zone, now):
    """Withhold a copy whose recipient is out of standing now, or left the agency it was for."""
    reasons = person_standing(delivery.recipient, local_day(now, zone)).reasons
    if reasons:
        raise Withheld(" ".join(reasons))
    places = StaffMember.objects.current().filter(user=delivery.recipient)
    if delivery.agency and not places.filter(agency=delivery.agency).exists():
        raise Withheld(LEFT_AGENCY)


def keep_what_went_out(delivery, pdf, shown):
    """Keep beside the delivery what its copy shows of whom, and the hash of the file."""
    delivery.disclosed = shown
    delivery.document_hash = hashlib.sha256(pdf).hexdigest()
    delivery.save(update_fields=["disclosed", "document_hash"])


def shown_in(rows):
    """How many participants a copy shows, and how many of them by name, for the audit."""
    return {
        "participants": len(rows),
        "by_name": sum(1 for each in rows if each["named"]),
    }
