export const registerTypes = [
  'UINT16',
  'INT16',
  'UINT32',
  'INT32',
  'FLOAT32',
  'UINT64',
  'INT64',
  'FLOAT64',
  'FLOAT16',
] as const;
export type RegisterType = (typeof registerTypes)[number];
