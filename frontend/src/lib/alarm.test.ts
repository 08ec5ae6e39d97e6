import { describe, expect, it } from 'vitest';
import { compareAlerts, compareMachines, isActive, isUnacknowledged } from './alarm';

const base = {
  id: 'a',
  state: 'ACTIVE_ACKNOWLEDGED',
  severity: 'INFO',
  raisedAt: '2026-01-01T00:00:00Z',
} as const;

describe('compareAlerts', () => {
  it('puts unacknowledged first, then active, then worse, then newer', () => {
    const alerts = [
      { ...base, id: 'cleared', state: 'CLEARED' as const, severity: 'CRITICAL' as const },
      { ...base, id: 'acknowledged critical', severity: 'CRITICAL' as const },
      { ...base, id: 'waiting info', state: 'ACTIVE_UNACKNOWLEDGED' as const },
      {
        ...base,
        id: 'waiting warning',
        state: 'ACTIVE_UNACKNOWLEDGED' as const,
        severity: 'WARNING' as const,
      },
      {
        ...base,
        id: 'newer info',
        state: 'ACTIVE_UNACKNOWLEDGED' as const,
        raisedAt: '2026-01-02T00:00:00Z',
      },
    ];
    expect(alerts.sort(compareAlerts).map(({ id }) => id)).toEqual([
      'waiting warning',
      'newer info',
      'waiting info',
      'acknowledged critical',
      'cleared',
    ]);
  });
});

describe('compareMachines', () => {
  it('puts the worst status first, then the lower score', () => {
    const machine = { name: 'm', unacknowledgedAlertCount: 0 };
    const machines = [
      { ...machine, id: 'well', status: 'HEALTHY' as const, healthScore: 99 },
      { ...machine, id: 'silent', status: 'OFFLINE' as const, healthScore: 100 },
      { ...machine, id: 'low', status: 'WARNING' as const, healthScore: 60 },
      { ...machine, id: 'lower', status: 'WARNING' as const, healthScore: 50 },
      { ...machine, id: 'bad', status: 'CRITICAL' as const, healthScore: 70 },
    ];
    expect(machines.sort(compareMachines).map(({ id }) => id)).toEqual([
      'bad',
      'lower',
      'low',
      'silent',
      'well',
    ]);
  });
});

it('tells active from cleared and waiting from acknowledged', () => {
  expect(isActive('CLEARED_UNACKNOWLEDGED')).toBe(false);
  expect(isUnacknowledged('CLEARED_UNACKNOWLEDGED')).toBe(true);
  expect(isActive('ACTIVE_ACKNOWLEDGED')).toBe(true);
  expect(isUnacknowledged('ACTIVE_ACKNOWLEDGED')).toBe(false);
});
