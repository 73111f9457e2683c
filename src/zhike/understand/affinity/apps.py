from django.apps import AppConfig


class AffinityConfig(AppConfig):
    name = "zhike.understand.affinity"
    label = "affinity"
