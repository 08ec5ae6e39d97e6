import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { alertsSearch } from '~/features/alerts/model/search';
import { machineSearch, momentOf, readWindow } from '~/features/machine/model/search';
import { safeTarget } from '~/features/sign-in/model/target';
import { readWords, writeWords } from './searchParams';

describe('URL state', () => {
  it('keeps known words and drops foreign ones', () => {
    expect(v.parse(alertsSearch, { severity: 'WARNING,PURPLE,CRITICAL', state: 'NEW' })).toEqual({
      severity: 'CRITICAL,WARNING',
      state: undefined,
    });
  });

  it('writes and reads the same words', () => {
    const text = writeWords(['LOW', 'HIGH']);
    expect(readWords(text, ['HIGH', 'LOW', 'MEDIUM'])).toEqual(['HIGH', 'LOW']);
    expect(writeWords([])).toBeUndefined();
  });

  it('opens a fixed window only with both ends in order', () => {
    expect(readWindow({ from: 5, to: 9 })).toEqual({ kind: 'fixed', from: 5, to: 9 });
    expect(readWindow({ from: 9, to: 5, window: '8h' })).toMatchObject({ kind: 'live', name: '8h' });
    expect(readWindow({ from: 5 }).kind).toBe('live');
  });

  it('drops times that are no times', () => {
    const search = v.parse(machineSearch, { from: 'yesterday', to: -1, window: '3h', metric: 7 });
    expect(search).toEqual({ from: undefined, to: undefined, window: undefined, metric: '7' });
  });

  it('frames the moment of an alert', () => {
    const moment = momentOf({ metric: 'flow', raisedAt: '2026-01-01T12:00:00Z', clearedAt: null });
    const raised = Date.parse('2026-01-01T12:00:00Z');
    expect(moment.metric).toBe('flow');
    expect(moment.from).toBeLessThan(raised);
    expect(moment.to).toBeGreaterThan(raised);
  });
});

it('returns after the sign-in to own pages only', () => {
  expect(safeTarget('/alerts?severity=CRITICAL')).toBe('/alerts?severity=CRITICAL');
  for (const target of [
    undefined,
    'https://elsewhere.example',
    '//elsewhere.example',
    '/\\elsewhere',
    '/sign-in?to=/x',
  ]) {
    expect(safeTarget(target)).toBe('/fleet');
  }
});
