"""How a rehearsal's staff ask the server: a token, a form, JSON back, and plain words when it says no."""

from dataclasses import dataclass, field
from typing import Any

import httpx


class RehearsalError(Exception):
    """The rehearsal cannot go on; the text says why and what to do."""


class Refused(RehearsalError):
    """The server answered that it does not do this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Asks in the name of whoever holds `token`: the organiser, a juror, a scrutineer."""

    client: httpx.AsyncClient
    base: str
    token: str = field(repr=False)

    def named(self, token: str) -> "Asker":
        """The same for somebody else."""
        return Asker(client=self.client, base=self.base, token=token)

    async def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        """The answer as JSON. Raises RehearsalError."""
        answer: dict[str, Any] = (await self.send(method, path, form)).json()
        return answer

    async def send(self, method: str, path: str, form: dict[str, str] | None = None) -> httpx.Response:
        """The answer as it comes. Raises RehearsalError, also for a refusal."""
        headers = {"authorization": f"Bearer {self.token}", "accept": "application/json"}
        try:
            response = await self.client.request(method, path, headers=headers, data=form)
        except httpx.HTTPError as error:
            raise RehearsalError(
                f"no server answers at {self.base} ({error or type(error).__name__}); "
                "start one with: hemicycle serve"
            ) from None
        if response.status_code >= 400:
            try:
                words = response.json().get("message", "")
            except ValueError:
                words = ""
            raise Refused(f"{method} {path} answered {response.status_code}. {words}".strip())
        return response
