"""Seal what people call their views of the list: some write a household's name all the same."""

from django.db import migrations

from vault.columns import seal_in_place
from vault.fields import EncryptedTextField


class Migration(migrations.Migration):
    dependencies = [("participants", "0008_named_by_whom")]

    operations = [
        migrations.AlterModelOptions(
            name="savedview",
            options={
                "ordering": ["made_at", "pk"],
                "permissions": [
                    ("keep_view", "Keep views of the by-name list"),
                    ("share_view", "Share a view with the whole CoC"),
                    ("export_list", "Export the by-name list"),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="savedview", name="participants_savedview_name_once_per_owner"
        ),
        *seal_in_place("savedview", "name", EncryptedTextField(max_length=60)),
    ]
