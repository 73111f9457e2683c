"""Static files under names that change with their content, compressed once."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage as Hashed


class HashedFiles(Hashed):
    """As WhiteNoise does it, with our modules' imports renamed; source maps, which we do not ship, are left alone."""

    support_js_module_import_aggregation = True
    patterns = (("*.css", Hashed.patterns[0][1][:2]),)
    # Others' scripts come as one file each; looking for imports in megabytes of them takes many seconds.
    _js_module_import_aggregation_patterns = ("ui/*.js", Hashed._js_module_import_aggregation_patterns[1])
