import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { toSettings } from '~/features/sources/model/connection';
import { Note } from '~/ui/Note';
import { useProbe } from '../hooks/useProbe';
import type { Reading } from '../model/decode';
import type { ConnectDraft } from '../model/draft';
import { withoutTags, withTags } from '../model/nodes';
import { isBitTable, type ProbedRow, plainReading, probedRows } from '../model/registers';
import classes from './Connect.module.css';
import { ReadingSelects, RegisterTable } from './RegisterTable';
import type { StepProps } from './step';

const tables: Record<ConnectDraft['probe']['table'], string> = {
  HOLDING: 'Holding (4x)',
  INPUT: 'Input (3x)',
  COIL: 'Coils (0x)',
  DISCRETE: 'Discrete (1x)',
};
const mostProbed = 250;
const lastAddress = 65_535;

function isRange(probe: ConnectDraft['probe']): boolean {
  const [first, count] = [Number(probe.address), Number(probe.count)];
  return (
    /^\d+$/.test(probe.address) &&
    /^\d+$/.test(probe.count) &&
    count >= 1 &&
    count <= mostProbed &&
    first + count - 1 <= lastAddress
  );
}

interface RangeFormProps extends Pick<StepProps, 'draft' | 'change'> {
  isRunning: boolean;
  onProbe: () => void;
}

function RangeForm({ draft, change, isRunning, onProbe }: RangeFormProps) {
  const { probe } = draft;
  const put = (part: Partial<ConnectDraft['probe']>): void =>
    change((old) => ({ ...old, probe: { ...old.probe, ...part } }));
  const handleSubmit = (event: FormEvent): void => {
    event.preventDefault();
    onProbe();
  };
  return (
    <form className={classes.fields} onSubmit={handleSubmit}>
      <NativeSelect
        label="Table"
        size="md"
        value={probe.table}
        onChange={(event) => put({ table: event.currentTarget.value as ConnectDraft['probe']['table'] })}
        data={Object.entries(tables).map(([value, label]) => ({ value, label }))}
      />
      <TextInput
        label="First address (from 0)"
        size="md"
        inputMode="numeric"
        value={probe.address}
        onChange={(event) => put({ address: event.currentTarget.value })}
      />
      <TextInput
        label={`How many, up to ${mostProbed}`}
        size="md"
        inputMode="numeric"
        value={probe.count}
        onChange={(event) => put({ count: event.currentTarget.value })}
      />
      <Button type="submit" className="pw-target" disabled={isRunning || !isRange(probe)}>
        {isRunning ? 'Reading…' : 'Read registers'}
      </Button>
    </form>
  );
}

/** The registers of a Modbus device to pick from, with what each would be as a number. */
export function RegisterPicker({ draft, change }: Pick<StepProps, 'draft' | 'change'>) {
  const probe = useProbe();
  const [shownTable, setShownTable] = useState<ConnectDraft['probe']['table'] | null>(null);
  const [common, setCommon] = useState<Reading>(plainReading);
  const [own, setOwn] = useState<ReadonlyMap<string, Reading>>(new Map());
  const { table, address, count } = draft.probe;
  const handleProbe = async (): Promise<void> => {
    setShownTable(null);
    const settings = toSettings(draft.connection);
    await probe.run({
      ...(draft.source ? { id: draft.source.id } : {}),
      ...('modbusTcp' in settings ? settings : {}),
      table,
      address: Number(address),
      count: Number(count),
    });
    setShownTable(table);
  };
  const rows =
    probe.registers && shownTable === table
      ? probedRows(draft, probe.registers, (place) => own.get(`${table}:${place}`) ?? common)
      : null;
  const pick = ({ tag, decoded }: ProbedRow, reading: Reading): void => {
    const { type: dataType, wordOrder, byteOrder } = reading;
    const typed = isBitTable(table)
      ? { dataType: null, wordOrder: null, byteOrder: null }
      : { dataType, wordOrder, byteOrder };
    change((old) => ({ ...old, ...withTags(old, [{ tag, name: tag, raw: decoded, reading: typed }]) }));
  };
  const handleReading = (row: ProbedRow, reading: Reading): void => {
    setOwn(new Map(own).set(`${table}:${row.address}`, reading));
    if (row.isPicked) {
      const [again] = probedRows({ ...draft, tags: [] }, probe.registers ?? [], () => reading).filter(
        (one) => one.address === row.address,
      );
      pick(again ?? row, reading);
    }
  };
  return (
    <>
      <RangeForm
        draft={draft}
        change={change}
        isRunning={probe.isRunning}
        onProbe={() => void handleProbe()}
      />
      {probe.problem && <Note role="alert">{probe.problem.message}</Note>}
      {rows && !isBitTable(table) && (
        <fieldset className={classes.group}>
          <legend className="pw-dim">Read all as</legend>
          <ReadingSelects
            name="all registers"
            reading={common}
            onChange={(reading) => {
              setCommon(reading);
              setOwn(new Map());
            }}
          />
        </fieldset>
      )}
      {rows && (
        <RegisterTable
          rows={rows}
          isBits={isBitTable(table)}
          onReading={handleReading}
          onPick={(row, isPicked) =>
            isPicked ? pick(row, row.reading) : change((old) => ({ ...old, ...withoutTags(old, [row.tag]) }))
          }
        />
      )}
    </>
  );
}
