"""What an error looks like from outside: close codes of sockets and words of rejects.

Close codes from 4000 to 4499 ask the client to reconnect, those from 4500 to 4999 not to.
"""

from enum import IntEnum


class Close(IntEnum):
    """Close codes of our own; 1001, 1009 and the like keep their meaning of RFC 6455 §7.4.1."""

    GOING_AWAY = 4001
    """The server stops; reconnect at a random moment within the window of `bye`."""
    TOO_SLOW = 4002
    """The client did not take what was sent; reconnect and get the newest state."""
    BAD_FRAME = 4500
    """Not a frame of this protocol."""
    FORBIDDEN = 4501
    """Foreign Origin, or no right to this channel."""
    NO_SUCH_EVENT = 4502
    TOO_MANY_CONNECTIONS = 4503
    """This device has too many connections; close some tabs."""
    FLOOD = 4504
    """Too many messages."""


TEMPORARY_CODES = frozenset({"busy", "store_full", "store_conflict", "frozen"})
"""Reject codes with which sending the same ballot again can help."""
