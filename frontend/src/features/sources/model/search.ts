import * as v from 'valibot';
import { textParam, wordList } from '~/lib/searchParams';
import { sourceProtocols, sourceStates } from './state';

export const sourcesSearch = v.object({
  state: wordList(sourceStates),
  protocol: wordList(sourceProtocols),
  q: textParam,
});

export type SourcesSearch = v.InferOutput<typeof sourcesSearch>;
