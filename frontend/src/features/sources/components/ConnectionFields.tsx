import { NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import {
  type ConnectionDraft,
  type ConnectionField,
  type ConnectionProblems,
  securityModes,
  securityModeWords,
  securityPolicies,
  securityPolicyWords,
} from '../model/connection';
import classes from './Sources.module.css';
import { UserCertificateFields } from './UserCertificateFields';

export interface ConnectionFieldsProps {
  draft: ConnectionDraft;
  problems: ConnectionProblems;
  /** Whether a password is stored, which an empty field leaves as it is. */
  hasPassword?: boolean;
  /** Whether a certificate of the user is stored. */
  hasUserCertificate?: boolean;
  /** For an agent, which has the password in its own environment. */
  hidesPassword?: boolean;
  onChange: (part: Partial<ConnectionDraft>) => void;
}

interface TextProps extends ConnectionFieldsProps {
  name: ConnectionField;
  label: string;
  placeholder?: string;
  className?: string;
  inputMode?: 'decimal' | 'numeric';
}

function Field(props: TextProps) {
  const { draft, problems, onChange, name, label, placeholder, className, inputMode } = props;
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      className={className}
      inputMode={inputMode}
      size="md"
      autoComplete="off"
      spellCheck={false}
      value={draft[name] ?? ''}
      error={problems[name]}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  );
}

function OpcUaFields(props: ConnectionFieldsProps) {
  const { draft, problems, onChange, hasPassword, hidesPassword } = props;
  return (
    <>
      <Field
        {...props}
        name="endpointUrl"
        className={classes.wholeLine}
        label="Endpoint"
        placeholder="opc.tcp://plc1.example:4840/path"
      />
      <NativeSelect
        label="Security"
        size="md"
        value={draft.securityMode}
        error={problems.securityMode}
        onChange={(event) =>
          onChange({ securityMode: event.currentTarget.value as ConnectionDraft['securityMode'] })
        }
        data={securityModes.map((value) => ({ value, label: securityModeWords[value] }))}
      />
      {draft.securityMode !== 'NONE' && (
        <NativeSelect
          label="Policy"
          size="md"
          value={draft.securityPolicy}
          onChange={(event) =>
            onChange({ securityPolicy: event.currentTarget.value as ConnectionDraft['securityPolicy'] })
          }
          data={securityPolicies.map((value) => ({ value, label: securityPolicyWords[value] }))}
        />
      )}
      <Field {...props} name="username" label="User (empty for nobody)" />
      {!hidesPassword && (
        <TextInput
          label="Password"
          type="password"
          size="md"
          autoComplete="new-password"
          placeholder={hasPassword && draft.password === null ? 'Stored; type to replace it' : ''}
          value={draft.password ?? ''}
          error={problems.password}
          onChange={(event) => onChange({ password: event.currentTarget.value || (hasPassword ? null : '') })}
        />
      )}
      {!hidesPassword && draft.username.trim() === '' && draft.securityMode !== 'NONE' && (
        <UserCertificateFields {...props} />
      )}
    </>
  );
}

function ModbusFields(props: ConnectionFieldsProps) {
  return (
    <>
      <Field {...props} name="host" label="Host" placeholder="plc1.example or 10.20.0.7" />
      <Field {...props} name="port" label="Port" inputMode="numeric" />
      <Field {...props} name="unitId" label="Unit id" inputMode="numeric" />
    </>
  );
}

function Details({ children }: { children: ReactNode }) {
  return (
    <details className={classes.wholeLine}>
      <summary className="pw-target">More settings</summary>
      <div className={classes.fields}>{children}</div>
    </details>
  );
}

/** How a device is reached, for either protocol. */
export function ConnectionFields(props: ConnectionFieldsProps) {
  const { draft, onChange } = props;
  const isOpcUa = draft.protocol === 'OPC_UA';
  return (
    <div className={classes.fields}>
      {isOpcUa ? <OpcUaFields {...props} /> : <ModbusFields {...props} />}
      <Field {...props} name="pollIntervalSeconds" label="Read every, in seconds" inputMode="decimal" />
      <Details>
        <Field
          {...props}
          name="timeoutSeconds"
          label="Timeout of a request, in seconds"
          inputMode="decimal"
        />
        {isOpcUa ? (
          <NativeSelect
            label="Way of reading"
            size="md"
            value={draft.mode}
            onChange={(event) => onChange({ mode: event.currentTarget.value as ConnectionDraft['mode'] })}
            data={[
              { value: 'POLL', label: 'Poll: read every tag each time' },
              { value: 'SUBSCRIBE', label: 'Subscribe: the server tells of changes' },
            ]}
          />
        ) : (
          <>
            <Field
              {...props}
              name="maxRequestsPerSecond"
              label="Most requests a second (empty: no limit)"
              inputMode="decimal"
            />
            <Field
              {...props}
              name="requestPauseSeconds"
              label="Pause between requests, in seconds"
              inputMode="decimal"
            />
            <Field {...props} name="maxRegisters" label="Most registers in a request" inputMode="numeric" />
            <Field {...props} name="maxGap" label="Unused registers read along" inputMode="numeric" />
          </>
        )}
      </Details>
    </div>
  );
}
