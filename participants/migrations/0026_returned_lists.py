"""Exported lists that came back, and what was changed in them."""

import django.db.models.deletion
import uuid
import vault.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('participants', '0025_spreadsheets'),
        ('regions', '0009_words_of_paperwork'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReturnedList',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('exported_at', models.DateTimeField()),
                ('rows', models.PositiveIntegerField(default=0)),
                ('refusals', models.JSONField(blank=True, default=list)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('continuum', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returned_lists', to='regions.continuum')),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='ReturnedCell',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('line', models.PositiveIntegerField()),
                ('subject', models.CharField(max_length=24)),
                ('changed_texts', vault.fields.EncryptedJSONField(default=dict)),
                ('state', models.CharField(choices=[('open', 'Proposed'), ('taken', 'Changed'), ('left', 'Left as it is here')], default='open', max_length=8)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='participants.participant')),
                ('returned_list', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cells', to='participants.returnedlist')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
    ]
