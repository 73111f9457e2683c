from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('warehouse', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='refresh',
            name='only',
            field=models.CharField(blank=True, default='', max_length=60),
            preserve_default=False,
        ),
    ]
