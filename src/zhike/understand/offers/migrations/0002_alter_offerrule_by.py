from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('offers', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='offerrule',
            name='by',
            field=models.CharField(choices=[('product', 'product numbers'), ('name', 'words in the product name'), ('category', 'category'), ('tag', 'tags of the product'), ('line_of_business', 'line of business')], max_length=20),
        ),
    ]
