import { beforeEach, expect, it } from 'vitest';
import { newTag } from '~/features/sources/model/tagDraft';
import {
  type ConnectDraft,
  emptyDraft,
  isComplete,
  reachableStep,
  withConnection,
  withMachine,
  withProtocol,
} from './draft';
import { dropDraft, keepDraft, keptDraft } from './storage';

const machine = { id: 'machine-1', name: 'Pump', identifier: 'PUMP-1', protocol: 'OPC_UA' } as const;

const tested: ConnectDraft = {
  ...emptyDraft,
  machine,
  way: 'SERVER',
  isTested: true,
  connection: {
    ...emptyDraft.connection,
    endpointUrl: 'opc.tcp://plc:4840',
    username: 'reader',
    password: 'secret',
    serverFingerprint: 'ab'.repeat(32),
  },
};

beforeEach(dropDraft);

it('goes to the wanted step, or to the first one that lacks something', () => {
  expect(reachableStep(tested, 'pick')).toBe('pick');
  expect(reachableStep(tested, 'map')).toBe('pick');
  expect(reachableStep({ ...tested, way: null }, 'values')).toBe('way');
  expect(reachableStep({ ...tested, way: 'AGENT' }, 'pick')).toBe('machine');
  expect(reachableStep(emptyDraft, undefined)).toBe('machine');
});

it('asks for another test when the connection changes, and for trust again at another place', () => {
  const faster = withConnection(tested, { timeoutSeconds: '2' });
  expect(faster.isTested).toBe(false);
  expect(faster.connection.serverFingerprint).not.toBeNull();
  expect(
    withConnection(tested, { endpointUrl: 'opc.tcp://other:4840' }).connection.serverFingerprint,
  ).toBeNull();
});

it('forgets tags of another protocol, and the source of another machine', () => {
  const full = {
    ...tested,
    tags: [newTag({ tag: 'ns=2;s=a', metricName: 'a' })],
    source: { id: 's', version: 1 },
  };
  expect(withProtocol(full, 'OPC_UA').tags).toHaveLength(1);
  expect(withProtocol(full, 'MODBUS_TCP')).toMatchObject({
    tags: [],
    connection: { protocol: 'MODBUS_TCP' },
  });
  expect(withMachine(full, { ...machine, name: 'Renamed' }).source).not.toBeNull();
  expect(withMachine(full, { ...machine, id: 'machine-2' }).source).toBeNull();
});

it('keeps a draft in this tab for its owner only, without what is secret', () => {
  const files = { userCertificate: 'secret certificate', userPrivateKey: 'secret key' };
  keepDraft('user-1', { ...tested, connection: { ...tested.connection, ...files } });
  expect(JSON.stringify(sessionStorage)).not.toContain('secret');
  const kept = keptDraft('user-1');
  expect(kept?.connection).toMatchObject({
    endpointUrl: 'opc.tcp://plc:4840',
    password: '',
    userCertificate: '',
  });
  expect(isComplete(kept as ConnectDraft, 'connection')).toBe(false);
  expect(keptDraft('user-2')).toBeNull();
  keepDraft('user-1', { ...tested, source: { id: 's', version: 1 } });
  expect(isComplete(keptDraft('user-1') as ConnectDraft, 'connection')).toBe(true);
});
