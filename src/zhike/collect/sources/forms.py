"""Forms of sources, and of a file that is handed in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.collect.sources.models import Source
from zhike.collect.sources.services import MOST
from zhike.collect.sources.words import ENTITIES, LAWFUL_BASES, UNITS

NAME_HELP = _("Letters, digits, - and _ such as web-shop; it never changes. The title may be anything.")

NAME_ERRORS = {"invalid": _("This has something else in it.")}


class SourceForm(forms.Form):
    """What may be changed of a source."""

    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    owner_unit = forms.CharField(
        label=_("Org unit that answers for it"), max_length=100, required=False, help_text=_("Its number, such as B01.")
    )
    lawful_basis = forms.ChoiceField(
        label=_("What entitles the firm to hold the data"),
        choices=LAWFUL_BASES,
        help_text=_("Customers of a source without a stated basis are quarantined: never contacted."),
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=0,
        max_value=MOST,
        initial=100,
        help_text=_("Where sources disagree about a customer, the lower number wins."),
    )


class NewSourceForm(SourceForm):
    """A source that is added."""

    name = forms.SlugField(label=_("Name"), max_length=60, help_text=NAME_HELP, error_messages=NAME_ERRORS)
    field_order = ("name", "title", "owner_unit", "lawful_basis", "priority")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lawful_basis"].initial = Source.LawfulBasis.UNSTATED


class PrioritiesForm(forms.Form):
    """The priorities of single fields of a source, empty where that of the source counts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for unit, title in UNITS.items():
            self.fields[f"priority_{unit}"] = forms.IntegerField(
                label=title,  # type: ignore[arg-type]  # which is lazy
                min_value=0,
                max_value=MOST,
                required=False,
            )

    @property
    def stated(self) -> dict[str, int]:
        """Field → its priority, where one is stated."""
        given = {unit: self.cleaned_data[f"priority_{unit}"] for unit in UNITS}
        return {unit: priority for unit, priority in given.items() if priority is not None}


ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "latin-1")


class UploadForm(forms.Form):
    """A file, what its rows are, and where they come from."""

    file = forms.FileField(
        label=_("File"), help_text=_("CSV or TSV in any usual encoding, Excel (XLSX), JSON Lines or Parquet; .gz too.")
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=[("", _("recognise it")), *((name, name) for name in ENCODINGS)],
        help_text=_("Choose one where the file cannot be read otherwise."),
    )
    entity = forms.ChoiceField(label=_("What its rows are"), choices=[("", _("choose")), *ENTITIES.items()])
    source = forms.ChoiceField(label=_("Where it comes from"), required=False)
    new_source = forms.SlugField(
        label=_("Name of the new source"),
        max_length=60,
        required=False,
        help_text=NAME_HELP,
        error_messages=NAME_ERRORS,
    )
    lawful_basis = forms.ChoiceField(
        label=_("What entitles the firm to hold its data"), choices=LAWFUL_BASES, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(source.name, source.title or source.name) for source in Source.objects.all()]
        field = self.fields["source"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("choose")), *known]
        self.fields["lawful_basis"].initial = Source.LawfulBasis.UNSTATED

    def clean(self) -> dict[str, Any]:
        """Either a known source or the name of a new one."""
        data = super().clean() or {}
        if not data.get("source") and not data.get("new_source"):
            self.add_error("source", _("Choose the source, or name a new one."))
        if data.get("source") and data.get("new_source"):
            self.add_error("new_source", _("Either a known source or a new one, not both."))
        return data

    @property
    def source_name(self) -> str:
        """The source that was chosen or named."""
        return str(self.cleaned_data["source"] or self.cleaned_data["new_source"])

    @property
    def stated_basis(self) -> str:
        """The lawful basis of a new source; nothing for a known one, which has its own."""
        return "" if self.cleaned_data["source"] else str(self.cleaned_data["lawful_basis"])
