import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type Protocol, protocols, protocolWords } from '~/features/machine-form/model/machine';
import { ConnectionFields } from '~/features/sources/components/ConnectionFields';
import { TestOutcome } from '~/features/sources/components/TestOutcome';
import { type TestInput, useSourceTest } from '~/features/sources/hooks/useSourceTest';
import { type ConnectionDraft, toSettings } from '~/features/sources/model/connection';
import { isConnected } from '~/features/sources/model/testReport';
import {
  type ConnectDraft,
  deviceProblems,
  type FileDraft,
  isComplete,
  tagProtocol,
  withConnection,
  withProtocol,
} from '../model/draft';
import classes from './Connect.module.css';
import { StepFooter } from './StepFooter';
import { StepPanel } from './StepPanel';
import type { StepProps } from './step';

function ProtocolSelect({ draft, change }: Pick<StepProps, 'draft' | 'change'>) {
  const offered = draft.way === 'AGENT' ? protocols : (['OPC_UA', 'MODBUS_TCP'] as const);
  return (
    <NativeSelect
      label="Protocol"
      size="md"
      disabled={draft.source !== null}
      description={draft.source ? 'A source keeps its protocol.' : undefined}
      value={draft.protocol}
      onChange={(event) => {
        const protocol = event.currentTarget.value as Protocol;
        change((old) => withProtocol(old, protocol));
      }}
      data={offered.map((value) => ({ value, label: protocolWords[value] }))}
    />
  );
}

/** Problems of fields that a person has filled in; an empty form is not scolded. */
function shownProblems(draft: ConnectDraft): Partial<Record<string, string>> {
  const values: Partial<Record<string, unknown>> = { ...draft.connection, ...draft.file };
  const hasUser = draft.connection.username.trim() !== '';
  return Object.fromEntries(
    Object.entries(deviceProblems(draft)).filter(
      ([name]) => values[name] !== '' || (name === 'password' && hasUser),
    ),
  );
}

function FileFields({ draft, change }: Pick<StepProps, 'draft' | 'change'>) {
  const problems = shownProblems(draft);
  const isCsv = draft.protocol === 'CSV';
  const field = (name: keyof FileDraft, label: string, placeholder: string, maxLength?: number) => (
    <TextInput
      label={label}
      placeholder={placeholder}
      size="md"
      maxLength={maxLength}
      spellCheck={false}
      value={draft.file[name]}
      error={problems[name]}
      onChange={(event) => {
        const value = event.currentTarget.value;
        change((old) => ({ ...old, file: { ...old.file, [name]: value } }));
      }}
    />
  );
  return (
    <div className={classes.fields}>
      {field('path', 'File on the agent’s machine', isCsv ? '/data/press/*.csv' : '/data/press/*.jsonl')}
      {field('timeColumn', isCsv ? 'Column with the time' : 'Key with the time', 'timestamp')}
      {isCsv && field('delimiter', 'Delimiter', ',', 1)}
      {isCsv && (
        <NativeSelect
          label="Decimal mark"
          size="md"
          value={draft.file.decimal}
          onChange={(event) => {
            const decimal = event.currentTarget.value;
            change((old) => ({ ...old, file: { ...old.file, decimal } }));
          }}
          data={[
            { value: '.', label: 'Point: 1.5' },
            { value: ',', label: 'Comma: 1,5' },
          ]}
        />
      )}
    </div>
  );
}

/** For a test: the connection as it is entered, and the source whose password it may use. */
export function lookInput({ source, connection }: ConnectDraft): TestInput {
  return { ...(source ? { id: source.id } : {}), ...toSettings(connection) };
}

/** How the device is reached; for the server with a test. */
export function ConnectionStep({ draft, change, onNext, onBack }: StepProps) {
  const test = useSourceTest();
  const isFile = tagProtocol(draft) === null;
  const isTestable = draft.way === 'SERVER';
  const isEntered = Object.keys(deviceProblems(draft)).length === 0;
  const run = async (tested: ConnectDraft): Promise<void> => {
    const report = await test.run({ ...lookInput(tested), tags: [] });
    change({ isTested: report !== null && isConnected(report) });
  };
  const handleChange = (part: Partial<ConnectionDraft>): void => {
    test.forget();
    change((old) => withConnection(old, part));
  };
  const handleConfirm = (serverFingerprint: string): void => {
    const trusting = withConnection(draft, { serverFingerprint });
    change(trusting);
    void run(trusting);
  };
  return (
    <StepPanel title={isTestable ? 'How is it reached?' : 'How does the agent reach it?'}>
      <div className={classes.fields}>
        <ProtocolSelect draft={draft} change={change} />
      </div>
      {isFile ? (
        <FileFields draft={draft} change={change} />
      ) : (
        <ConnectionFields
          draft={draft.connection}
          problems={shownProblems(draft)}
          hasPassword={draft.source !== null && draft.connection.password === null}
          hasUserCertificate={draft.source !== null && draft.connection.userCertificate === null}
          hidesPassword={!isTestable}
          onChange={handleChange}
        />
      )}
      {isTestable && (
        <>
          <div className="pw-row">
            <Button
              variant={draft.isTested ? 'default' : 'filled'}
              className="pw-target"
              disabled={!isEntered || test.isRunning}
              onClick={() => void run(draft)}
            >
              {test.isRunning ? 'Testing…' : 'Test the connection'}
            </Button>
            {draft.isTested && !test.report && <span className="pw-dim">The last test passed.</span>}
          </div>
          <TestOutcome test={test} confirmed={draft.connection.serverFingerprint} onConfirm={handleConfirm} />
        </>
      )}
      <StepFooter
        next="Go on"
        canGoOn={isComplete(draft, 'connection')}
        hint={isTestable && isEntered ? 'Test the connection first.' : 'Fill in the fields first.'}
        onNext={onNext}
        onBack={onBack}
      />
    </StepPanel>
  );
}
