import * as v from 'valibot';
import { alertCauses, alertStates, severities } from '~/lib/alarm';
import { textParam, wordList } from '~/lib/searchParams';
import { suppressions } from './suppression';

export const alertsSearch = v.object({
  severity: wordList(severities),
  state: wordList(alertStates),
  cause: wordList(alertCauses),
  machine: textParam,
  agent: textParam,
  site: textParam,
  aside: wordList(suppressions),
});

export type AlertsSearch = v.InferOutput<typeof alertsSearch>;
