"""A mail that came back from its recipient's mail server: the CE Specialists are told."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from conferencing.models import PrepListDelivery
from outbox.models import Message
from outbox.services import queue_mail
from regions.models import Continuum, Membership

KIND = "mail-returned"


def tell_specialists(message: Message, now: datetime) -> None:
    """Say to the CE Specialists whose mail came back and why; once for each mail."""
    if message.continuum_id is None or message.kind == KIND:
        return
    continuum = Continuum.objects.get(pk=message.continuum_id)
    who = message.user.name if message.user else "A recipient"
    subject = f"Email to {who} came back"
    context = {
        "continuum": continuum,
        "subject": subject,
        "lines": [
            f"An email to {who} could not be delivered: “{message.subject}”.",
            f"Their mail server said: {message.returned_words}",
            "Check the address with them. Once it is right, send the email again.",
        ],
        "label": "See what was sent",
        "url": settings.SITE_URL + _where(message),
        "reason": "You get this because you are a CE Specialist.",
    }
    for membership in Membership.objects.specialists_of(continuum).select_related("user"):
        queue_mail(
            kind=KIND,
            address=membership.user.email,
            user=membership.user,
            subject=subject,
            text=render_to_string(
                "emails/call_notice.txt", context | {"name": membership.user.name}
            ).strip()
            + "\n",
            html=render_to_string(
                "emails/call_notice.html", context | {"name": membership.user.name}
            ),
            dedupe_key=f"returned:{message.pk}:{membership.user_id}",
            continuum_id=continuum.pk,
            about_id=message.pk,
            now=now,
        )


def _where(message: Message) -> str:
    delivery = PrepListDelivery.objects.filter(message=message).select_related("prep_list").first()
    if delivery is not None:
        return reverse("conferencing:list_detail", args=[delivery.prep_list.meeting_id])
    return reverse("conferencing:meeting_list")


# Mails between an agency's lead and the administrators; nothing of a call is in them.
OF_ADMINISTRATORS = {"agreements-notice"}


def specialists(message: Message) -> list[str]:
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
