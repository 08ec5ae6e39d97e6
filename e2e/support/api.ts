import { type Person, stackUrl } from './stack';

export interface Session {
  accessToken: string;
  expiresAt: string;
}

interface Answer<Data> {
  data?: Data;
  errors?: { message: string }[];
}

async function post<Data>(query: string, variables: object, token?: string): Promise<Data> {
  const response = await fetch(`${stackUrl()}/graphql`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Plantwright-Client': 'e2e',
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify({ query, variables }),
  });
  const answer = (await response.json()) as Answer<Data>;
  if (!answer.data || answer.errors) {
    throw new Error(`GraphQL answered ${response.status}: ${JSON.stringify(answer.errors)}`);
  }
  return answer.data;
}

const loginMutation = `
  mutation ($input: LoginInput!) {
    login(input: $input) { ... on LoginSuccess { accessToken expiresAt } }
  }`;

/** The API as a program sees it: to arrange what a test needs and to check what the pages show. */
export class Api {
  private constructor(readonly session: Session) {}

  static async signIn(person: Person): Promise<Api> {
    const { login } = await post<{ login: Partial<Session> }>(loginMutation, { input: person });
    const { accessToken, expiresAt } = login;
    if (!accessToken || !expiresAt) {
      throw new Error(`${person.email} could not sign in.`);
    }
    return new Api({ accessToken, expiresAt });
  }

  ask<Data>(query: string, variables: object = {}): Promise<Data> {
    return post<Data>(query, variables, this.session.accessToken);
  }

  async machineId(identifier: string): Promise<string> {
    const { machines } = await this.ask<{ machines: { nodes: { id: string; identifier: string }[] } }>(
      '{ machines(first: 100) { nodes { id identifier } } }',
    );
    const machine = machines.nodes.find((candidate) => candidate.identifier === identifier);
    if (!machine) {
      throw new Error(`There is no machine ${identifier}.`);
    }
    return machine.id;
  }

  async alerts(): Promise<AlertFacts[]> {
    const { alerts } = await this.ask<{ alerts: { nodes: AlertFacts[] } }>(
      '{ alerts(first: 100) { nodes { id metric cause severity state raisedAt machine { id identifier } } } }',
    );
    return alerts.nodes;
  }

  async acknowledge(id: string): Promise<void> {
    await this.ask('mutation ($id: ID!) { alertAcknowledge(input: { id: $id }) { __typename } }', { id });
  }

  async signOut(): Promise<void> {
    await this.ask('mutation { logout { __typename } }');
  }
}

/** An alert about a machine, not about an agent. */
export interface MachineAlert extends AlertFacts {
  machine: { id: string; identifier: string };
}

export interface AlertFacts {
  id: string;
  metric: string | null;
  cause: 'STATIC_BASELINE' | 'EWMA' | 'RATE_OF_CHANGE' | 'AGENT_SILENT';
  severity: 'CRITICAL' | 'WARNING' | 'INFO';
  state: string;
  raisedAt: string;
  machine: { id: string; identifier: string } | null;
}
