from django.apps import AppConfig


class AudiencesConfig(AppConfig):
    name = "zhike.understand.audiences"
    label = "audiences"

    def ready(self) -> None:
        from django.db import transaction

        from zhike.warehouse.signals import refresh_published

        def count(**_refresh: object) -> None:
            from zhike.understand.audiences.figures import record_figures

            # After the commit, and whatever becomes of it: the refresh is in force already.
            transaction.on_commit(record_figures, robust=True)

        refresh_published.connect(count, dispatch_uid="audiences", weak=False)
