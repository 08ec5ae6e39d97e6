import * as v from 'valibot';
import { textParam } from '~/lib/searchParams';

export const alarmPerformanceSearch = v.object({ site: textParam });
