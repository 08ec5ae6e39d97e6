import { expect, test } from '@playwright/test';
import { serverAudits } from 'graphql-http';
import { stackUrl } from '../support/stack';

/** Where we mean to differ from the audits; docs/graphql.md says the same. */
const deliberate: Record<string, string> = {
  '47DE': 'since 2025 the newer media type is the one for callers who accept anything',
  '80D8': 'since 2025 the newer media type is the one for callers who say nothing',
  BF61: 'asks for introspection, which is off',
  '28B9': 'asks for introspection, which is off',
  '2EA1': 'asks for introspection, which is off',
  '5A70': 'GET is off: an address stays in logs and histories',
  D6D5: 'GET is off: an address stays in logs and histories',
  '6A70': 'GET is off: an address stays in logs and histories',
  '86EE': 'the newer draft has 422 for variables that do not fit',
};

function fetchAsClient(url: string, options: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...options, headers: { ...options.headers, 'x-plantwright-client': 'audit' } });
}

test('GraphQL is spoken over HTTP as its specification says', async () => {
  const audits = serverAudits({ url: `${stackUrl()}/graphql`, fetchFn: fetchAsClient });
  expect(audits.length).toBeGreaterThan(50);
  const differing: string[] = [];
  for (const audit of audits) {
    const result = await audit.fn();
    if (result.status !== 'ok') {
      differing.push(audit.id);
    }
  }
  expect(differing.sort()).toEqual(Object.keys(deliberate).sort());
});
