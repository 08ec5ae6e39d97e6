import type { VariablesOf } from '~/gql/graphql';
import type { setTagMappings } from '../hooks/useSourceMutations';
import type { SourceProtocol, TagMapping } from './sourceFragment';

export type TagInput = VariablesOf<typeof setTagMappings>['input']['mappings'][number];

/** A row of the mapping table; numbers are text while a person types them. */
export interface TagDraft {
  key: string;
  tag: string;
  metricName: string;
  unit: string;
  scale: string;
  offset: string;
  isEnabled: boolean;
  dataType: TagMapping['dataType'];
  wordOrder: TagMapping['wordOrder'];
  byteOrder: TagMapping['byteOrder'];
}

export type TagField = 'tag' | 'metricName' | 'unit' | 'scale' | 'offset';
export type TagProblems = Partial<Record<TagField, string>>;

const longestMetricName = 255;
const longestUnit = 64;
const registerForm =
  /^(?:(?:\d{1,3}\/)?(?:coil|discrete|holding|input):\d{1,5}(?:\.\d{1,2}(?:-\d{1,2})?)?|[0134]\d{4,5})$/;
const nodeForm = /^(?:(?:ns=\d+|nsu=[^;]+);)?[isgb]=.+$/;

// A draft that was kept brings its keys along, so those of another visit must differ.
const visit = Date.now().toString(36);
let lastKey = 0;

function nextKey(): string {
  lastKey += 1;
  return `tag-${visit}-${lastKey}`;
}

export function newTag(part: Partial<TagDraft> = {}): TagDraft {
  return {
    tag: '',
    metricName: '',
    unit: '',
    scale: '1',
    offset: '0',
    isEnabled: true,
    dataType: null,
    wordOrder: null,
    byteOrder: null,
    ...part,
    key: nextKey(),
  };
}

export function toTagDraft(mapping: TagMapping): TagDraft {
  const { tag, metricName, unit, isEnabled, dataType, wordOrder, byteOrder } = mapping;
  const numbers = { scale: String(mapping.scale), offset: String(mapping.offset) };
  return newTag({ tag, metricName, unit, isEnabled, dataType, wordOrder, byteOrder, ...numbers });
}

export function toTagInput(draft: TagDraft): TagInput {
  const { tag, metricName, unit, scale, offset, isEnabled, dataType, wordOrder, byteOrder } = draft;
  return {
    tag: tag.trim(),
    metricName: metricName.trim(),
    unit: unit.trim(),
    scale: Number(scale),
    offset: Number(offset),
    isEnabled,
    dataType,
    wordOrder,
    byteOrder,
  };
}

/** A metric's name for a device's name, as the agent proposes it: "Motor Temp.2" gives "motor_temp_2". */
export function proposeMetricName(name: string): string {
  const words = name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
  return words.replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '') || 'value';
}

/** The value as it is stored; null while the numbers are none. */
export function scaled(raw: number | null | undefined, draft: TagDraft): number | null {
  const value =
    raw === null || raw === undefined ? Number.NaN : raw * Number(draft.scale) + Number(draft.offset);
  return Number.isFinite(value) && isNumber(draft.scale) && isNumber(draft.offset) ? value : null;
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

function textProblem(text: string, noun: string, longest: number): string | undefined {
  if ([...text.trim()].length > longest) {
    return `At most ${longest} characters.`;
  }
  return text.includes('\0') ? `The ${noun} must not hold the character U+0000.` : undefined;
}

function tagProblem(tag: string, protocol: SourceProtocol | null): string | undefined {
  if (!tag.trim()) {
    return 'Say what is read.';
  }
  if (protocol === 'OPC_UA' && !nodeForm.test(tag.trim())) {
    return 'A node id such as ns=2;s=Temperature.';
  }
  return protocol === 'MODBUS_TCP' && !registerForm.test(tag.trim())
    ? 'A register such as holding:100 or 40101.'
    : undefined;
}

/** What the server would refuse, by the key of the row; `protocol` is null for the columns of a file. */
export function tagProblems(
  drafts: readonly TagDraft[],
  protocol: SourceProtocol | null,
): ReadonlyMap<string, TagProblems> {
  const tags = counted(drafts.map(({ tag }) => tag.trim()));
  const names = counted(drafts.filter(({ isEnabled }) => isEnabled).map((draft) => draft.metricName.trim()));
  const rows = drafts.map((draft): [string, TagProblems] => {
    const name = draft.metricName.trim();
    const found: TagProblems = {
      tag:
        tagProblem(draft.tag, protocol) ??
        ((tags.get(draft.tag.trim()) ?? 0) > 1 ? 'It is there twice.' : undefined),
      metricName: name
        ? (textProblem(name, 'name', longestMetricName) ??
          (draft.isEnabled && (names.get(name) ?? 0) > 1 ? 'Another tag has this metric.' : undefined))
        : 'Give the metric a name.',
      unit: textProblem(draft.unit, 'unit', longestUnit),
      scale: isNumber(draft.scale) ? undefined : 'A number, such as 0.1.',
      offset: isNumber(draft.offset) ? undefined : 'A number, such as -40.',
    };
    return [draft.key, found];
  });
  return new Map(rows.filter(([, problems]) => Object.values(problems).some(Boolean)));
}

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}
