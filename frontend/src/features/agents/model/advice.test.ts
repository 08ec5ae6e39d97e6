import { expect, it } from 'vitest';
import { adviseOnSilence, adviseOnSource, adviseOnUplink } from './advice';

it('asks nobody while the agent helps itself', () => {
  expect(adviseOnSource({ name: 'press', protocol: 'opcua', state: 'RECOVERABLE' })).toBeNull();
  expect(adviseOnUplink({ state: 'RECOVERABLE' })).toBeNull();
});

it('names commands that can be copied', () => {
  const source = { name: 'press', protocol: 'opcua', state: 'PERMANENT' } as const;
  expect(adviseOnSource(source)).toContain('`plantwright-agent trust opcua press`');
  expect(adviseOnSource({ ...source, name: 'press 1', protocol: 'modbus' })).toContain(
    'browse modbus "press 1"`',
  );
  expect(adviseOnSource({ ...source, protocol: 'new' })).toContain('check --connect');
});

it('tells a dead key from a dead computer', () => {
  expect(adviseOnSilence({ name: 'hall 2', hasEnded: true })).toContain('“hall 2” is no longer valid');
  expect(adviseOnSilence({ name: 'hall 2', hasEnded: false })).toContain('plantwright-agent status');
  expect(adviseOnSilence(null)).toContain('plantwright-agent status');
});
