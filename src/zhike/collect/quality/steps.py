"""Steps of the refresh that say what the values of each customer are worth; what they come to is in `counting.py`."""

from __future__ import annotations

from django.conf import settings

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_ORDERS, CUSTOMERS
from zhike.collect.quality.measures import (
    contact_points,
    departures,
    quality_marks,
    sales_channels,
    shared_contacts,
)
from zhike.collect.quality.tables import CONTACT_POINTS, QUALITY_MARKS, SHARED_CONTACTS
from zhike.warehouse.entities import STAFF
from zhike.warehouse.steps import Inputs, Outputs, Step
from zhike.warehouse.versions import latest


def _marks(inputs: Inputs) -> Outputs:
    marks = quality_marks(
        inputs[CUSTOMERS],
        inputs[CONTACT_POINTS],
        inputs[SHARED_CONTACTS],
        sales_channels(inputs[CUSTOMER_CONTRACTS], inputs[CUSTOMER_ORDERS]),
        departures(latest(STAFF, inputs[STAFF]), as_of=inputs.as_of),
        as_of=inputs.as_of,
    )
    return {QUALITY_MARKS: marks}


STEPS = (
    Step(
        name="contact_points",
        reads=(CUSTOMERS,),
        writes=(CONTACT_POINTS,),
        compute=lambda inputs: {CONTACT_POINTS: contact_points(inputs[CUSTOMERS], region=settings.ZHIKE.country)},
    ),
    Step(
        name="shared_contacts",
        reads=(CONTACT_POINTS,),
        writes=(SHARED_CONTACTS,),
        compute=lambda inputs: {SHARED_CONTACTS: shared_contacts(inputs[CONTACT_POINTS])},
        by_shard=False,
    ),
    Step(
        name="quality_marks",
        reads=(CUSTOMERS, CONTACT_POINTS, SHARED_CONTACTS, CUSTOMER_CONTRACTS, CUSTOMER_ORDERS, STAFF),
        writes=(QUALITY_MARKS,),
        compute=_marks,
    ),
)
