"""Seal what people type about calls, and the names of walk-ins and guests.

A guest's account is called “Guest” from now on, in its history too; what a family member or close
support is called stands sealed with the invitation.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from vault import keys
from vault.columns import seal_in_place
from vault.fields import EncryptedTextField

GUEST = "Guest"
NAME = "conferencing.callguest.name"
# Accounts of guests who are nothing besides: staff keep their names.
GUESTS_ALONE = """
SELECT guest.id, guest.user_id, account.name FROM conferencing_callguest AS guest
JOIN accounts_user AS account ON account.id = guest.user_id
JOIN regions_membership AS membership ON membership.user_id = guest.user_id
WHERE NOT membership.is_specialist AND NOT membership.is_administrator
  AND NOT EXISTS (SELECT FROM agreements_staffmember AS place WHERE place.user_id = guest.user_id)
"""


def associated(pk):
    return NAME.encode() + b"\0" + pk.bytes


def quiet(cursor, word):
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(f"ALTER TABLE accounts_user {word} TRIGGER USER")
    cursor.execute(f"ALTER TABLE conferencing_callguest {word} TRIGGER USER")


def take_names_in(apps, schema_editor):
    """Put each guest's name with their invitation, sealed, and call the account Guest."""
    with schema_editor.connection.cursor() as cursor:
        quiet(cursor, "DISABLE")
        cursor.execute(GUESTS_ALONE)
        found = cursor.fetchall()
        for pk, _user, name in found:
            if name != GUEST:
                token = keys.seal(name.encode("utf-8"), associated(pk))
                cursor.execute(
                    "UPDATE conferencing_callguest SET name = %s WHERE id = %s", [token, pk]
                )
        users = [user for _pk, user, _name in found]
        cursor.execute("UPDATE accounts_user SET name = %s WHERE id = ANY(%s)", [GUEST, users])
        cursor.execute(
            "UPDATE accounts_userevent SET name = %s WHERE pgh_obj_id = ANY(%s)", [GUEST, users]
        )
        quiet(cursor, "ENABLE")


def give_names_back(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        quiet(cursor, "DISABLE")
        cursor.execute("SELECT id, user_id, name FROM conferencing_callguest WHERE name NOTNULL")
        for pk, user, token in cursor.fetchall():
            name = keys.unseal(bytes(token), associated(pk), NAME).decode("utf-8")
            cursor.execute("UPDATE accounts_user SET name = %s WHERE id = %s", [name, user])
        quiet(cursor, "ENABLE")


class Migration(migrations.Migration):
    dependencies = [
        ("conferencing", "0005_sights_as_stated"),
        ("accounts", "0004_draft_key_asked_at"),
        ("regions", "0003_guests"),
        ("agreements", "0002_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="attendance",
            options={"ordering": ["agency__name", "user__name", "marked_at", "pk"]},
        ),
        migrations.RemoveConstraint(
            model_name="attendance", name="conferencing_attendance_is_of_somebody"
        ),
        migrations.RemoveConstraint(
            model_name="meeting", name="conferencing_meeting_cancelled_has_reason"
        ),
        *seal_in_place(
            "attendance",
            "name",
            EncryptedTextField(
                blank=True, help_text="Of one without an account.", max_length=120, null=True
            ),
        ),
        *seal_in_place(
            "attendance",
            "organization",
            EncryptedTextField(blank=True, max_length=160, null=True),
        ),
        *seal_in_place(
            "meeting",
            "cancellation_reason",
            EncryptedTextField(blank=True, null=True),
            event="meetingevent",
        ),
        *seal_in_place(
            "meeting",
            "list_hold_reason",
            EncryptedTextField(blank=True, null=True),
            event="meetingevent",
        ),
        *seal_in_place(
            "roleswap",
            "words",
            EncryptedTextField(
                blank=True, max_length=300, null=True, verbose_name="a message to them"
            ),
        ),
        migrations.AddField(
            model_name="callguest",
            name="name",
            field=EncryptedTextField(
                blank=True,
                help_text="What a family member or close support is called. Their account is "
                "called Guest.",
                max_length=150,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="attendance",
            name="added_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Who typed the name of one without an account.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(take_names_in, give_names_back),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("user__isnull", False), ("name__isnull", False), _connector="OR"
                ),
                name="conferencing_attendance_is_of_somebody",
                violation_error_message="Say who it is.",
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "cancelled"), _negated=True),
                    ("cancellation_reason__isnull", False),
                    _connector="OR",
                ),
                name="conferencing_meeting_cancelled_has_reason",
                violation_error_message="Say why the call is cancelled.",
            ),
        ),
    ]
