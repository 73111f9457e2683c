from django.apps import AppConfig


class BehaviourConfig(AppConfig):
    name = "zhike.understand.behaviour"
    label = "behaviour"
