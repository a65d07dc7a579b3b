"""`manage.py import_hmis PATH --continuum MN-502`: HMIS CSV into the by-name list."""

from datetime import date, datetime
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.core.management import CommandParser
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from agreements.models import Agency
from participants.hmis import services
from participants.hmis.archives import Files, ImportRefused, open_path
from participants.hmis.projects import WHY, Choice, change_projects, sync_projects
from participants.hmis.reading import Export, Refusals
from participants.models import HmisImport, HmisProject
from regions.models import Continuum, Region

Found = TypeVar("Found", bound=Model)
Options = dict[str, Any]  # as the parser read them


class Command(BaseCommand):
    help = (
        "Import an export in HUD's HMIS CSV format (FY2024, FY2026) into the by-name list. Exit "
        "codes: 0 done, 1 refused, 2 stopped because something is unusual (see --accept)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", help="the zip, or the folder with the files")
        parser.add_argument("--continuum", required=True, help="HUD code, for example MN-502")
        parser.add_argument("--dry-run", action="store_true", help="only say what it would do")
        parser.add_argument("--as-of", type=date.fromisoformat, help="YYYY-MM-DD")
        parser.add_argument("--actor", help="email address of the person who answers for it")
        parser.add_argument("--projects", help="ProjectIDs that make a place, comma-separated")
        parser.add_argument("--region", help="region of projects that have none yet")
        parser.add_argument("--agency", help="agency of projects that have none yet")
        parser.add_argument(
            "--accept", action="store_true", help="go on although something is unusual"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # as of any command
        now = timezone.now()
        continuum = self.one(Continuum, code=options["continuum"])
        actor = self.one(User, email=options["actor"]) if options["actor"] else None
        try:
            files = open_path(options["path"])
            try:
                former = self.decide(continuum, files, options, actor, now)
                try:
                    hmis_import = services.start_import(
                        continuum, files=[], actor=actor, now=now, as_of=options["as_of"]
                    )
                    self.read(hmis_import, files, now)
                finally:
                    if options["dry_run"]:
                        change_projects(continuum, choices=former, actor=actor, now=now)
            finally:
                files.close()
        except ImportRefused as refused:
            raise CommandError(f"Refused: {refused}") from refused
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.finish(hmis_import, options, actor, now)

    def one(self, model: type[Found], **values: object) -> Found:
        found = model._default_manager.filter(**values).first()
        if found is None:
            name, value = list(values.items())[-1]
            raise CommandError(f"There is no {model._meta.verbose_name} with {name} {value}.")
        return found

    def decide(
        self,
        continuum: Continuum,
        files: Files,
        options: Options,
        actor: User | None,
        now: datetime,
    ) -> dict[str, Choice]:
        """Keep the choice of projects that the options make; return what was chosen before."""
        if not any(options[name] for name in ("projects", "region", "agency")):
            return {}
        projects, _codes = sync_projects(Export(files, Refusals()), continuum)
        asked = [key.strip() for key in (options["projects"] or "").split(",") if key.strip()]
        unknown = sorted(set(asked) - set(projects))
        if unknown:
            raise CommandError(f"The export has no project {', '.join(unknown)}.")
        region = options["region"] and self.one(Region, continuum=continuum, name=options["region"])
        agency = options["agency"] and self.one(Agency, continuum=continuum, name=options["agency"])
        choices: dict[str, Choice] = {}
        former: dict[str, Choice] = {}
        for key, project in projects.items():
            wanted: Choice = {"is_listed": True} if key in asked else {}
            if region and not project.region_id:
                wanted["region"] = region
            if agency and not project.agency_id:
                wanted["agency"] = agency
            if wanted and not project.is_refused:
                choices[key] = wanted
                before = {name: getattr(project, name) for name in wanted}
                former[key] = cast(Choice, before)  # by the same names
        change_projects(continuum, choices=choices, actor=actor, now=now)
        return former

    def read(self, hmis_import: HmisImport, files: Files, now: datetime) -> None:
        hmis_import.state = HmisImport.State.READING
        hmis_import.save()
        try:
            services.read_files(hmis_import, files, now=now)
        except BaseException as error:
            is_known = isinstance(error, ImportRefused)
            services.fail(hmis_import, str(error) if is_known else "The command was interrupted.")
            raise

    def finish(
        self, hmis_import: HmisImport, options: Options, actor: User | None, now: datetime
    ) -> None:
        self.say(hmis_import)
        projects = HmisProject.objects.filter(continuum=hmis_import.continuum)
        if not projects.filter(is_listed=True).exists():
            services.discard_import(hmis_import, actor=actor, now=now)
            keys = ", ".join(f"{each.key} ({each})" for each in projects.filter(is_refused=False))
            raise CommandError(
                "Nothing was imported: no project puts its households on the list yet. Choose "
                "with --projects, or on the Import page. The export has: "
                f"{keys or 'none to choose'}."
            )
        if options["dry_run"]:
            services.discard_import(hmis_import, actor=actor, now=now)
            self.stdout.write("Dry run: nothing was changed.")
            return
        if hmis_import.stops and not options["accept"]:
            services.discard_import(hmis_import, actor=actor, now=now)
            raise CommandError(
                "Stopped, nothing was changed. If this is right, run it again with --accept.",
                returncode=2,
            )
        services.confirm_import(
            hmis_import, accepts=options["accept"], actor=actor, now=now, is_queued=False
        )
        hmis_import.refresh_from_db()
        with transaction.atomic():
            done = services.apply_confirmed(hmis_import, now=timezone.now())
        if done.state == HmisImport.State.SAME:
            self.stdout.write("Applied: there was nothing to change.")
            return
        if done.state != HmisImport.State.APPLIED:
            services.discard_import(done, actor=actor, now=now)
            raise CommandError(f"Refused, nothing was changed: {done.failure}")
        words = ", ".join(f"{number} {name}" for name, number in done.counts["done"].items())
        self.stdout.write(f"Applied: {words.replace('_', ' ')}.")

    def say(self, hmis_import: HmisImport) -> None:
        counts = hmis_import.counts
        if counts.get("is_same"):
            self.stdout.write("The very export that was applied last: nothing changes.")
        self.stdout.write(
            f"As of {hmis_import.as_of}. Households: {counts['new']} new, "
            f"{counts['changed']} changed, {counts['unchanged']} unchanged, "
            f"{counts['absent']} absent, {counts['duplicate']} possible duplicates, "
            f"{counts.get('housed', 0)} perhaps housed, "
            f"{counts['refused']} rows not imported or doubtful."
        )
        why = counts.get("why_refused", {})
        for name, number in counts["refused_projects"].items():
            self.stdout.write(
                f"Not imported, {why.get(name, WHY['1'])}: {name} ({number} enrollments)."
            )
        for key, number in counts["unplaced"].items():
            self.stdout.write(
                f"Project {key}: {number} new households wait for its region and agency "
                "(--region, --agency, or the Import page)."
            )
        for refusal in hmis_import.refusals.all()[:20]:
            where = f"{refusal.file_name} line {refusal.line}, {refusal.column}".rstrip(", ")
            shape = f" “{refusal.shape}”" if refusal.shape else ""
            ids = f" ({refusal.ids})" if refusal.ids else ""
            self.stdout.write(f"  {where}{shape}: {refusal.problem} {refusal.remedy}{ids}")
        for stop in hmis_import.stops:
            self.stdout.write(self.style.WARNING(f"Unusual: {stop}"))
