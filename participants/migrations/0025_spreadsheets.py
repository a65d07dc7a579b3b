"""Spreadsheets: their kinds, what each said of a household; an import may be of one."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
import vault.blind
import vault.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0003_seal_typed_words'),
        ('participants', '0024_to_hmis'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('regions', '0009_words_of_paperwork'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SheetRecord',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('row_key', vault.fields.EncryptedTextField(blank=True, max_length=400, null=True)),
                ('row_key_index', vault.blind.BlindIndexField(of=('row_key',), purpose='sheet key', salt='source_id')),
                ('said', vault.fields.EncryptedJSONField(default=dict)),
                ('as_of', models.DateField()),
                ('absent_on', models.DateField(blank=True, null=True, verbose_name='missing from the sheet of')),
            ],
        ),
        migrations.CreateModel(
            name='SheetRecordEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('row_key', vault.fields.EncryptedTextField(blank=True, max_length=400, null=True)),
                ('row_key_index', vault.blind.BlindIndexField(of=('row_key',), purpose='sheet key', salt='source_id')),
                ('said', vault.fields.EncryptedJSONField(default=dict)),
                ('as_of', models.DateField()),
                ('absent_on', models.DateField(blank=True, null=True, verbose_name='missing from the sheet of')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SheetSource',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('column_meanings', vault.fields.EncryptedJSONField(default=dict)),
                ('word_meanings', vault.fields.EncryptedJSONField(default=dict)),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='hmisimport',
            name='participants_hmisimport_one_unfinished',
        ),
        migrations.AddField(
            model_name='hmisimport',
            name='kind',
            field=models.CharField(choices=[('hmis', 'HMIS export'), ('sheet', 'Spreadsheet')], default='hmis', max_length=8),
        ),
        migrations.AddField(
            model_name='hmisimport',
            name='sheet_settings',
            field=vault.fields.EncryptedJSONField(blank=True, null=True, verbose_name='of a spreadsheet: which rows and columns are read'),
        ),
        migrations.AlterField(
            model_name='hmisimport',
            name='state',
            field=models.CharField(choices=[('matching', 'Columns to match'), ('waiting', 'Waiting to be read'), ('reading', 'Being read'), ('ready', 'Ready to review'), ('confirmed', 'Being applied'), ('applied', 'Applied'), ('same', 'Nothing to change'), ('undone', 'Undone'), ('discarded', 'Discarded'), ('failed', 'Not imported')], default='waiting', max_length=12),
        ),
        migrations.AddField(
            model_name='sheetrecord',
            name='participant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sheet_records', to='participants.participant'),
        ),
        migrations.AddField(
            model_name='sheetrecordevent',
            name='participant',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='participants.participant'),
        ),
        migrations.AddField(
            model_name='sheetrecordevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='sheetrecordevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='participants.sheetrecord'),
        ),
        migrations.AddField(
            model_name='sheetsource',
            name='agency',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='agreements.agency'),
        ),
        migrations.AddField(
            model_name='sheetsource',
            name='continuum',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheet_sources', to='regions.continuum'),
        ),
        migrations.AddField(
            model_name='sheetsource',
            name='county',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='regions.county'),
        ),
        migrations.AddField(
            model_name='sheetsource',
            name='region',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='regions.region'),
        ),
        migrations.AddField(
            model_name='sheetrecordevent',
            name='source',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='participants.sheetsource'),
        ),
        migrations.AddField(
            model_name='sheetrecord',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='records', to='participants.sheetsource'),
        ),
        migrations.AddField(
            model_name='hmisimport',
            name='sheet_source',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='participants.sheetsource'),
        ),
        migrations.AddConstraint(
            model_name='hmisimport',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('matching', 'waiting', 'reading', 'ready', 'confirmed'))), fields=('continuum',), name='participants_hmisimport_one_unfinished', violation_error_message='Another import is not finished. Apply it or discard it first.'),
        ),
        migrations.AddConstraint(
            model_name='sheetsource',
            constraint=models.UniqueConstraint(fields=('continuum', 'name'), name='participants_sheetsource_name_once_per_continuum', violation_error_message='Another kind of sheet has this name. Choose another.'),
        ),
        migrations.AddConstraint(
            model_name='sheetrecord',
            constraint=models.UniqueConstraint(fields=('source', 'row_key_index'), name='participants_sheetrecord_key_once_per_source'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sheetrecord',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "participants_sheetrecordevent" ("absent_on", "as_of", "id", "participant_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "row_key", "row_key_index", "said", "source_id") VALUES (NEW."absent_on", NEW."as_of", NEW."id", NEW."participant_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."row_key", NEW."row_key_index", NEW."said", NEW."source_id"); RETURN NULL;', hash='2a4dff8d0c3b1672b1b49d86fe5da08768dac62f', operation='INSERT', pgid='pgtrigger_insert_insert_837e8', table='participants_sheetrecord', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sheetrecord',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "participants_sheetrecordevent" ("absent_on", "as_of", "id", "participant_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "row_key", "row_key_index", "said", "source_id") VALUES (NEW."absent_on", NEW."as_of", NEW."id", NEW."participant_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."row_key", NEW."row_key_index", NEW."said", NEW."source_id"); RETURN NULL;', hash='e179ac67dc300acc7b51a7d1cd132b36dc463345', operation='UPDATE', pgid='pgtrigger_update_update_54937', table='participants_sheetrecord', when='AFTER')),
        ),
    ]
