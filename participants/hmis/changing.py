"""What an import changes of a household on file; what was there before is noted for an undo."""

from datetime import date

from participants.aliases import gives_away
from participants.former_heads import note_former_head
from participants.hmis.kept import Former, Said, Value, day_of
from participants.hmis.said import typed
from participants.models import HeadChange, ListPlace, LivingSituation, Participant, Release
from participants.models.places import FLOW_TO_STATUS
from participants.services.aliases import give_aliases

from .comparing import FIELDS, PERSON, column_of
from .drafting import Drafting, Flow


class Changing(Drafting):
    """Households on file, brought to what an import says; `former` holds what they were."""

    def change_head(self, person: Participant, said: Said, former: Former) -> None:
        """Another person heads the household: an event on its line. Releases are asked about."""
        left = {each["hmis_id"]: each["to"] for each in said.get("members") or []}
        left_on = day_of(left.get(person.hmis_id)) or self.as_of
        # Nobody ceased to head it before they did: by days it is found later who headed it when.
        day = max([left_on, *person.head_changes.values_list("on", flat=True)])
        on = day.isoformat()
        made = HeadChange.objects.create(
            participant=person, on=day, reason=self.reason, by=self.actor
        )
        held = list(person.releases.of_present_head().values_list("pk", flat=True))
        former["head"] = {
            "hmis_id": person.hmis_id,
            "change": str(made.pk),
            "on": on,
            "releases": [str(key) for key in held],
        }
        note_former_head(person, made, releases=held)
        Release.objects.filter(pk__in=held).update(is_by_former_head=True)

    def change_person(
        self, person: Participant, updates: dict[str, Value], former: Former, hmis_id: str | None
    ) -> None:
        fields = set()
        for name in FIELDS:
            if name in updates:
                setattr(person, column_of(name), typed(name, updates[name]))
                fields.add(column_of(name))
        if "name" in updates:
            # Nobody typed it: whoever typed the former one does not know this one.
            former["named_by"] = str(person.named_by_id) if person.named_by_id else None
            person.named_by = None
            fields.add("named_by")
        if "where" in updates:
            person.region_id, person.county_id = self.where(updates["where"])
            fields |= {"region", "county"}
        if hmis_id:
            person.hmis_id = hmis_id
            fields |= {"hmis_id", "hmis_id_index"}
        if fields & set(PERSON):
            fields.add("identity_index")
            if gives_away(person.alias, person.name or ""):
                former["alias"] = person.alias
                give_aliases(self.continuum, [person])
                former["alias_given"] = person.alias
                fields.add("alias")
        if "stay" in updates:
            stay = self.stay_of(person, updates["stay"])
            stay.save(force_insert=True)
            former["stay"] = str(stay.pk)
            former["is_unsheltered"] = person.is_unsheltered
            person.is_unsheltered = stay.kind == LivingSituation.Kind.UNSHELTERED
            fields.add("is_unsheltered")
        if fields:
            person.save(update_fields=[*fields, "changed_at"])
        former["set"] = {name: updates[name] for name in former["fields"]}

    def change_place(self, person: Participant, updates: dict[str, Value], former: Former) -> None:
        place = getattr(person, "place", None)
        if not {"place", "listed_on"} & set(updates):
            return
        former["place"] = place and [
            place.status,
            place.status_on.isoformat(),
            place.listed_on.isoformat(),
        ]
        if "listed_on" in updates and place:
            place.listed_on = date.fromisoformat(updates["listed_on"])
        if "place" in updates:
            flow, on = Flow(updates["place"][0]), date.fromisoformat(updates["place"][1])
            place = place or ListPlace(participant=person, listed_on=on)
            place.status, place.status_on = FLOW_TO_STATUS[flow], on
            move = self.move_of(person, flow, on)
            move.save(force_insert=True)
            former["move"] = str(move.pk)
        if place:
            place.save()
