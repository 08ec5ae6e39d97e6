import { NativeSelect } from '@mantine/core';
import { type RegisterType, registerTypes } from '~/features/sources/model/registers';
import tables from '~/ui/DataTable.module.css';
import { type Order, type Reading, widthOf } from '../model/decode';
import type { ProbedRow } from '../model/registers';
import classes from './Connect.module.css';

const shown = new Intl.NumberFormat('en', { maximumSignificantDigits: 7 });

interface ReadingSelectsProps {
  /** Whose type it is, for a screen reader. */
  name: string;
  reading: Reading;
  onChange: (reading: Reading) => void;
}

/** Type, and for values of several registers the order of the words. */
export function ReadingSelects({ name, reading, onChange }: ReadingSelectsProps) {
  return (
    <div className={classes.selects}>
      <NativeSelect
        aria-label={`Type of ${name}`}
        size="sm"
        value={reading.type}
        onChange={(event) => onChange({ ...reading, type: event.currentTarget.value as RegisterType })}
        data={registerTypes.map((value) => ({ value, label: value.toLowerCase() }))}
      />
      <NativeSelect
        aria-label={`Word order of ${name}`}
        size="sm"
        disabled={widthOf(reading.type) === 1}
        value={reading.wordOrder}
        onChange={(event) => onChange({ ...reading, wordOrder: event.currentTarget.value as Order })}
        data={[
          { value: 'BIG', label: 'high word first' },
          { value: 'LITTLE', label: 'low word first' },
        ]}
      />
      <NativeSelect
        aria-label={`Byte order of ${name}`}
        size="sm"
        value={reading.byteOrder}
        onChange={(event) => onChange({ ...reading, byteOrder: event.currentTarget.value as Order })}
        data={[
          { value: 'BIG', label: 'high byte first' },
          { value: 'LITTLE', label: 'low byte first' },
        ]}
      />
    </div>
  );
}

interface RowProps {
  row: ProbedRow;
  isBits: boolean;
  onReading: (row: ProbedRow, reading: Reading) => void;
  onPick: (row: ProbedRow, isPicked: boolean) => void;
}

function hexText(value: number | null): string {
  return value === null ? '–' : `0x${value.toString(16).toUpperCase().padStart(4, '0')}`;
}

function Row({ row, isBits, onReading, onPick }: RowProps) {
  const { address, value, problem, partOf, decoded } = row;
  return (
    <tr data-stale={partOf !== null || problem !== null || undefined}>
      <td>
        <label className={classes.check}>
          <input
            type="checkbox"
            aria-label={`Pick ${row.tag}`}
            disabled={decoded === null || partOf !== null}
            checked={row.isPicked}
            onChange={(event) => onPick(row, event.currentTarget.checked)}
          />
        </label>
      </td>
      <td data-number>{address}</td>
      {!isBits && <td className="pw-code">{hexText(value)}</td>}
      {problem !== null || partOf !== null ? (
        <td colSpan={isBits ? 1 : 2} className="pw-dim">
          {problem ?? `Part of the value at ${partOf}`}
        </td>
      ) : (
        <>
          {!isBits && (
            <td>
              <ReadingSelects
                name={row.tag}
                reading={row.reading}
                onChange={(reading) => onReading(row, reading)}
              />
            </td>
          )}
          <td data-number>
            <output aria-label={`Value of ${row.tag}`}>
              {decoded === null ? 'beyond the range' : shown.format(decoded)}
            </output>
          </td>
        </>
      )}
    </tr>
  );
}

/** Probed registers: what is there, how it is read, and the number that this gives. */
export function RegisterTable({ rows, ...props }: Omit<RowProps, 'row'> & { rows: readonly ProbedRow[] }) {
  return (
    <div className={`${tables.frame} ${classes.scroll}`}>
      <table className={tables.table}>
        <caption className="pw-hidden">Registers</caption>
        <thead>
          <tr>
            <th scope="col">Pick</th>
            <th scope="col" data-number>
              Address
            </th>
            {!props.isBits && <th scope="col">Register</th>}
            {!props.isBits && <th scope="col">Read as</th>}
            <th scope="col" data-number>
              Value
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.address} row={row} {...props} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
