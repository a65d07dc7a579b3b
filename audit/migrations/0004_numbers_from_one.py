"""No entry has a number below 1: the chain begins there, and the walk of it would pass it over.

Not validated: were there such entries already, somebody put them there, and `verify_audit` is to
find them where they are.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_find_by_detail")]

    operations = [
        AddConstraintNotValid(
            model_name="auditentry",
            constraint=models.CheckConstraint(
                condition=models.Q(sequence__gte=1), name="audit_entry_number_from_one"
            ),
        )
    ]
