"""A step that was not done says which: circumstances changed, or nobody got to it.

What was stored as “no longer needed” says that circumstances changed, by its own words, and stays.
On the way back what nobody got to becomes that, for there was nothing else to say.
"""

from django.db import migrations, models


def not_needed_again(apps, schema_editor):
    for name, column in (
        ("ActionItem", "state"),
        ("ActionItemEvent", "state"),
        ("ProgressUpdate", "progress"),
    ):
        rows = apps.get_model("conferencing", name).objects.filter(**{column: "not_done"})
        rows.update(**{column: "not_needed"})


class Migration(migrations.Migration):

    dependencies = [
        ('conferencing', '0021_nothing_to_discuss'),
    ]

    operations = [
        migrations.AlterField(
            model_name='actionitem',
            name='state',
            field=models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('not_needed', 'Circumstances changed'), ('not_done', 'Not done')], default='open', max_length=10),
        ),
        migrations.AlterField(
            model_name='actionitemevent',
            name='state',
            field=models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('not_needed', 'Circumstances changed'), ('not_done', 'Not done')], default='open', max_length=10),
        ),
        migrations.AlterField(
            model_name='progressupdate',
            name='progress',
            field=models.CharField(choices=[('done', 'Done'), ('under_way', 'Under way'), ('blocked', 'Blocked'), ('not_reached', 'Could not reach'), ('not_needed', 'No longer needed: circumstances changed'), ('not_done', 'Not done: nobody got to it')], max_length=12),
        ),
        migrations.RunPython(migrations.RunPython.noop, not_needed_again),
    ]
