import { describe, expect, it } from 'vitest';
import { channelNode, channelStatus } from '../testing/channel';
import type { Channel } from './channelFragment';
import { channelState, compareChannels } from './channelState';

const now = Date.parse('2026-02-01T12:00:00Z');
const made = (part: Record<string, unknown>) => channelNode(part) as unknown as Channel;
const failing = channelStatus({
  failures: 5,
  failingSince: '2026-02-01T11:00:00Z',
  lastError: 'The receiver answered 500.',
});

describe('the state of a channel', () => {
  it('is calm when it sends or never had to', () => {
    expect(channelState(made({}), now)).toMatchObject({
      word: 'Active, nothing told yet',
      isAbnormal: false,
    });
    const status = channelStatus({ lastSuccessAt: '2026-02-01T11:59:00Z' });
    expect(channelState(made({ status }), now)).toMatchObject({ word: 'Active', isAbnormal: false });
  });

  it('tells failing from being left alone, with the reason', () => {
    expect(channelState(made({ status: failing }), now)).toMatchObject({
      word: 'Failing',
      isAbnormal: true,
      reason: 'The receiver answered 500.',
      until: null,
    });
    const pausedUntil = '2026-02-01T12:05:00Z';
    expect(channelState(made({ status: { ...failing, pausedUntil } }), now)).toMatchObject({
      word: 'Left alone after failures',
      until: pausedUntil,
    });
    expect(
      channelState(made({ status: { ...failing, pausedUntil: '2026-02-01T11:55:00Z' } }), now).word,
    ).toBe('Failing');
  });

  it('tells who switched it off', () => {
    expect(channelState(made({ isActive: false }), now)).toMatchObject({
      word: 'Switched off',
      isAbnormal: false,
    });
    const status = channelStatus({ disabledReason: 'The receiver answered 410 (Gone).' });
    expect(channelState(made({ isActive: false, status }), now)).toMatchObject({
      word: 'Switched off by the server',
      isAbnormal: true,
      reason: 'The receiver answered 410 (Gone).',
    });
  });

  it('puts what wants attention first', () => {
    const well = made({ name: 'A' });
    const ill = made({ name: 'Z', status: failing });
    expect([well, ill].toSorted((a, b) => compareChannels(a, b, now))).toEqual([ill, well]);
  });
});
