type Rgb = readonly [number, number, number];

/** Red, green and blue of `#rrggbb`, each 0…1. */
export function parseHex(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

/** Chroma in the HSV sense, 0 (grey) … 1: the spread between the strongest and the weakest channel. */
export function chroma(hex: string): number {
  const rgb = parseHex(hex);
  return Math.max(...rgb) - Math.min(...rgb);
}

function luminance(hex: string): number {
  const [red, green, blue] = parseHex(hex).map((channel) =>
    channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4,
  ) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast ratio of WCAG 2.2, 1…21. */
export function contrastRatio(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((left, right) => right - left) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
