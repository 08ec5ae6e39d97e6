import { newTag, proposeMetricName, type TagDraft } from '~/features/sources/model/tagDraft';
import type { OpcUaNode } from '../hooks/useBrowse';
import type { ConnectDraft } from './draft';

/** What is known below a node: nothing yet, its children, or why they could not be had. */
export type Level =
  | { state: 'loading' }
  | { state: 'loaded'; nodes: readonly OpcUaNode[] }
  | { state: 'failed'; message: string };

/** Key of the level below the Objects folder. */
export const rootKey = '';

export function isFolder({ nodeClass }: OpcUaNode): boolean {
  return nodeClass === 'Object' || nodeClass === 'View';
}

/** The loaded nodes whose name, path or id has all the words; values only. */
export function foundNodes(levels: ReadonlyMap<string, Level>, text: string): OpcUaNode[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Map<string, OpcUaNode>();
  for (const level of levels.values()) {
    for (const node of level.state === 'loaded' ? level.nodes : []) {
      const haystack = `${node.name} ${node.path} ${node.nodeId}`.toLowerCase();
      if (!isFolder(node) && words.every((word) => haystack.includes(word))) {
        found.set(node.stableNodeId, node);
      }
    }
  }
  return [...found.values()];
}

/** The number that a browsed value is, as it becomes a reading. */
export function numberOf(value: string | null): number | null {
  if (value === 'True' || value === 'False') {
    return value === 'True' ? 1 : 0;
  }
  return value === null || value.trim() === '' || Number.isNaN(Number(value)) ? null : Number(value);
}

/** The proposed name, numbered when another tag has it. */
export function freeMetricName(name: string, tags: readonly TagDraft[]): string {
  const proposed = proposeMetricName(name);
  const taken = new Set(tags.map(({ metricName }) => metricName));
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? proposed : `${proposed}_${number}`;
    if (!taken.has(candidate)) {
      return candidate;
    }
  }
}

/** A value that a person has picked; `reading` says how registers are read. */
export interface PickedTag {
  tag: string;
  name: string;
  unit?: string;
  raw: number | null;
  reading?: Pick<TagDraft, 'dataType' | 'wordOrder' | 'byteOrder'>;
}

/** The draft with these tags added; those that are there already stay as they were mapped. */
export function withTags(draft: ConnectDraft, picks: readonly PickedTag[]): Partial<ConnectDraft> {
  const tags = [...draft.tags];
  const rawValues = { ...draft.rawValues };
  for (const { tag, name, unit = '', raw, reading } of picks) {
    if (raw !== null) {
      rawValues[tag] = raw;
    }
    const place = tags.findIndex((known) => known.tag === tag);
    const known = tags[place];
    if (known) {
      tags[place] = { ...known, ...reading };
    } else {
      tags.push(newTag({ tag, metricName: freeMetricName(name, tags), unit, ...reading }));
    }
  }
  return { tags, rawValues };
}

export function withoutTags(draft: ConnectDraft, unwanted: readonly string[]): Partial<ConnectDraft> {
  return { tags: draft.tags.filter(({ tag }) => !unwanted.includes(tag)) };
}
