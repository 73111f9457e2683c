"""The most memory that a process ever held, as it says itself at its end."""

from __future__ import annotations

# In kilobytes. getrusage would also count what the process that started it held before: that is of the tests.
PRINT_PEAK = """
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")), file=sys.stderr)
"""
