from django.db import migrations, models
from django.db.migrations.state import StateApps


def as_many_as_customers(apps: StateApps, _schema: object) -> None:
    """Until now every number that was given was a customer's."""
    apps.get_model("warehouse", "Refresh").objects.update(next_customer_id=models.F("customer_count"))


class Migration(migrations.Migration):

    dependencies = [
        ('warehouse', '0002_refresh_only'),
    ]

    operations = [
        migrations.AddField(
            model_name='refresh',
            name='next_customer_id',
            field=models.BigIntegerField(default=0),
        ),
        migrations.RunPython(as_many_as_customers, migrations.RunPython.noop),
    ]
