import * as v from 'valibot';

/**
 * A list of known words in one URL parameter, such as `?severity=CRITICAL,WARNING`.
 *
 * Unknown words are dropped, so a link from another version opens with the filters it still knows.
 */
export function wordList<Word extends string>(words: readonly Word[]) {
  return v.fallback(
    v.optional(
      v.pipe(
        v.string(),
        v.transform((text) => words.filter((word) => text.split(',').includes(word)).join(',') || undefined),
      ),
    ),
    undefined,
  );
}

/** The words of a `wordList` parameter. */
export function readWords<Word extends string>(text: string | undefined, words: readonly Word[]): Word[] {
  const given = text?.split(',') ?? [];
  return words.filter((word) => given.includes(word));
}

/** The parameter for these words; none gives no parameter. */
export function writeWords(words: readonly string[]): string | undefined {
  return words.length > 0 ? words.join(',') : undefined;
}

/** Free text; a number typed by hand is text too. */
export const textParam = v.fallback(
  v.optional(
    v.pipe(
      v.union([v.string(), v.number()]),
      v.transform((value) => String(value).slice(0, 200) || undefined),
    ),
  ),
  undefined,
);

/** Milliseconds since 1970. */
export const timeParam = v.fallback(
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15))),
  undefined,
);

/** A switch that is in the URL only when it is on. */
export const flagParam = v.fallback(v.optional(v.literal(true)), undefined);
