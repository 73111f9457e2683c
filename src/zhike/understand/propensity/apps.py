from django.apps import AppConfig


class PropensityConfig(AppConfig):
    name = "zhike.understand.propensity"
    label = "propensity"
