from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Optional


@dataclass(frozen=True)
class Caller:
    """Who runs a command: `Caller.host()`, `Caller.backend(workspace)` or `Caller.user(workspace, user)`."""

    workspace_id: Optional[str] = None
    user_id: Optional[str] = None

    @classmethod
    def host(cls) -> Caller:
        """This process itself, which creates workspaces."""
        return cls()

    @classmethod
    def backend(cls, workspace: str) -> Caller:
        """The backend of a workspace, which may do anything in it."""
        return cls(workspace)

    @classmethod
    def user(cls, workspace: str, user: str) -> Caller:
        """A user, by its id or `external_id`, for whom all rules are enforced."""
        return cls(workspace, user)

    def as_json(self) -> Dict[str, Any]:
        named = {"workspace": self.workspace_id, "user": self.user_id}
        return {name: value for name, value in named.items() if value is not None}
