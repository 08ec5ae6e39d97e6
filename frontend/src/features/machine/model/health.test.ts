import { describe, expect, it } from 'vitest';
import { describeChange, extentsOf, type HealthSpan, stepPath } from './health';

const noon = Date.UTC(2026, 0, 1, 12);
const at = (hours: number): string => new Date(noon + hours * 3_600_000).toISOString();
const frame = { from: noon, to: noon + 10 * 3_600_000, width: 100, height: 50 };

function span(part: Partial<HealthSpan> = {}): HealthSpan {
  const points = [
    { at: at(4), score: 60, lowest: 60, highest: 100 },
    { at: at(8), score: 90, lowest: 40, highest: 90 },
  ];
  return { from: at(0), to: at(10), startScore: 100, points, ...part };
}

describe('the drawn score', () => {
  it('stays level until each change, and goes on to the end', () => {
    expect(stepPath(span(), frame)).toBe('M0 0H40V20H80V5H100');
  });

  it('is a level line when nothing changed, and begins where the machine came', () => {
    expect(stepPath(span({ points: [], startScore: 50, from: at(3) }), frame)).toBe('M30 25H100');
  });

  it('has the extremes of each point since the one before', () => {
    expect(extentsOf(span(), frame)).toEqual([
      { key: at(4), x: 0, width: 40, y: 0, height: 20 },
      { key: at(8), x: 40, width: 40, y: 5, height: 25 },
    ]);
  });
});

describe('what led to a change', () => {
  const critical = {
    rule: 'critical_alert_7d',
    description: 'Critical alert, past 7 days',
    counted: 1,
    points: 15,
  };
  const waiting = {
    rule: 'unacknowledged_active_alert',
    description: 'Unacknowledged',
    counted: 1,
    points: 4,
  };
  const inputs = { anomalyWeight: 0.3, anomalyEpisodes: 1, deductions: [critical, waiting] };

  it('is all that is counted when nothing was before', () => {
    expect(describeChange(inputs, undefined)).toEqual([
      'Critical alert, past 7 days: 0 → 1 (−15)',
      'Unacknowledged: 0 → 1 (−4)',
      'Episodes of the detectors: 0 → 1',
    ]);
  });

  it('names what is counted no more, and another weight', () => {
    expect(describeChange({ ...inputs, anomalyWeight: 0.5, deductions: [critical] }, inputs)).toEqual([
      'Unacknowledged: 1 → 0 (+4)',
      'Anomaly weight: 0.3 → 0.5',
    ]);
  });
});
