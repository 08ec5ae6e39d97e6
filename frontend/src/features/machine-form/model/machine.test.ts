import { expect, it } from 'vitest';
import { agentSource, importCommand } from './machine';

it('writes the agent configuration with the identifier as a TOML string', () => {
  expect(agentSource('PUMP "A"', 'MODBUS_TCP')).toBe(
    '[[source]]\nmachine_identifier = "PUMP \\"A\\""\nprotocol = "modbus"',
  );
});

it('quotes an identifier that a shell would split', () => {
  expect(importCommand('PUMP-103')).toBe(
    'plantwright import csv FILE --machine PUMP-103 --time-column COLUMN',
  );
  expect(importCommand("Bob's pump")).toContain("--machine 'Bob'\\''s pump' ");
});
