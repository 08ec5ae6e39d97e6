import { describe, expect, it } from 'vitest';
import { chroma, contrastRatio } from './contrast';
import { theme } from './theme';
import { darkTokens, lightTokens, type SchemeTokens } from './tokens';

const greyAtMost = 0.08;
const schemes: [string, SchemeTokens][] = [
  ['light', lightTokens],
  ['dark', darkTokens],
];

describe.each(schemes)('%s tokens', (_name, tokens) => {
  it('are grey unless they belong to an alarm', () => {
    const saturated = Object.entries(tokens)
      .filter(([name, colour]) => !/^alarm/.test(name) && chroma(colour) > greyAtMost)
      .map(([name]) => name);
    expect(saturated).toEqual([]);
  });

  it('are saturated when they belong to an alarm', () => {
    for (const name of ['alarmCritical', 'alarmWarning', 'alarmInfo'] as const) {
      expect(chroma(tokens[name])).toBeGreaterThan(0.4);
    }
  });

  it('keep text readable on every surface', () => {
    for (const surface of [tokens.background, tokens.panel, tokens.panelRaised]) {
      for (const ink of [tokens.text, tokens.textDim, tokens.textStale]) {
        expect(contrastRatio(ink, surface)).toBeGreaterThanOrEqual(4.5);
      }
    }
    expect(contrastRatio(tokens.onAccent, tokens.accent)).toBeGreaterThanOrEqual(4.5);
  });

  it('keep alarm marks apart from every surface, and their number from the mark', () => {
    const marks = [
      [tokens.alarmCritical, tokens.onAlarmCritical],
      [tokens.alarmWarning, tokens.onAlarmWarning],
      [tokens.alarmInfo, tokens.onAlarmInfo],
    ] as const;
    for (const [mark, ink] of marks) {
      expect(contrastRatio(ink, mark)).toBeGreaterThanOrEqual(4.5);
      for (const surface of [tokens.background, tokens.panel, tokens.panelRaised]) {
        expect(contrastRatio(mark, surface)).toBeGreaterThanOrEqual(3);
      }
    }
  });
});

it('feeds Mantine grey colours only and no shadow', () => {
  const shades = ['slate', 'gray', 'dark'].flatMap((name) => theme.colors?.[name] ?? []);
  expect(shades.length).toBe(30);
  expect(shades.filter((shade) => chroma(shade) > greyAtMost)).toEqual([]);
  expect(Object.values(theme.shadows ?? {})).toEqual(['none', 'none', 'none', 'none', 'none']);
});
