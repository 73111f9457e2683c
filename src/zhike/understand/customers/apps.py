from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "zhike.understand.customers"
    label = "customers"

    def ready(self) -> None:
        from django.db import transaction

        from zhike.warehouse.signals import refresh_published

        def prepare(**_refresh: object) -> None:
            from zhike.understand.customers.queries import prepare_list

            # After the commit, and whatever becomes of it: without it only the first reader waits longer.
            transaction.on_commit(prepare_list, robust=True)

        refresh_published.connect(prepare, dispatch_uid="customer list", weak=False)
