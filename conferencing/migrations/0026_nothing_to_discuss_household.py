"""With what is marked stands how its household was; of what was marked before, nothing is known."""

from django.db import migrations, models

WHY = [
    ("asked", "Somebody asked to discuss it"),
    ("said", "It was discussed on the call"),
    ("first", "It was never reviewed before"),
    ("carried_over", "The last call carried it over"),
    ("no_step", "It has no open step"),
    ("overdue", "A step is overdue"),
    ("critical", "A critical step is open"),
    ("nominated", "An agency nominated it"),
    ("prepared", "An agency prepared something for the call"),
    ("reported", "A report on a step says more than “under way”"),
    ("new_report", "A step was reported on since"),
    ("moved", "Where it stays or its place on the list changed"),
    ("added", "Something was added to the minutes since"),
    ("guest", "A guest is invited to its review"),
    ("nobody", "Nobody follows up on a step"),
    ("household", "The household or what it needs changed"),
    ("listed", "It was put on the roster again"),
]


class Migration(migrations.Migration):
    dependencies = [("conferencing", "0025_notes_by")]

    operations = [
        migrations.AddField(
            model_name="nothingtodiscuss",
            name="household",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="A digest of who is of it and what it needed when it was marked.",
                max_length=32,
            ),
        ),
        migrations.AlterField(
            model_name="nothingtodiscuss",
            name="why",
            field=models.CharField(blank=True, choices=WHY, max_length=12),
        ),
    ]
