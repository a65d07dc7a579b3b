"""`manage.py make_continuum`: a new continuum (CoC) in this deployment."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from regions.services import add_continuum


class Command(BaseCommand):
    help = (
        "Make a continuum. There is no page for it, since nobody belongs to it yet; then let its "
        "first administrator in with invite_administrator."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--code", required=True, help="its HUD code, such as MN-502")
        parser.add_argument("--name", required=True, help="what it is called on every page")
        parser.add_argument(
            "--zone", required=True, help="its time zone by IANA name, such as America/Chicago"
        )
        parser.add_argument(
            "--notice",
            default="Confidential: for the named recipient only. Do not copy or forward.",
            help="the confidentiality notice on every list; a CE Specialist can change it",
        )
        parser.add_argument(
            "--no-agency-agreement",
            action="store_true",
            help="each person's own statement is enough, agencies sign nothing",
        )

    def handle(
        self,
        *args: object,
        code: str,
        name: str,
        zone: str,
        notice: str,
        no_agency_agreement: bool,
        **options: object,
    ) -> None:
        try:
            continuum = add_continuum(
                code=code,
                name=name,
                zone=zone,
                non_disclosure_words=notice.strip(),
                requires_agency_agreement=not no_agency_agreement,
                actor=None,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(
            f"{continuum.name} ({continuum.code}) is made. Next, let its administrator in:\n"
            f"  manage.py invite_administrator --continuum {continuum.code} --email … --name …"
        )
