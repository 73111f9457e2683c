from django.apps import AppConfig


class MigrationConfig(AppConfig):
    name = "zhike.understand.migration"
    label = "migration"
