import type { Channel, ChannelField, ChannelType } from './channelFragment';

/** What a form holds: texts and switches by field; headers as lines of `Name: value`. */
export type Values = Record<string, string | boolean>;

export interface ChannelDraft {
  name: string;
  type: string;
  language: Channel['language'];
  ratePerMinute: string;
  keepsOrder: boolean;
  values: Values;
}

function toText(field: ChannelField, value: unknown): string | boolean {
  if (field.kind === 'SWITCH') {
    return value === true;
  }
  if (field.kind === 'TEXTS') {
    return Object.entries((value as Record<string, string> | null) ?? {})
      .map(([name, text]) => `${name}: ${text}`)
      .join('\n');
  }
  return value === null || value === undefined ? '' : String(value);
}

/** The form of a new channel of this type, with the type's defaults. */
export function newDraft({ type, fields }: ChannelType): ChannelDraft {
  return {
    name: '',
    type,
    language: 'EN',
    ratePerMinute: '30',
    keepsOrder: false,
    values: Object.fromEntries(fields.map((field) => [field.name, toText(field, field.default)])),
  };
}

/** The form of a stored channel; its secrets are empty, for they are never shown. */
export function draftOf(channel: Channel, { fields }: ChannelType): ChannelDraft {
  const { name, type, language, ratePerMinute, keepsOrder } = channel;
  const stored = channel.config as Record<string, unknown>;
  const value = (field: ChannelField): unknown =>
    field.isSecret
      ? null
      : field.name in stored
        ? stored[field.name]
        : field.kind === 'SWITCH'
          ? field.default
          : null;
  return {
    name,
    type,
    language,
    ratePerMinute: String(ratePerMinute),
    keepsOrder,
    values: Object.fromEntries(fields.map((field) => [field.name, toText(field, value(field))])),
  };
}

/** `Name: value` per line. Lines without a colon stay, with an empty value, so that the server says what is wrong. */
function readLines(text: string): Record<string, string> {
  const pairs = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...rest] = line.split(':');
      return [name.trim(), rest.join(':').trim()] as const;
    });
  return Object.fromEntries(pairs);
}

/** The config as the server takes it: fields without a value are left out, so stored secrets stay. */
export function toConfig(values: Values, { fields }: ChannelType): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const { name, kind } of fields) {
    const value = values[name];
    if (typeof value === 'boolean') {
      config[name] = value;
    } else if (value === undefined || value.trim() === '') {
    } else if (kind === 'NUMBER') {
      config[name] = Number(value);
    } else {
      config[name] = kind === 'TEXTS' ? readLines(value) : value.trim();
    }
  }
  return config;
}

/** What the form itself can say, by field; the rest is the server's to judge. */
export function draftProblems(
  draft: ChannelDraft,
  type: ChannelType,
  hasSecrets: boolean,
): Record<string, string> {
  const problems: Record<string, string> = {};
  if (draft.name.trim() === '') {
    problems.name = 'Give the channel a name.';
  }
  const rate = Number(draft.ratePerMinute);
  if (!Number.isInteger(rate) || rate < 1 || rate > 600) {
    problems.ratePerMinute = 'From 1 to 600.';
  }
  for (const { name, kind, isRequired, isSecret } of type.fields) {
    const value = draft.values[name];
    if (typeof value === 'string' && value.trim() === '') {
      if (isRequired && !(isSecret && hasSecrets)) {
        problems[name] = 'This is needed.';
      }
    } else if (kind === 'NUMBER' && !Number.isInteger(Number(value))) {
      problems[name] = 'A whole number.';
    }
  }
  return problems;
}

/** The field that a refusal is about: `["config", "url"]` is `url`. */
export function fieldOf(path: readonly string[]): string {
  return path[0] === 'config' ? (path[1] ?? '') : (path[0] ?? '');
}
