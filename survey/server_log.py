"""The web server's log without addresses: an address may hold the secret of a letter or an activation."""

from typing import Any

from gunicorn.glogging import Logger


class ServerLog(Logger):  # type: ignore[misc]
    """What the server says of itself, never of whom it answered or what was asked."""

    def access(self, *_: Any, **__: Any) -> None:
        """Write nothing, whatever the settings say."""

    def debug(self, *_: Any, **__: Any) -> None:
        """Write nothing: these are the addresses asked for."""

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        # A request line that cannot be read stands in the message itself.
        unreadable = str(msg).startswith("Invalid request")
        super().warning(*(("Invalid request",) if unreadable else (msg, *args)), **kwargs)

    def exception(self, msg: Any, *_: Any, **kwargs: Any) -> None:
        # The values left out are the method and the address.
        super().exception("%s", str(msg).split(" %s")[0], **kwargs)
