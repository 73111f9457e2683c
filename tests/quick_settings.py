"""Settings of commands that tests of what lies below insight start: as any, but that its steps write nothing."""

from zhike.config.settings import *  # noqa: F403 - settings are settings

REFRESH_STEPS = "tests.quick_steps.STEPS"
