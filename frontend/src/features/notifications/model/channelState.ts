import type { StateShape } from '~/ui/StateMark';
import type { Channel } from './channelFragment';

/** What a channel does, with the reason when it does not send. */
export interface ChannelState {
  word: string;
  shape: StateShape;
  isAbnormal: boolean;
  /** Since when or until when it is so. */
  since: string | null;
  until: string | null;
  reason: string | null;
}

/** Switched off, left alone after failures, failing, or well; a channel that never sent is said to be so. */
export function channelState({ isActive, status }: Channel, now: number): ChannelState {
  const calm = { since: null, until: null, reason: null };
  if (!isActive) {
    const reason = status?.disabledReason ?? null;
    return {
      ...calm,
      word: reason ? 'Switched off by the server' : 'Switched off',
      shape: 'struck',
      isAbnormal: reason !== null,
      reason,
    };
  }
  const pausedUntil = status?.pausedUntil ?? null;
  const isPaused = pausedUntil !== null && Date.parse(pausedUntil) > now;
  if (status?.failingSince) {
    return {
      word: isPaused ? 'Left alone after failures' : 'Failing',
      shape: isPaused ? 'bars' : 'triangle',
      isAbnormal: true,
      since: status.failingSince,
      until: isPaused ? pausedUntil : null,
      reason: status.lastError,
    };
  }
  return {
    ...calm,
    word: status?.lastSuccessAt ? 'Active' : 'Active, nothing told yet',
    shape: 'circle',
    isAbnormal: false,
  };
}

/** Troubled ones first, then by name. */
export function compareChannels(a: Channel, b: Channel, now: number): number {
  const rank = (channel: Channel): number => (channelState(channel, now).isAbnormal ? 0 : 1);
  return rank(a) - rank(b) || a.name.localeCompare(b.name);
}
