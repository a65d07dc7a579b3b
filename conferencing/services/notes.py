"""What is written of a household during the call: one accepted save after another.

A save is accepted only on the revision it was made from; otherwise the writer is shown what
stands there now, and decides. Every accepted revision stays in the history.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import partial
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef

from agreements.models import StaffMember
from agreements.standing import in_standing_now
from conferencing.barriers import LONGEST_BARRIER, MOST_BARRIERS
from conferencing.careful_words import hints
from conferencing.models import MeetingUserObjectPermission, Review
from participants.naming import label_for
from participants.own_words import at_revision, brings_names, listed, note_edited
from participants.redaction import WITHHELD
from participants.typed_over import put_back_over, taken_over_whole, written
from participants.typed_words import Typed

from .followers import IS_CLOSED, tell_followers
from .last_review import SAID, is_news, last_reviews, whereabouts
from .prepared import prework_for
from .prework import words_of

TEXTS = {
    "location_words": 500,
    "preferences": 4000,
    "safety": 4000,
    "notes": 20_000,
    "referral": 300,
    "exception_reason": 1000,
    "target_words": 300,
    "learned": 1000,
    "no_step_reason": 500,
}
CHOICES = {
    "location": Review._meta.get_field("location").choices,
    "location_changed": Review.Changed.choices,
    "preferences_changed": Review.Changed.choices,
    "barriers_changed": Review.Changed.choices,
    "safety_changed": Review.Changed.choices,
    "eligibility": Review.Eligibility.choices,
    "target_kind": Review.Target.choices,
}
FLAGS = ("is_referred", "is_exception")
LISTS = ("barriers", "systemic")
FIELDS = (*TEXTS, *CHOICES, *FLAGS, *LISTS, "target_on", "navigator")
# Which mark a changed text brings along, unless the writer sends the mark themselves.
MARK_OF = {
    "location": "location_changed",
    "location_words": "location_changed",
    "preferences": "preferences_changed",
    "barriers": "barriers_changed",
    "safety": "safety_changed",
}
NULLABLE = {"location_words", "referral", "exception_reason", "target_words", "learned"} | {
    "no_step_reason"
}
# What a field is called in the history, where its own name does not say it.
LABELS = {
    "location": "current location",
    "location_words": "place in words",
    "location_changed": "current location changed?",
    "preferences_changed": "preferences changed?",
    "barriers": "critical barriers",
    "barriers_changed": "critical barriers changed?",
    "safety_changed": "safety changed?",
    "systemic": "systemic barriers",
    "target_kind": "target",
    "target_words": "milestone in words",
}
ELEMENTS = ("location", "preferences", "barriers", "safety")
LOCATION = ("location", "location_words", "location_changed")
MARKS = tuple(f"{name}_changed" for name in ELEMENTS)
NOTHING_BEFORE = "Nothing is known from before that could be unchanged. Say what it is today."
NOT_FOR_CONFIDENTIAL = (
    "For a victim service provider's participant no place is written down, only its kind."
)


@dataclass
class Saved:
    """What became of a save.

    `held`: per field the hints that the writer has not answered yet; those fields were not
    accepted. `stored`: what was accepted in other words than it was sent. `conflict`: the save was
    made from another revision, and nothing was accepted.
    """

    review: Review
    held: dict = field(default_factory=dict)
    stored: dict = field(default_factory=dict)
    conflict: bool = False


@transaction.atomic
def save_notes(meeting_id, review_id, values, *, base, kept, actor, on, now):
    """Accept what the writer typed, if it was made from the revision that stands there now.

    `values`: `{field: value}` as JSON has them; `base`: the revision they were made from; `kept`:
    per field the kinds of hints that the writer decided to keep. A save that was accepted before
    and comes again (its answer was lost) is accepted again and changes nothing. Raises
    PermissionDenied for whoever may not write at this moment, ValidationError for bad values.
    """
    review = locked_review(meeting_id, review_id, actor, on)
    sent, kept = clean(values, review), clean_kept(kept)
    cleaned, shown = with_names(sent, review, actor, now)
    stored = shown | compare_marks(cleaned, review)
    wanted = {
        name: value
        for name, value in cleaned.items()
        if value != stands(review, name) or is_written_anew(name, value)
    }
    if base != review.revision and (wanted or not knows_all(review, cleaned, base)):
        return Saved(review, conflict=True)
    held = held_back(wanted, kept, review)
    wanted = {name: value for name, value in wanted.items() if name not in held}
    keep_systemic_among_barriers(wanted, held, review)
    for name, mark in MARK_OF.items():
        if name in wanted and mark not in cleaned:
            wanted[mark] = Review.Changed.CHANGED
    if wanted:
        for name, value in wanted.items():
            value = value or None if name in NULLABLE else value
            setattr(review, f"{name}_id" if name == "navigator" else name, value)
        review.revision += 1
        review.saved_at, review.saved_by = now, actor
        times = {said_at_of(name) for name in wanted} - {None}
        for name in times:
            setattr(review, name, now)
        texts = wanted.keys() & {*TEXTS, *LISTS}
        beside = taken_from(
            wanted, sent, review, partial(label_for, review.participant, actor, now)
        )
        note_edited(review, *texts, actor=actor, values=wanted, beside=beside)
        review.save(update_fields=[*wanted, *times, "revision", "saved_at", "saved_by"])
        tell_followers(meeting_id, frame=False)
    return Saved(review, held=held, stored=stored)


def said_at_of(name):
    """The field that keeps when this one was said, for what the end of the call makes known."""
    if name == "navigator":
        return "navigator_said_at"
    return "location_said_at" if name in LOCATION else None


def has_basis(former):
    """Which elements besides the location the last review said something of."""
    if former is None:
        return ()
    found = [name for name in ("preferences", "safety") if (getattr(former, name) or "").strip()]
    is_confirmed = former.barriers_changed != Review.Changed.NOT_RECORDED
    return (*found, "barriers") if former.barriers or is_confirmed else tuple(found)


def compare_marks(cleaned, review):
    """Hold each “unchanged” against what was known before; return the marks that say more.

    The marks tell the change since the last review (River Valleys, “Standard Set of Elements”). A
    location that is confirmed as it is known now, but is news to the last review, has changed.
    Raises ValidationError by mark where there is nothing to compare with, or something else is
    known by now.
    """
    unchanged = [
        name
        for name in ELEMENTS
        if cleaned.get(f"{name}_changed") == Review.Changed.UNCHANGED
        and getattr(review, f"{name}_changed") != Review.Changed.UNCHANGED
    ]
    if not unchanged:
        return {}
    person, meeting = review.participant, review.meeting
    former = last_reviews([person], before=meeting).get(person.pk)
    wrong, stored = {}, {}
    for name in unchanged:
        if name != "location":
            if name not in has_basis(former):
                wrong[f"{name}_changed"] = [NOTHING_BEFORE]
            continue
        known = whereabouts([person], meeting=meeting).get(person.pk)
        location = cleaned.get("location", review.location)
        if known is None:
            wrong["location_changed"] = [NOTHING_BEFORE]
        elif location != known.kind and known.source != SAID:
            wrong["location_changed"] = [
                f"{known.says_who}: {known.label}. Confirm that, or choose what it is today."
            ]
        elif is_news(location, cleaned.get("location_words", review.location_words), former):
            cleaned["location_changed"] = stored["location_changed"] = Review.Changed.CHANGED
    if wrong:
        raise ValidationError(wrong)
    return stored


def with_names(cleaned, review, actor, now):
    """`(typed texts with the names that their writer could not read, words that the page shows)`.

    The page showed the alias, or that a name is withheld: saving must not take the name out, nor
    put it where it can be read. What agencies prepared may have been taken over, names and all.
    Raises ValidationError by field for what stands for a name where no name can be kept.
    """
    typed = {
        name: value for name, value in cleaned.items() if (name in TEXTS or name in LISTS) and value
    }
    if not typed:
        return cleaned, {}
    person = review.participant
    label = label_for(person, actor, now)
    # What agencies prepared matters only where something typed stands for a name in it.
    is_asked = any(stands_for_a_name(value, person) for value in typed.values())
    rows = prework_for(review.meeting, [person])[person.pk] if is_asked else []
    found, shown, wrong = dict(cleaned), {}, {}
    for name, value in typed.items():
        # A barrier that is marked as systemic is one of the barriers, as they were shown.
        column = "barriers" if name in LISTS else name
        beside = [words for each in rows for words in words_of(each)]
        try:
            found[name], again = put_back_over(
                label, value, review, column, beside, partial(shown_beside, review)
            )
        except ValidationError as error:
            wrong[name] = error.messages
            continue
        if name in LISTS:
            found[name] = list(dict.fromkeys(found[name]))
            again = list(dict.fromkeys(again))
        if again != value:
            shown[name] = again
    if wrong:
        raise ValidationError(wrong)
    if "systemic" in typed:
        found["systemic"] = only_marked(found, review, label)
    return found, shown


def shown_beside(review):
    """What the page shows of the household beside its notes, and lets take over."""
    person, meeting = review.participant, review.meeting
    former = last_reviews([person], before=meeting).get(person.pk)
    known = whereabouts([person], meeting=meeting).get(person.pk)
    found = words_of(former) if former else []
    return [*found, known.words] if known and known.words else found


def is_written_anew(name, value):
    """Whether something of the value was written, though it may say what stands there already.

    Who writes a name in place of one that is withheld, and hits it, must not see that from a save
    that changes nothing.
    """
    return (name in TEXTS or name in LISTS) and any(type(each) is Typed for each in listed(value))


def taken_from(wanted, sent, review, label):
    """`{field: stored texts}` that the values took over, with names that their writer cannot read.

    `sent`: the values as they came. `label`: a function that returns the writer's Label.
    """
    names = [name for name, value in wanted.items() if brings_names(value)]
    if not names:
        return {}
    rows = prework_for(review.meeting, [review.participant])[review.participant_id]
    texts = [words for each in rows for words in words_of(each)] + shown_beside(review)
    return {name: taken_over_whole(sent[name], texts, label()) for name in names}


def stands_for_a_name(value, person):
    """Whether a text or list of texts holds what pages show in place of a name."""
    text = value if isinstance(value, str) else "\n".join(value)
    return person.alias in text or WITHHELD[:-1] in text


def only_marked(found, review, label):
    """The marked barriers; where two are shown alike and one was marked before, that one."""
    barriers = stands(review, "barriers")
    shown = dict(zip(barriers, label.clean(barriers), strict=True))
    was = {shown.get(each): each for each in review.systemic or []}
    return [
        each
        for each in found["systemic"]
        if each in (review.systemic or []) or shown.get(each) not in was
    ]


def locked_review(meeting_id, review_id, actor, on):
    """The review, locked, if `actor` may write on it now: asked in the one query that finds it."""
    membership = getattr(actor, "membership", None)
    if membership is None:
        raise Review.DoesNotExist
    may = MeetingUserObjectPermission.objects.filter(
        content_object=OuterRef("meeting"),
        user=actor,
        permission__codename="take_notes_in_meeting",
    )
    review = (
        Review.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=review_id, meeting=meeting_id, meeting__continuum=membership.continuum_id)
        .select_related("meeting__call", "meeting__continuum", "participant")
        .annotate(is_writer=Exists(may), is_in_standing=in_standing_now(actor, on))
        .first()
    )
    if review is None:
        raise Review.DoesNotExist
    if not review.is_in_standing or not (review.is_writer or membership.is_specialist):
        raise PermissionDenied("You do not take notes at this call now.")
    call = getattr(review.meeting, "call", None)
    if call is None or not call.is_open:
        raise ValidationError(IS_CLOSED, code="closed")
    return review


def knows_all(review, cleaned, base):
    """Whether nothing stands now but what this save holds, and what stood at its base.

    So it is the save that was accepted last, and its answer was lost. A writer who does not know
    of somebody else's words must be shown them, even where their own are accepted already.
    """
    event = (
        Review.pgh_event_model.objects.filter(pgh_obj=review.pk, revision=base)
        .order_by("-pgh_id")
        .first()
    )
    known = {*cleaned, *(MARK_OF[name] for name in cleaned if name in MARK_OF)}
    return event is not None and all(
        name in known or stands(event, name) == stands(review, name) for name in FIELDS
    )


def stands(review, name):
    """The value of a field as a save has it."""
    if name == "navigator":
        return review.navigator_id
    value = getattr(review, name)
    if value is None and name in LISTS:
        return []
    return "" if value is None and name in TEXTS else value


def clean(values, review):
    """The values as the model has them; ValidationError by field for what it cannot take."""
    if not isinstance(values, dict):
        raise ValidationError("The notes could not be read.")
    found, wrong = {}, {}
    for name, value in values.items():
        try:
            found[name] = clean_one(name, value, review)
        except ValidationError as error:
            wrong[name if name in FIELDS else "__all__"] = error.messages
    if wrong:
        raise ValidationError(wrong)
    return found


def clean_kept(kept):
    """Which hints the writer decided to keep, `{field: [kind]}`; ValidationError for else."""
    if not isinstance(kept, dict) or not all(
        isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds)
        for kinds in kept.values()
    ):
        raise ValidationError("The answers to the hints could not be read.")
    return kept


def clean_one(name, value, review):
    if name in TEXTS:
        return clean_text(name, value, review)
    if name in CHOICES:
        if value not in ("", *dict(CHOICES[name])) or (name.endswith("_changed") and not value):
            raise ValidationError("Choose one of the list.")
        return value
    if name in FLAGS:
        if not isinstance(value, bool):
            raise ValidationError("Choose yes or no.")
        return value
    if name in LISTS:
        return clean_list(value)
    if name == "target_on":
        try:
            return date.fromisoformat(value) if value else None
        except (TypeError, ValueError):
            raise ValidationError("Enter a date, for example 2027-01-31.") from None
    if name == "navigator":
        return clean_navigator(value, review)
    raise ValidationError("The notes have no such field.")


def clean_text(name, value, review):
    if not isinstance(value, str):
        raise ValidationError("Enter words.")
    value = storable(value).replace("\r\n", "\n")
    if (size := written(value)) > TEXTS[name]:
        raise ValidationError(f"Keep it to {TEXTS[name]} characters; this has {size}.")
    if name == "location_words" and value and review.participant.is_confidential:
        raise ValidationError(NOT_FOR_CONFIDENTIAL)
    return value


def storable(text):
    """The text without what a database cannot keep: zeros, and halves of characters."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "")


def clean_list(value):
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValidationError("Enter barriers, one by one.")
    words = list(dict.fromkeys(storable(each).strip() for each in value))
    words = [each for each in words if each]
    if len(words) > MOST_BARRIERS or any(written(each) > LONGEST_BARRIER for each in words):
        raise ValidationError(
            f"Keep it to {MOST_BARRIERS} barriers of {LONGEST_BARRIER} characters each."
        )
    return words


def clean_navigator(value, review):
    if not value:
        return None
    try:
        key = UUID(str(value))
    except ValueError:
        raise ValidationError("Choose one of the list.") from None
    if key != review.navigator_id:
        here = StaffMember.objects.current().filter(
            pk=key, agency__continuum=review.meeting.continuum_id
        )
        if not here.exists():
            raise ValidationError("Choose one of the list.")
    return key


def held_back(wanted, kept, review):
    """Per field the hints that stand against accepting it, by careful_words."""
    held = {}
    for name, value in wanted.items():
        if name not in TEXTS and name != "barriers":
            continue
        text = "\n".join(value) if name == "barriers" else value
        is_confidential = review.participant.is_confidential
        answered = kept.get(name, [])
        found = [
            hint
            for hint in hints(text, is_confidential=is_confidential)
            if hint.is_refused or hint.kind not in answered
        ]
        if found:
            held[name] = found
    return held


def keep_systemic_among_barriers(wanted, held, review):
    """Only a barrier that stands can be systemic; the mark on one that is held waits with it."""
    barriers = wanted.get("barriers", review.barriers)
    marked = wanted.get("systemic", stands(review, "systemic"))
    systemic = [each for each in marked if each in barriers]
    if systemic != marked and "barriers" in held:
        held["systemic"] = held["barriers"]
    if systemic != stands(review, "systemic"):
        wanted["systemic"] = systemic
    else:
        wanted.pop("systemic", None)


def values_of(review):
    """Every field as the page has it, as JSON takes it."""
    found = {name: stands(review, name) for name in FIELDS}
    found["target_on"] = review.target_on.isoformat() if review.target_on else ""
    found["navigator"] = str(review.navigator_id) if review.navigator_id else ""
    return found


def revisions(review, reader):
    """The accepted revisions, newest first: what each changed, when and by whom.

    Each text knows at which revision it was written, so that `reader` reads what they typed then
    as they typed it. Whoever wrote in place of a name that they could not read the very name sees
    that they wrote, as they would see of any other name.
    """
    events = (
        type(review)
        .pgh_event_model.objects.filter(pgh_obj=review.pk)
        .select_related("saved_by", "navigator__user", "navigator__agency")
        .order_by("pgh_id")
    )
    states, last = [], None
    for event in events:
        if last is None or event.revision != last:
            states.append((event, {name: in_words(event, name) for name in FIELDS}))
        last = event.revision
    reader.learn(
        at_revision(text, event.revision)
        for event, values in states
        for name in (*TEXTS, *LISTS)
        for text in listed(values[name])
    )
    found, former, since = [], {}, {}
    for event, values in states:
        changed, wrote = [], {}
        for name, value in values.items():
            is_typed = name in TEXTS or name in LISTS
            for text in listed(value) if is_typed else ():
                own = reader.own_words(at_revision(text, event.revision)) is not None
                is_news = own or text not in listed(former.get(name))
                wrote[name, text] = event.revision if is_news else since[name, text]
            is_again = is_typed and any(
                wrote[name, text] == event.revision for text in listed(value)
            )
            if is_again or (value != former[name] if former else value):
                label = LABELS.get(name) or Review._meta.get_field(name).verbose_name
                changed.append((label, written_at(value, name, wrote) if is_typed else value))
        found.append((event, changed))
        former, since = values, wrote
    return found[::-1]


def written_at(value, name, wrote):
    """The texts of a value, each as of the revision at which it was written."""
    texts = [at_revision(text, wrote[name, text]) for text in listed(value)]
    return texts if isinstance(value, list) else texts[0] if texts else value


def in_words(event, name):
    """A field of a revision as its reader sees it: a text, a list of texts, or a date."""
    if name == "navigator":
        place = event.navigator
        return f"{place.user.name}, {place.agency.name}" if place else ""
    value = stands(event, name)
    if name in CHOICES:
        words = dict(CHOICES[name])
        return "" if value == Review.Changed.NOT_RECORDED else words.get(value, "")
    if name in FLAGS:
        return "Yes" if value else ""
    return value or ""
