"""Staging the events of coordinated entry: what was offered to whom, and how it ended."""

from collections.abc import Iterator

from participants.hmis.codes import Codes
from participants.hmis.reading import Dates, Export
from participants.hmis.staging import NULL, TAB, copy, day, is_key


def stage_events(export: Export, dates: Dates, table_of_codes: Codes) -> None:
    """Events of coordinated entry; `waits`: a referral to an opening that has no result yet."""
    optional = (
        *("EventID", "ProbSolDivRRResult", "ReferralCaseManageAfter"),
        *("LocationCrisisOrPHHousing", "ReferralResult", "ResultDate"),
    )

    def lines() -> Iterator[str]:
        table = export.table("Event", ("EnrollmentID", "EventDate", "Event"), optional)
        eid_at, at, kind_at = (table.at(name) for name in ("EnrollmentID", "EventDate", "Event"))
        for line, row in table.rows():
            eid, code = row[eid_at].strip(), row[kind_at].strip()
            key, prevented, managed, place, result, result_on = (
                table.get(row, column) for column in optional
            )
            on = day(table, dates, line, "EventDate", row[at], eid=eid)
            if not on or not is_key(eid):
                continue
            waits = code in table_of_codes.referrals and result not in ("1", "2", "3")
            numbers = (each if each.isdigit() else "" for each in (code, prevented, managed))
            ended = dates.or_none(result_on)
            yield (
                f"{eid}\t{on}\t{'t' if waits else 'f'}\t{key if is_key(key) else ''}\t"
                f"{TAB.join(numbers)}\t{place if is_key(place) else ''}\t"
                f"{result if result.isdigit() else ''}\t{ended.isoformat() if ended else NULL}\n"
            )

    if "Event" in export:
        copy("hmis_event", lines(), export)
