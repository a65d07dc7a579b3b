"""Seal why an agreement was revoked: the words may tell of a household."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from vault.columns import seal_in_place
from vault.fields import EncryptedTextField


def revocation_fixed(condition, digest):
    return pgtrigger.migrations.AddTrigger(
        model_name="agencyagreement",
        trigger=pgtrigger.compiler.Trigger(
            name="revocation_fixed",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                condition=condition,
                func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                hash=digest,
                operation="UPDATE",
                pgid="pgtrigger_revocation_fixed_ba75f",
                table="agreements_agencyagreement",
                when="BEFORE",
            ),
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("agreements", "0002_initial")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="agencyagreement", name="revocation_fixed"),
        migrations.RemoveConstraint(
            model_name="agencyagreement", name="agreements_agencyagreement_revocation_has_reason"
        ),
        *seal_in_place(
            "agencyagreement",
            "revocation_reason",
            EncryptedTextField(blank=True, null=True, verbose_name="reason"),
            event="agencyagreementevent",
        ),
        revocation_fixed(
            'WHEN (OLD."revoked_at" IS NOT NULL AND (OLD."revoked_at" IS DISTINCT FROM'
            ' (NEW."revoked_at") OR OLD."revoked_by_id" IS DISTINCT FROM (NEW."revoked_by_id")))',
            "1b82c12c994968645a2df5d9e45d18acec1585e3",
        ),
        migrations.AddConstraint(
            model_name="agencyagreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("revoked_at__isnull", True),
                    ("revocation_reason__isnull", False),
                    _connector="OR",
                ),
                name="agreements_agencyagreement_revocation_has_reason",
                violation_error_message="Say why the agreement is revoked.",
            ),
        ),
    ]
