"""attnexplain: when is attention an explanation?"""

__version__ = "0.1.0"
