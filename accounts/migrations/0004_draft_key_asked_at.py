from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_sessions_with_their_people")]

    operations = [
        migrations.RenameField("draftkey", "made_at", "asked_at"),
        migrations.AlterField(
            "draftkey",
            "asked_at",
            models.DateTimeField(help_text="When a page of theirs last asked for it."),
        ),
    ]
