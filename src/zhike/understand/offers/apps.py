from django.apps import AppConfig


class OffersConfig(AppConfig):
    name = "zhike.understand.offers"
    label = "offers"
