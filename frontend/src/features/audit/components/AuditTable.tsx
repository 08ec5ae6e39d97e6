import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { formatDateTime, toWords } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import { useMachineNames } from '~/ui/MachineFilter';
import type { AuditItem } from '../hooks/useAuditTrail';
import { describeAction } from '../model/actions';
import { type PageSubject, readRecord } from '../model/summary';
import classes from './AuditTable.module.css';

function AuditDetail({ record }: { record: AuditItem }) {
  return (
    <tr>
      <td colSpan={7}>
        <pre className="pw-code" style={{ whiteSpace: 'pre-wrap' }}>
          {JSON.stringify(record.payload, null, 2)}
        </pre>
        <p className="pw-code">
          {toWords(record.resourceType)} {record.resourceId}
          <br />
          previous hash {record.previousHash}
          <br />
          row hash {record.rowHash}
        </p>
      </td>
    </tr>
  );
}

function AuditLink({ subject: { to, id, name } }: { subject: PageSubject }) {
  if (id === null) {
    return <span>{name}</span>;
  }
  return to === 'agent' ? (
    <Link to="/agents/$agentId" params={{ agentId: id }}>
      {name}
    </Link>
  ) : (
    <Link to="/sources/$sourceId" params={{ sourceId: id }}>
      {name}
    </Link>
  );
}

function AuditSubject({ record, names }: { record: AuditItem; names: ReadonlyMap<string, string> }) {
  const { machineId, subject, summary } = readRecord(record);
  const name = machineId && names.get(machineId);
  return (
    <>
      {subject && <AuditLink subject={subject} />}
      {name && (
        <Link to="/machines/$machineId" params={{ machineId }}>
          {name}
        </Link>
      )}
      {summary && <span className="pw-dim">{summary}</span>}
    </>
  );
}

export function AuditTable({ records }: { records: readonly AuditItem[] }) {
  const names = useMachineNames();
  const [openSequence, setOpenSequence] = useState<number | null>(null);
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">Audit records, newest first</caption>
        <thead>
          <tr>
            <th scope="col" data-number>
              No.
            </th>
            <th scope="col">Time</th>
            <th scope="col">What</th>
            <th scope="col">About</th>
            <th scope="col">Who</th>
            <th scope="col" className={classes.hash}>
              Row hash
            </th>
            <th scope="col">Payload</th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => {
            const isOpen = record.sequence === openSequence;
            return (
              <Fragment key={record.sequence}>
                <tr>
                  <td data-number>{record.sequence}</td>
                  <td className="pw-nowrap">{formatDateTime(record.createdAt)}</td>
                  <td className={classes.action}>{describeAction(record.action)}</td>
                  <td className={classes.subject}>
                    <AuditSubject record={record} names={names} />
                  </td>
                  <td>{record.actorName}</td>
                  <td className={`${classes.hash} pw-code pw-nowrap`}>{record.rowHash.slice(0, 12)}…</td>
                  <td>
                    <Button
                      variant="default"
                      size="compact-sm"
                      className="pw-target"
                      aria-expanded={isOpen}
                      aria-label={`${isOpen ? 'Hide' : 'Show'} the payload of record ${record.sequence}`}
                      onClick={() => setOpenSequence(isOpen ? null : record.sequence)}
                    >
                      {isOpen ? 'Hide' : 'Show'}
                    </Button>
                  </td>
                </tr>
                {isOpen && <AuditDetail record={record} />}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
