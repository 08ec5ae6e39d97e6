const numeric = new Intl.Collator('en', { numeric: true });

function split(version: string): { release: string; isRelease: boolean; suffix: string } {
  const [, release = '', suffix = ''] = /^v?(\d+(?:\.\d+)*)(.*)$/.exec(version.trim()) ?? [];
  // Of the same numbers, "1.2.0" is newer than "1.2.0rc1", and "1.2.0+local" and "1.2.0.post1" are newer still.
  return { release, isRelease: suffix === '' || /^(\+|\.?post)/.test(suffix), suffix };
}

/** Order of two versions, oldest first; whole numbers count as such: 0.9 is older than 0.10. */
export function compareVersions(a: string, b: string): number {
  const [one, two] = [split(a), split(b)];
  return (
    numeric.compare(one.release, two.release) ||
    Number(one.isRelease) - Number(two.isRelease) ||
    numeric.compare(one.suffix, two.suffix)
  );
}

/** The newest of these versions; null without any. */
export function newestVersion(versions: readonly string[]): string | null {
  return versions.reduce<string | null>(
    (newest, version) => (newest === null || compareVersions(version, newest) > 0 ? version : newest),
    null,
  );
}
