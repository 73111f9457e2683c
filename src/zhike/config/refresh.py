"""The steps of a refresh, in order. To add one: write it in its capability and name it here."""

from __future__ import annotations

from zhike.collect.identity.steps import STEPS as IDENTITY
from zhike.collect.profiles.steps import STEPS as PROFILES
from zhike.collect.quality.counting import STEPS as QUALITY_COUNTS
from zhike.collect.quality.steps import STEPS as QUALITY_MARKS
from zhike.understand.affinity.together.steps import STEPS as AFFINITY
from zhike.understand.attributes.steps import STEPS as ATTRIBUTES
from zhike.understand.behaviour.loyalty.steps import STEPS as LOYALTY
from zhike.understand.behaviour.steps import STEPS as BEHAVIOUR
from zhike.understand.lifecycle.steps import STEPS as LIFECYCLE
from zhike.understand.migration.drivers.steps import STEPS as MIGRATION
from zhike.understand.offers.steps import STEPS as OFFERS
from zhike.understand.propensity.steps import STEPS as PROPENSITY
from zhike.understand.retention.steps import STEPS as RETENTION
from zhike.understand.tags.computing.steps import STEPS as TAGS
from zhike.understand.value.lifetime.steps import STEPS as LIFETIME
from zhike.understand.value.renewals.steps import STEPS as RENEWALS
from zhike.understand.value.steps import STEPS as VALUE

STEPS = (
    *IDENTITY,
    *PROFILES,
    *QUALITY_MARKS,
    *VALUE,
    *LIFETIME,
    *RENEWALS,
    *LIFECYCLE,
    *MIGRATION,
    *RETENTION,
    *BEHAVIOUR,
    *LOYALTY,
    *PROPENSITY,
    *AFFINITY,
    *ATTRIBUTES,
    *TAGS,
    *OFFERS,
    *QUALITY_COUNTS,
)
