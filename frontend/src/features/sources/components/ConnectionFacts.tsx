import { Button } from '@mantine/core';
import { type Fact, FactList } from '~/ui/FactList';
import { formatFingerprint, securityModeWords, securityPolicyWords } from '../model/connection';
import type { SourceWithTags } from '../model/sourceFragment';
import { sourceProtocolWords } from '../model/state';

function describeUser({
  username,
  hasPassword,
  userCertificateFingerprint,
}: NonNullable<SourceWithTags['opcUa']>): string {
  if (username) {
    return `${username}, ${hasPassword ? 'password stored' : 'no password'}`;
  }
  return userCertificateFingerprint
    ? `By certificate ${formatFingerprint(userCertificateFingerprint)}`
    : 'Nobody';
}

function opcUaFacts(settings: NonNullable<SourceWithTags['opcUa']>): Fact[] {
  const { securityMode, securityPolicy, serverFingerprint, mode } = settings;
  const isSecured = securityMode !== 'NONE';
  return [
    ['Security', securityModeWords[securityMode]],
    ...(isSecured && securityPolicy !== 'NONE'
      ? ([['Policy', securityPolicyWords[securityPolicy]]] as const)
      : []),
    ['User', describeUser(settings)],
    ['Way of reading', mode === 'POLL' ? 'Poll' : 'Subscribe'],
    ...(isSecured
      ? ([
          [
            'Server’s certificate (SHA-256)',
            serverFingerprint ? formatFingerprint(serverFingerprint) : 'Not confirmed yet: run a test',
          ],
        ] as const)
      : []),
  ];
}

function modbusFacts(settings: NonNullable<SourceWithTags['modbusTcp']>): Fact[] {
  const { unitId, maxRequestsPerSecond, requestPauseSeconds, maxRegisters, maxGap } = settings;
  return [
    ['Unit id', String(unitId)],
    ['Most requests a second', maxRequestsPerSecond === null ? 'No limit' : String(maxRequestsPerSecond)],
    ['Pause between requests', `${requestPauseSeconds} s`],
    ['Most registers in a request', String(maxRegisters)],
    ['Unused registers read along', String(maxGap)],
  ];
}

interface ConnectionFactsProps {
  source: SourceWithTags;
  /** Missing for those who may not. */
  onEdit: (() => void) | undefined;
}

/** How the device is reached. */
export function ConnectionFacts({ source, onEdit }: ConnectionFactsProps) {
  const { opcUa, modbusTcp, protocol, address, pollIntervalSeconds } = source;
  const timeout = opcUa?.timeoutSeconds ?? modbusTcp?.timeoutSeconds;
  const facts: Fact[] = [
    ['Protocol', sourceProtocolWords[protocol]],
    ['Address', address],
    ...(opcUa ? opcUaFacts(opcUa) : []),
    ...(modbusTcp ? modbusFacts(modbusTcp) : []),
    ['Read every', `${pollIntervalSeconds} s`],
    ['Timeout of a request', `${timeout} s`],
  ];
  return (
    <section className="pw-panel pw-stack" aria-labelledby="connection-title">
      <div className="pw-spread">
        <h2 id="connection-title">Connection</h2>
        {onEdit && (
          <Button variant="default" className="pw-target" onClick={onEdit}>
            Edit connection
          </Button>
        )}
      </div>
      <FactList facts={facts} />
    </section>
  );
}
