import { expect, it } from 'vitest';
import { newTag } from '~/features/sources/model/tagDraft';
import { emptyDraft } from './draft';
import { plainReading, probedRows } from './registers';

const registers = [0x42f6, 0xe979, 7, null].map((value, place) => ({
  address: 100 + place,
  value,
  problem: value === null ? 'illegal address' : null,
}));

it('decodes each register with its type, over the following ones', () => {
  const rows = probedRows(emptyDraft, registers, () => ({ ...plainReading, type: 'FLOAT32' }));
  expect(rows[0]?.decoded).toBeCloseTo(123.456, 3);
  expect(rows[2]?.decoded).toBeNull();
});

it('reads a picked register as its tag says, and knows which registers belong to it', () => {
  const tags = [newTag({ tag: 'holding:100', metricName: 'flow', dataType: 'FLOAT32' })];
  const rows = probedRows({ ...emptyDraft, tags }, registers, () => plainReading);
  expect(rows.map(({ isPicked, partOf }) => [isPicked, partOf])).toEqual([
    [true, null],
    [false, 100],
    [false, null],
    [false, null],
  ]);
  expect(rows[0]?.decoded).toBeCloseTo(123.456, 3);
});

it('shows bits as they are', () => {
  const draft = { ...emptyDraft, probe: { ...emptyDraft.probe, table: 'COIL' as const } };
  const [row] = probedRows(draft, [{ address: 0, value: 1, problem: null }], () => plainReading);
  expect(row).toMatchObject({ tag: 'coil:0', decoded: 1 });
});
