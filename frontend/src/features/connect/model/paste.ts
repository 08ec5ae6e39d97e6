import { newTag, type TagDraft } from '~/features/sources/model/tagDraft';
import { freeMetricName } from './nodes';

const tableHead = /^\s*\[\[source\.(?:opcua\.nodes|modbus\.registers)\]\]\s*$/;
const keyLine = /^\s*(\w+)\s*=\s*(.+?)\s*$/;
/** A line of the tree: name, type, value, node id, and in brackets why it cannot be read. */
const treeLine = /^\s*(.+?) {2}(\S+)(?: = (.*?))? {2}((?:nsu?=[^;\s]+;)?[isgb]=\S+)(?: {2}\((.+)\))?\s*$/;

export interface Pasted {
  tags: TagDraft[];
  /** Lines of values that the device says cannot become readings. */
  refused: number;
}

/** The tags in what `plantwright-agent browse` prints, with or without `--toml`. */
export function pastedTags(text: string): Pasted {
  const lines = text.split(/\r?\n/);
  return lines.some((line) => tableHead.test(line)) ? fromToml(lines) : fromTree(lines);
}

function fromToml(lines: readonly string[]): Pasted {
  const tables: Record<string, string>[] = [];
  for (const line of lines) {
    const entry = keyLine.exec(line);
    if (tableHead.test(line)) {
      tables.push({});
    } else if (entry?.[1] && entry[2]) {
      const table = tables.at(-1);
      if (table) {
        table[entry[1]] = plainText(entry[2]);
      }
    }
  }
  const tags: TagDraft[] = [];
  for (const table of tables) {
    const tag = tagOf(table);
    if (tag) {
      const { metric_name: name = tag, unit = '', scale = '1', offset = '0' } = table;
      tags.push(newTag({ tag, metricName: freeName(name, tags), unit, scale, offset, ...typeOf(table) }));
    }
  }
  return { tags, refused: 0 };
}

/** The node, or the register as `3/holding:100`. */
function tagOf(table: Record<string, string>): string | undefined {
  const { node_id: nodeId, address, register_type: kind = 'holding', unit_id: unitId } = table;
  if (nodeId ?? !address) {
    return nodeId;
  }
  const isManual = /^[0134]\d{4,5}$/.test(address) && table.register_type === undefined;
  return isManual ? address : `${unitId ? `${unitId}/` : ''}${kind}:${address}`;
}

function typeOf({ data_type: type, word_order: order }: Record<string, string>): Partial<TagDraft> {
  return {
    ...(type ? { dataType: type.toUpperCase() as TagDraft['dataType'] } : {}),
    ...(order ? { wordOrder: order.toUpperCase() as TagDraft['wordOrder'] } : {}),
  };
}

function fromTree(lines: readonly string[]): Pasted {
  const tags: TagDraft[] = [];
  let refused = 0;
  for (const line of lines) {
    const [, name, type, shown, tag, whyNot] = treeLine.exec(line) ?? [];
    if (!name || !tag || type?.startsWith('(')) {
      continue;
    }
    if (whyNot) {
      refused += 1;
    } else {
      const unit = shown?.split(' ').slice(1).join(' ') ?? '';
      tags.push(newTag({ tag, metricName: freeMetricName(name, tags), unit }));
    }
  }
  return { tags, refused };
}

/** A name that was given stays as it is, unless another tag has it. */
function freeName(name: string, tags: readonly TagDraft[]): string {
  return tags.some(({ metricName }) => metricName === name) ? freeMetricName(name, tags) : name;
}

function plainText(value: string): string {
  if (!value.startsWith('"')) {
    return value;
  }
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1);
  }
}
