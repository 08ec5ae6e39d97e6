import * as v from 'valibot';
import { textParam, wordList } from '~/lib/searchParams';
import { gapWindows } from './gapWindow';
import { agentStates } from './states';

export const agentsSearch = v.object({ state: wordList(agentStates), q: textParam });

export type AgentsSearch = v.InferOutput<typeof agentsSearch>;

export const agentSearch = v.object({
  window: v.fallback(v.optional(v.picklist(gapWindows)), undefined),
});
