"""`manage.py invite_administrator`: lets the first administrator of a continuum in."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from agreements.services.team import invite_to_team
from regions.models import Continuum


class Command(BaseCommand):
    help = (
        "Invite an administrator of a continuum by mail. For the first start: afterward "
        "administrators invite each other on the page “People of the CoC”."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--continuum", required=True, help="its HUD code, such as MN-502")
        parser.add_argument("--email", required=True, help="the address they sign in with")
        parser.add_argument("--name", required=True, help="the person's name")

    def handle(
        self, *args: object, continuum: str, email: str, name: str, **options: object
    ) -> None:
        found = Continuum.objects.filter(code=continuum).first()
        if found is None:
            known = ", ".join(Continuum.objects.values_list("code", flat=True))
            raise CommandError(
                f"There is no continuum {continuum}. "
                + (f"There are: {known}." if known else "There is none yet.")
            )
        if not name.strip():
            raise CommandError("--name is empty: give the person's name.")
        try:
            validate_email(email.strip())
            membership = invite_to_team(
                found,
                actor=None,
                email=email,
                name=name,
                is_specialist=False,
                is_administrator=True,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(
            f"{membership.user.name} is administrator of {found.name}; a mail to "
            f"{membership.user.email} is on its way."
        )
