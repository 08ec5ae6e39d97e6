import { graphql, type ResultOf } from '~/gql/graphql';
import { toWords } from '~/lib/format';

export const OutOfServiceRow = graphql(`
  fragment OutOfServiceRow on OutOfService @_unmask {
    id
    reason
    beganAt
    until
    metric
    workOrderId
    machine {
      id
      name
    }
    beganBy {
      id
      fullName
    }
  }
`);

export type OutOfServiceItem = ResultOf<typeof OutOfServiceRow>;

/** What is out of service, by the machine that it belongs to. */
export function byMachine(items: readonly OutOfServiceItem[]): ReadonlyMap<string, OutOfServiceItem[]> {
  const found = new Map<string, OutOfServiceItem[]>();
  for (const item of items) {
    found.set(item.machine.id, [...(found.get(item.machine.id) ?? []), item]);
  }
  return found;
}

/** In a few words: of a machine as a whole, of one metric, or of several. */
export function describeOutOfService(items: readonly Pick<OutOfServiceItem, 'metric'>[]): string | null {
  const metrics = new Set(items.map(({ metric }) => metric));
  if (metrics.size === 0) {
    return null;
  }
  if (metrics.has(null)) {
    return 'Out of service';
  }
  const [first] = metrics;
  return metrics.size === 1 && first
    ? `${toWords(first)} out of service`
    : `${metrics.size} metrics out of service`;
}
