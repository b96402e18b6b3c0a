from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("labelling", "0003_training_claim")]

    operations = [
        migrations.AddField(
            model_name="labelset",
            name="opened",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Whether its owner sees what others said, and therefore labels no more.",
            ),
        ),
    ]
