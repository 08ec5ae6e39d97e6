import type { VariablesOf } from '~/gql/graphql';
import type { createIngestSource } from '../hooks/useSourceMutations';
import type { SourceProtocol, SourceWithTags } from './sourceFragment';

type Settings = VariablesOf<typeof createIngestSource>['input'];
type OpcUaInput = NonNullable<Settings['opcUa']>;
type ModbusInput = NonNullable<Settings['modbusTcp']>;

export const securityModes = ['SIGN_AND_ENCRYPT', 'SIGN', 'NONE'] as const;
export const securityPolicies = [
  'BASIC256_SHA256',
  'AES128_SHA256_RSA_OAEP',
  'AES256_SHA256_RSA_PSS',
] as const;

export const securityModeWords: Record<(typeof securityModes)[number], string> = {
  SIGN_AND_ENCRYPT: 'Sign and encrypt',
  SIGN: 'Sign only',
  NONE: 'None: everybody on the network can read along',
};
export const securityPolicyWords: Record<(typeof securityPolicies)[number], string> = {
  BASIC256_SHA256: 'Basic256Sha256',
  AES128_SHA256_RSA_OAEP: 'Aes128_Sha256_RsaOaep',
  AES256_SHA256_RSA_PSS: 'Aes256_Sha256_RsaPss',
};

/** A connection while a person enters it. */
export interface ConnectionDraft {
  protocol: SourceProtocol;
  endpointUrl: string;
  securityMode: (typeof securityModes)[number];
  securityPolicy: (typeof securityPolicies)[number];
  username: string;
  /** Null leaves the stored one. */
  password: string | null;
  /** PEM, or DER as base64; null leaves the stored one with its key. */
  userCertificate: string | null;
  userPrivateKey: string;
  serverFingerprint: string | null;
  mode: 'POLL' | 'SUBSCRIBE';
  host: string;
  port: string;
  unitId: string;
  maxRequestsPerSecond: string;
  requestPauseSeconds: string;
  maxRegisters: string;
  maxGap: string;
  timeoutSeconds: string;
  pollIntervalSeconds: string;
}

export type ConnectionField = keyof ConnectionDraft;
export type ConnectionProblems = Partial<Record<ConnectionField, string>>;

export const emptyConnection: ConnectionDraft = {
  protocol: 'OPC_UA',
  endpointUrl: '',
  securityMode: 'SIGN_AND_ENCRYPT',
  securityPolicy: 'BASIC256_SHA256',
  username: '',
  password: '',
  userCertificate: '',
  userPrivateKey: '',
  serverFingerprint: null,
  mode: 'POLL',
  host: '',
  port: '502',
  unitId: '1',
  maxRequestsPerSecond: '',
  requestPauseSeconds: '0',
  maxRegisters: '125',
  maxGap: '0',
  timeoutSeconds: '4',
  pollIntervalSeconds: '5',
};

export function toConnectionDraft(source: SourceWithTags): ConnectionDraft {
  const { opcUa, modbusTcp, protocol } = source;
  const common = {
    ...emptyConnection,
    protocol,
    password: null,
    userCertificate: null,
    pollIntervalSeconds: String(source.pollIntervalSeconds),
  };
  if (modbusTcp) {
    return {
      ...common,
      host: modbusTcp.host,
      port: String(modbusTcp.port),
      unitId: String(modbusTcp.unitId),
      maxRequestsPerSecond: modbusTcp.maxRequestsPerSecond?.toString() ?? '',
      requestPauseSeconds: String(modbusTcp.requestPauseSeconds),
      maxRegisters: String(modbusTcp.maxRegisters),
      maxGap: String(modbusTcp.maxGap),
      timeoutSeconds: String(modbusTcp.timeoutSeconds),
    };
  }
  if (!opcUa) {
    return common;
  }
  const policy = opcUa.securityPolicy;
  return {
    ...common,
    endpointUrl: opcUa.endpointUrl,
    securityMode: opcUa.securityMode,
    securityPolicy: policy === 'NONE' ? emptyConnection.securityPolicy : policy,
    username: opcUa.username ?? '',
    serverFingerprint: opcUa.serverFingerprint,
    mode: opcUa.mode,
    timeoutSeconds: String(opcUa.timeoutSeconds),
  };
}

/** Who the server lets in: a user name wins over a certificate. */
function toUser(
  draft: ConnectionDraft,
): Pick<OpcUaInput, 'username' | 'password' | 'userCertificate' | 'userPrivateKey'> {
  const username = draft.username.trim() || null;
  const password = draft.password === null ? {} : { password: draft.password || null };
  if (username || draft.userCertificate === null) {
    return { username, ...password };
  }
  const { userCertificate, userPrivateKey } = draft;
  return {
    username,
    ...password,
    userCertificate: userCertificate || null,
    userPrivateKey: userPrivateKey || null,
  };
}

/** The settings as the API takes them: one of the two. */
export function toSettings(draft: ConnectionDraft): { opcUa: OpcUaInput } | { modbusTcp: ModbusInput } {
  if (draft.protocol === 'MODBUS_TCP') {
    return {
      modbusTcp: {
        host: draft.host.trim(),
        port: Number(draft.port),
        unitId: Number(draft.unitId),
        timeoutSeconds: Number(draft.timeoutSeconds),
        maxRequestsPerSecond: draft.maxRequestsPerSecond.trim() ? Number(draft.maxRequestsPerSecond) : null,
        requestPauseSeconds: Number(draft.requestPauseSeconds),
        maxRegisters: Number(draft.maxRegisters),
        maxGap: Number(draft.maxGap),
      },
    };
  }
  const isSecured = draft.securityMode !== 'NONE';
  return {
    opcUa: {
      endpointUrl: draft.endpointUrl.trim(),
      securityMode: draft.securityMode,
      securityPolicy: isSecured ? draft.securityPolicy : 'NONE',
      ...toUser(draft),
      serverFingerprint: isSecured ? draft.serverFingerprint : null,
      mode: draft.mode,
      timeoutSeconds: Number(draft.timeoutSeconds),
    },
  };
}

function isWithin(text: string, low: number, high: number, isWhole = true): boolean {
  const value = Number(text);
  return text.trim() !== '' && value >= low && value <= high && (!isWhole || Number.isInteger(value));
}

function userCertificateProblems(draft: ConnectionDraft): ConnectionProblems {
  const { username, securityMode, userCertificate, userPrivateKey } = draft;
  if (username.trim() || !(userCertificate || userPrivateKey)) {
    return {};
  }
  if (securityMode === 'NONE') {
    return { securityMode: 'A user’s certificate needs security.' };
  }
  return {
    ...(userCertificate ? {} : { userCertificate: 'Choose the certificate of this key.' }),
    ...(userPrivateKey ? {} : { userPrivateKey: 'Choose the key of this certificate.' }),
  };
}

/** What can be seen to be wrong without asking the server. */
export function connectionProblems(draft: ConnectionDraft): ConnectionProblems {
  const found: ConnectionProblems = {};
  if (!isWithin(draft.pollIntervalSeconds, 1, 3600, false)) {
    found.pollIntervalSeconds = 'Between 1 and 3600 seconds.';
  }
  if (!isWithin(draft.timeoutSeconds, 0.1, 30, false)) {
    found.timeoutSeconds = 'Between 0.1 and 30 seconds.';
  }
  if (draft.protocol === 'OPC_UA') {
    if (!/^opc\.tcp:\/\/[^/@\s]+(\/\S*)?$/.test(draft.endpointUrl.trim())) {
      found.endpointUrl = 'Such as opc.tcp://plc1.example:4840/path.';
    }
    if (draft.username.trim() && draft.securityMode === 'NONE') {
      found.securityMode = 'A password needs security: it would be readable on the network.';
    }
    if (draft.username.trim() && draft.password === '') {
      found.password = 'Enter the password of this user.';
    }
    return { ...found, ...userCertificateProblems(draft) };
  }
  if (!/^[^\s/@?#]+$/.test(draft.host.trim())) {
    found.host = 'A name or an address, such as plc1.example or 10.20.0.7.';
  }
  if (!isWithin(draft.port, 1, 65_535)) {
    found.port = 'Between 1 and 65535.';
  }
  if (!isWithin(draft.unitId, 0, 255)) {
    found.unitId = 'Between 0 and 255.';
  }
  if (draft.maxRequestsPerSecond.trim() && !isWithin(draft.maxRequestsPerSecond, 0.001, 10_000, false)) {
    found.maxRequestsPerSecond = 'Above 0, or empty for no limit.';
  }
  if (!isWithin(draft.requestPauseSeconds, 0, 60, false)) {
    found.requestPauseSeconds = 'Between 0 and 60 seconds.';
  }
  if (!isWithin(draft.maxRegisters, 1, 125)) {
    found.maxRegisters = 'Between 1 and 125.';
  }
  if (!isWithin(draft.maxGap, 0, 125)) {
    found.maxGap = 'Between 0 and 125.';
  }
  return found;
}

/** `ab12…` as tools show it: `AB:12:…`. */
export function formatFingerprint(digits: string): string {
  return digits.toUpperCase().replace(/(..)(?!$)/g, '$1:');
}
