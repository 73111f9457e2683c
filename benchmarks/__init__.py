"""What is fast, measured beside what somebody would use instead."""
