"""The builder: a rule as rows of a form beside its text, for whatever page lets people define one."""
