"""Zhike 知客: customer-marketing software that proves what an approach earned."""

__version__ = "0.1.0"
