from django.apps import AppConfig


class DuplicatesConfig(AppConfig):
    name = "zhike.collect.duplicates"
    label = "duplicates"
