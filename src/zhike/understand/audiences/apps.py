from django.apps import AppConfig


class AudiencesConfig(AppConfig):
    name = "zhike.understand.audiences"
    label = "audiences"
