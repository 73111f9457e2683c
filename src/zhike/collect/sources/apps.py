from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "zhike.collect.sources"
    label = "sources"
