import type { Register } from '../hooks/useProbe';
import { decode, type Reading, widthOf } from './decode';
import type { ConnectDraft } from './draft';

export const plainReading: Reading = { type: 'UINT16', wordOrder: 'BIG', byteOrder: 'BIG' };

export function isBitTable(table: ConnectDraft['probe']['table']): boolean {
  return table === 'COIL' || table === 'DISCRETE';
}

/** How the API names the register: `holding:100`. */
export function registerTag(table: ConnectDraft['probe']['table'], address: number): string {
  return `${table.toLowerCase()}:${address}`;
}

export interface ProbedRow extends Register {
  tag: string;
  reading: Reading;
  /** The value as it is read with the type and the orders; null when registers are missing. */
  decoded: number | null;
  isPicked: boolean;
  /** The picked register that this one belongs to. */
  partOf: number | null;
}

/** The probed registers with what they mean; a picked one is read as its tag says. */
export function probedRows(
  draft: ConnectDraft,
  registers: readonly Register[],
  readingOf: (address: number) => Reading,
): ProbedRow[] {
  const { table } = draft.probe;
  const values = new Map(registers.map(({ address, value }) => [address, value]));
  const owners = new Map<number, number>();
  const rows: ProbedRow[] = [];
  for (const register of registers) {
    const { address, value } = register;
    const tag = registerTag(table, address);
    const known = draft.tags.find((one) => one.tag === tag);
    const reading = known
      ? {
          type: known.dataType ?? plainReading.type,
          wordOrder: known.wordOrder ?? plainReading.wordOrder,
          byteOrder: known.byteOrder ?? plainReading.byteOrder,
        }
      : readingOf(address);
    const width = isBitTable(table) ? 1 : widthOf(reading.type);
    const words = Array.from({ length: width }, (_, place) => values.get(address + place));
    if (known) {
      for (let place = 1; place < width; place += 1) {
        owners.set(address + place, address);
      }
    }
    rows.push({
      ...register,
      tag,
      reading,
      decoded: isBitTable(table) ? value : decode(words, reading),
      isPicked: known !== undefined,
      partOf: known ? null : (owners.get(address) ?? null),
    });
  }
  return rows;
}
