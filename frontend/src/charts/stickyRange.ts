export type Range = readonly [number, number];

const padding = 0.1;
const leastFill = 0.25;

/**
 * The range of a value axis that does not jump: it widens when data leaves it and narrows only when the data
 * fills less than a quarter of it.
 */
export function stickyRange(previous: Range | null, minimum: number, maximum: number): Range {
  const span = maximum - minimum;
  if (previous) {
    const isInside = minimum >= previous[0] && maximum <= previous[1];
    const isFilled = span >= leastFill * (previous[1] - previous[0]) || span === 0;
    if (isInside && isFilled) {
      return previous;
    }
  }
  const pad = span > 0 ? span * padding : Math.max(Math.abs(maximum) * padding, 0.5);
  return [minimum - pad, maximum + pad];
}
