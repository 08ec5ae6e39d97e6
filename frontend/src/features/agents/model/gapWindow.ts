export const gapWindows = ['1h', '8h', '24h', '7d', '30d'] as const;
export type GapWindow = (typeof gapWindows)[number];
