import * as v from 'valibot';
import { textParam } from '~/lib/searchParams';

export const rulesSearch = v.object({ q: textParam });
