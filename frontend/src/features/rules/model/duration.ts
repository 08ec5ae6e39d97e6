const units: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** Seconds as `5 min`, `90 s`, `2 h`: in the largest unit that leaves a whole number; nothing for 0. */
export function formatDuration(seconds: number): string {
  if (seconds === 0) {
    return '';
  }
  const [name, size] = units.find(([, one]) => seconds >= one && seconds % one === 0) ?? ['s', 1];
  return `${seconds / size} ${name}`;
}

/** Seconds of `5 min`, `90`, `1.5 h`; 0 for nothing, null for what is no duration. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '') {
    return 0;
  }
  const found = /^(\d+(?:\.\d+)?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)?$/i.exec(trimmed);
  if (!found) {
    return null;
  }
  const unit = (found[2] ?? 's').toLowerCase();
  const size = unit.startsWith('s') ? 1 : unit.startsWith('m') ? 60 : unit.startsWith('h') ? 3_600 : 86_400;
  return Number(found[1]) * size;
}
