export type ConfigValue =
  | string
  | number
  | boolean
  | readonly number[]
  | readonly ConfigTable[]
  | ConfigTable;
/** Keys in the order in which they are written; those that are undefined are left out. */
export interface ConfigTable {
  readonly [key: string]: ConfigValue | undefined;
}

type Entry = [string, ConfigValue];

function entriesOf(table: ConfigTable): Entry[] {
  return Object.entries(table).filter((entry): entry is Entry => entry[1] !== undefined);
}

function isList(value: ConfigValue): value is readonly ConfigTable[] {
  return Array.isArray(value) && typeof value[0] === 'object';
}

function isTable(value: ConfigValue): value is ConfigTable {
  return typeof value === 'object' && !Array.isArray(value);
}

/** A JSON text is a valid string in TOML and in YAML; TOML wants DEL escaped too. */
function scalarText(value: ConfigValue): string {
  return JSON.stringify(value).replaceAll('\x7f', '\\u007f');
}

function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? key : scalarText(key);
}

/** The table as YAML, two spaces a level; every text is quoted, so that `no` and `010` stay texts. */
export function toYaml(table: ConfigTable, indent = ''): string {
  return entriesOf(table)
    .map(([key, value]) => {
      const head = `${indent}${keyText(key)}:`;
      if (isList(value)) {
        const items = value.map((item) => {
          const text = toYaml(item, `${indent}    `);
          return `${indent}  - ${text.trimStart()}`;
        });
        return `${head}\n${items.join('')}`;
      }
      return isTable(value) ? `${head}\n${toYaml(value, `${indent}  `)}` : `${head} ${scalarText(value)}\n`;
    })
    .join('');
}

/** The table as TOML below its header: `agent` gives `[agent]`, a list's table `[[source]]`. */
export function toToml(path: readonly string[], table: ConfigTable, isListItem = false): string {
  const name = path.map(keyText).join('.');
  const entries = entriesOf(table);
  const scalars = entries.filter(([, value]) => !isList(value) && !isTable(value));
  const head = isListItem ? `[[${name}]]` : `[${name}]`;
  const own =
    scalars.length > 0 || isListItem
      ? [`${[head, ...scalars.map(([key, value]) => `${keyText(key)} = ${scalarText(value)}`)].join('\n')}\n`]
      : [];
  const below = entries.flatMap(([key, value]) => {
    if (isList(value)) {
      return value.map((item) => toToml([...path, key], item, true));
    }
    return isTable(value) ? [toToml([...path, key], value)] : [];
  });
  return [...own, ...below].join('\n');
}
