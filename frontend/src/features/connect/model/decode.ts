import type { RegisterType } from '~/features/sources/model/registers';

export type Order = 'BIG' | 'LITTLE';

export interface Reading {
  type: RegisterType;
  wordOrder: Order;
  byteOrder: Order;
}

/** How many registers of 16 bits a value of the type takes. */
export function widthOf(type: RegisterType): number {
  return Number(type.replace(/\D+/, '')) / 16;
}

/** The number that the registers hold, read as the agent reads them; null when a register is missing. */
export function decode(words: readonly (number | null | undefined)[], reading: Reading): number | null {
  const own = words.slice(0, widthOf(reading.type));
  if (own.length < widthOf(reading.type) || own.some((word) => word === null || word === undefined)) {
    return null;
  }
  const view = new DataView(new ArrayBuffer(own.length * 2));
  const ordered = reading.wordOrder === 'LITTLE' ? own.toReversed() : own;
  ordered.forEach((word, place) => {
    // As the agent packs them: in both orders the bytes are then read from the first to the last.
    view.setUint16(place * 2, word as number, reading.byteOrder === 'LITTLE');
  });
  return readers[reading.type](view);
}

const readers: Record<RegisterType, (view: DataView) => number> = {
  UINT16: (view) => view.getUint16(0),
  INT16: (view) => view.getInt16(0),
  UINT32: (view) => view.getUint32(0),
  INT32: (view) => view.getInt32(0),
  FLOAT32: (view) => view.getFloat32(0),
  UINT64: (view) => Number(view.getBigUint64(0)),
  INT64: (view) => Number(view.getBigInt64(0)),
  FLOAT64: (view) => view.getFloat64(0),
  FLOAT16: (view) => halfFloat(view.getUint16(0)),
};

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) {
    return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  }
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
