"""Keeps the signature of the chain's head on the newest key."""

from django.db import transaction

from audit.models import ChainHead
from audit.services import lock_chain
from vault import keys
from vault.rotation import Counts


def count_signatures() -> Counts:
    """Return which key signed the chain's head."""
    head = ChainHead.objects.first()
    if head is None or not head.signature:
        return {}
    return {keys.key_id_of(bytes(head.signature)): 1}


@transaction.atomic
def sign_again(batch: int) -> int:
    """Sign the head with the newest key, if the signature it has holds; return how many (0, 1)."""
    lock_chain()
    head = ChainHead.objects.first()
    if head is None or not head.is_signed or bytes(head.signature) == keys.sign(head.message):
        return 0
    head.signature = keys.sign(head.message)
    head.save()
    return 1
