"""What rules may select on. To add an attribute: declare it in its capability and name it here."""

from __future__ import annotations

from zhike.collect.profiles import attributes as profiles
from zhike.collect.quality import attributes as quality
from zhike.understand.behaviour import attributes as behaviour
from zhike.understand.lifecycle import attributes as lifecycle
from zhike.understand.propensity import attributes as propensity
from zhike.understand.value import attributes as value

ATTRIBUTE_SETS = (
    *profiles.ATTRIBUTE_SETS,
    *quality.ATTRIBUTE_SETS,
    *value.ATTRIBUTE_SETS,
    *behaviour.ATTRIBUTE_SETS,
    *propensity.ATTRIBUTE_SETS,
    *lifecycle.ATTRIBUTE_SETS,
)
FACT_TABLES = profiles.FACT_TABLES
RELATIONS = profiles.RELATIONS
