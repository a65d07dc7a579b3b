"""Who reads it when somebody answers one of our mails."""

from regions.models import Membership

# Mails between an agency's lead and the administrators; nothing of a call is in them.
OF_ADMINISTRATORS = {"agreements-notice"}


def specialists(message):
    """The addresses for Reply-To: the CE Specialists of the mail's continuum.

    Of notices about agreements its administrators. Never the recipient; nobody for mails that
    are about an account.
    """
    if message.continuum_id is None:
        return []
    if message.kind in OF_ADMINISTRATORS:
        members = Membership.objects.administrators_of(message.continuum_id)
    else:
        members = Membership.objects.specialists_of(message.continuum_id)
    found = members.order_by("user__email").values_list("user__email", flat=True)
    return [address for address in found if address.lower() != message.address.lower()][:3]
