from typing import Any

from django.db import migrations, models


def forget_after_a_crash(_apps: Any, schema_editor: Any) -> None:
    """Let counting not wait for the disk; a crash of the database loses counts of minutes."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE limits_use SET UNLOGGED")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Use",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="Keyed hash of what is counted and the window.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("amount", models.BigIntegerField()),
                (
                    "ends",
                    models.BigIntegerField(
                        db_index=True, help_text="When it may go: seconds since 1970."
                    ),
                ),
            ],
        ),
        migrations.RunPython(forget_after_a_crash, migrations.RunPython.noop),
    ]
