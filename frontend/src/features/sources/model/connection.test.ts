import { expect, it } from 'vitest';
import { connectionProblems, emptyConnection, toSettings } from './connection';

const draft = { ...emptyConnection, endpointUrl: 'opc.tcp://press:4840' };
const files = { userCertificate: 'certificate', userPrivateKey: 'key' };

it('sends a certificate with its key, nothing for what is stored, and null for nobody', () => {
  expect(toSettings({ ...draft, ...files })).toMatchObject({ opcUa: { username: null, ...files } });
  const stored = toSettings({ ...draft, password: null, userCertificate: null });
  expect(stored).toMatchObject({ opcUa: { username: null } });
  expect(JSON.stringify(stored)).not.toContain('userCertificate');
  expect(toSettings(draft)).toMatchObject({ opcUa: { userCertificate: null, userPrivateKey: null } });
});

it('prefers the user name that was typed after the files were chosen', () => {
  const sent = JSON.stringify(toSettings({ ...draft, ...files, username: 'reader', password: 'secret' }));
  expect(sent).toContain('"username":"reader","password":"secret"');
  expect(sent).not.toContain('userCertificate');
});

it('wants both files, and security', () => {
  expect(connectionProblems({ ...draft, ...files })).toEqual({});
  expect(connectionProblems({ ...draft, userCertificate: 'certificate' })).toHaveProperty('userPrivateKey');
  expect(connectionProblems({ ...draft, userPrivateKey: 'key' })).toHaveProperty('userCertificate');
  expect(connectionProblems({ ...draft, ...files, securityMode: 'NONE' })).toHaveProperty('securityMode');
});
