from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    name = "zhike.warehouse"
    label = "warehouse"
