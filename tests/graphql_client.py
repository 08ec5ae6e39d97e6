"""Sends GraphQL as the frontend does."""

from typing import Any

import httpx
from plantwright.identity.models import Role

from tests.factories import PASSWORD, MadeTenant

LOGIN = """
mutation Login($input: LoginInput!) {
  login(input: $input) { __typename ... on LoginSuccess { accessToken } ... on UserError { code message } }
}"""


class GraphQLClient:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._tokens: dict[str, str] = {}

    async def send(self, document: str, variables: dict[str, Any] | None = None, token: str = "") -> httpx.Response:
        headers = {"x-plantwright-client": "test"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        return await self._client.post("/graphql", json={"query": document, "variables": variables}, headers=headers)

    async def login(self, tenant: MadeTenant, role: Role = Role.ADMIN) -> str:
        """An access token of the tenant's user with this role."""
        email = tenant.email(role)
        if email not in self._tokens:
            answer = await self.send(LOGIN, {"input": {"email": email, "password": PASSWORD}})
            assert answer.json().get("data"), answer.text
            self._tokens[email] = answer.json()["data"]["login"]["accessToken"]
        return self._tokens[email]

    async def data(
        self, tenant: MadeTenant, document: str, variables: dict[str, Any] | None = None, role: Role = Role.ADMIN
    ) -> dict[str, Any]:
        """The data of an operation that must succeed."""
        answer = await self.send(document, variables, await self.login(tenant, role))
        body = answer.json()
        assert "errors" not in body or not body["errors"], body
        assert answer.status_code == 200
        data: dict[str, Any] = body["data"]
        return data
