import { describe, expect, it } from 'vitest';
import { draw, type Explained, explain } from './explanation';

/** The third 59 of the worked example in docs/detectors.md. */
const baseline: Explained = {
  cause: 'STATIC_BASELINE',
  inputs: { n: 42, mean: '50.2711', std: '1.5639', quantum: '1.0', spread: '1.5639', caution: '1.0' },
  formula: 'score = |value - mean| / (spread * caution)',
  value: 59,
  unit: 'mm/s',
  score: 5.5816,
  threshold: 5,
};

describe('explain', () => {
  it('fills the numbers of the baseline in, so that the score can be computed again', () => {
    const { picture, steps } = explain(baseline);
    expect(picture).toMatchObject({ quantity: 'Value', center: 50.2711, at: 59 });
    expect(picture.reach).toBeCloseTo(5 * 1.5639, 10);
    expect(steps.map(({ text }) => text)).toEqual([
      'mean 50.27 mm/s of 42 readings',
      'max(1.56, 1.00 / √12 = 0.289) = 1.56',
      '|59.00 − 50.27| / 1.56 = 5.58',
      '5.58 ≥ 5.00, the threshold',
    ]);
    expect(Math.abs(59 - picture.center) / ((picture.reach ?? 0) / 5)).toBeCloseTo(5.5816, 3);
  });

  it('widens the limits by the caution of a young series', () => {
    const { picture, steps } = explain({ ...baseline, inputs: { ...baseline.inputs, caution: '1.5' } });
    expect(picture.reach).toBeCloseTo(5 * 1.5639 * 1.5, 10);
    expect(steps[2]?.text).toContain('/ (1.56 × 1.50)');
  });

  it('says that one percent stands in for the spread of a series that has never moved', () => {
    const inputs = { n: 40, mean: '40.0', std: '0.0', quantum: '0.0', spread: '0.4' };
    expect(explain({ ...baseline, inputs }).steps[1]?.text).toBe(
      '1 % of |40.00| = 0.4, since the series has never moved',
    );
  });

  it('shows the moving average of a drift, not the value', () => {
    const inputs = { n: 204, mean: '50.0784', ewma: '52.7257', sigma: '0.3783', lambda: '0.2' };
    const { picture } = explain({ ...baseline, cause: 'EWMA', inputs, value: 54, score: 6.9979 });
    expect(picture).toMatchObject({ quantity: 'Moving average', at: 52.7257, center: 50.0784 });
    expect((picture.at - picture.center) / ((picture.reach ?? 0) / 5)).toBeCloseTo(6.998, 2);
  });

  it('spreads a change after a gap over the gap', () => {
    const inputs = {
      step: '20.0',
      interval_ms: 20_000,
      usual_interval_ms: '10000.0',
      change: '10.0',
      rms: '1.9812',
      hourly_peak: '2.0',
      quantum: '1.0',
      scale: '1.9812',
    };
    const { picture, steps } = explain({ ...baseline, cause: 'RATE_OF_CHANGE', inputs, threshold: 6 });
    expect(picture).toMatchObject({ center: 0, at: 10 });
    expect(steps[0]?.text).toBe('20.00 × 0.5 = 10.00 mm/s');
  });

  it('names the metrics that a machine as a whole is off by', () => {
    const inputs = {
      statistic: 'T2',
      t2: '18.0',
      t2_limit: '4.5',
      q: '1.0',
      q_limit: '2.0',
      metrics: ['flow', 'vibration_rms', 'power'],
      contributions: ['1.0', '15.0', '-2.0'],
    };
    const { steps } = explain({ ...baseline, cause: 'MULTIVARIATE', inputs, score: 2, threshold: 1 });
    expect(steps[2]?.text).toBe('√max(18.00 / 4.50, 1.00 / 2.00) = 2.00');
    expect(steps[4]?.text).toBe('Vibration RMS 94 %, Flow 6 %');
  });

  it.each(['RULE', 'MULTIVARIATE', 'AGENT_SILENT'])('draws %s by its score', (cause) => {
    const { picture, steps } = explain({ ...baseline, cause, inputs: {} });
    expect(picture).toMatchObject({ quantity: 'Score', at: 5.5816, reach: 5, center: 0 });
    expect(steps).toHaveLength(1);
  });

  it('falls back to the score when inputs are missing', () => {
    expect(explain({ ...baseline, inputs: {} }).picture.quantity).toBe('Score');
  });
});

describe('draw', () => {
  it('puts what violates outside of the limits', () => {
    const { lower, upper, at, center, isOffScale } = draw(explain(baseline).picture);
    expect(isOffScale).toBe(false);
    expect([lower, center, upper, at]).toEqual(
      [lower, center, upper, at].toSorted((a, b) => (a ?? 0) - (b ?? 0)),
    );
    expect(at).toBeLessThanOrEqual(1);
  });

  it('keeps the limits visible when the value is far off', () => {
    const drawing = draw({ ...explain(baseline).picture, at: 5_000 });
    expect(drawing.isOffScale).toBe(true);
    expect((drawing.upper ?? 0) - (drawing.lower ?? 0)).toBeGreaterThan(0.2);
  });

  it('can draw a score without a threshold', () => {
    const drawing = draw(explain({ ...baseline, cause: 'AGENT_SILENT', inputs: {}, threshold: 0 }).picture);
    expect(drawing).toMatchObject({ lower: null, upper: null });
  });
});
