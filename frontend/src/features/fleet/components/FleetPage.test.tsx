import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { api, connection, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';

const server = setupServer();
const slow = { timeout: 10_000 };

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

function rollup(part: Record<string, unknown> = {}) {
  const counts = { CRITICAL: 1, WARNING: 0, OFFLINE: 0, HEALTHY: 2 };
  return {
    __typename: 'HealthRollup',
    site: null,
    machines: 3,
    byStatus: Object.entries(counts).map(([status, machines]) => ({ status, machines })),
    meanScore: 71.6,
    lowestScore: 31,
    trend24h: -12.25,
    trend7d: null,
    worst: [{ machineId: 'machine-9', name: 'Booster pump', score: 31 }],
    ...part,
  };
}

function answerFleet(role: string): void {
  const count = { totalCount: 0 };
  server.use(
    ...frameHandlers(role),
    api.query('FleetHealthBySite', () =>
      HttpResponse.json({ data: { fleetHealth: { whole: rollup({ machines: 0 }), sites: [] } } }),
    ),
    api.query('FleetMachines', () => HttpResponse.json({ data: { machines: connection([]) } })),
    api.query('FleetStatusCounts', () =>
      HttpResponse.json({ data: { CRITICAL: count, WARNING: count, OFFLINE: count, HEALTHY: count } }),
    ),
  );
}

async function openForm() {
  await userEvent.click((await screen.findAllByRole('button', { name: 'Add machine' }, slow))[0] as Element);
  const dialog = within(await screen.findByRole('dialog', { name: 'Add machine' }));
  await userEvent.type(dialog.getByRole('textbox', { name: 'Name' }), 'Pump 3');
  await userEvent.type(dialog.getByRole('textbox', { name: 'Identifier' }), 'PUMP-103');
  await userEvent.selectOptions(dialog.getByRole('combobox', { name: 'Source' }), 'Modbus TCP');
  return dialog;
}

describe('adding a machine', () => {
  it('sends the form and says how readings get to the new machine', async () => {
    const sent: unknown[] = [];
    answerFleet('OPERATOR');
    const { name, identifier, protocol } = { name: 'Pump 3', identifier: 'PUMP-103', protocol: 'MODBUS_TCP' };
    server.use(
      api.mutation('CreateMachine', ({ variables }) => {
        sent.push(variables.input);
        const machine = { __typename: 'Machine', id: 'machine-3', name, identifier, protocol };
        return HttpResponse.json({
          data: { machineCreate: { __typename: 'MachineCreateSuccess', machine } },
        });
      }),
    );
    renderPage('/fleet');
    const dialog = await openForm();
    await userEvent.click(dialog.getByRole('button', { name: 'Add machine' }));
    const next = within(await screen.findByRole('dialog', { name: 'Pump 3 was added' }));
    expect(sent).toEqual([{ name, identifier, protocol, kind: 'PUMP', location: null }]);
    expect(next.getByText(/import csv FILE --machine PUMP-103/)).toBeVisible();
    expect(next.getByText(/machine_identifier = "PUMP-103"/)).toBeVisible();
    expect(next.getByText(/An administrator creates it under Settings/)).toBeVisible();
  });

  it('shows a taken identifier at its field', async () => {
    const refusal = { __typename: 'Conflict', message: 'This identifier is taken.', path: ['identifier'] };
    answerFleet('ADMIN');
    server.use(api.mutation('CreateMachine', () => HttpResponse.json({ data: { machineCreate: refusal } })));
    renderPage('/fleet');
    const dialog = await openForm();
    await userEvent.click(dialog.getByRole('button', { name: 'Add machine' }));
    const field = dialog.getByRole('textbox', { name: 'Identifier' });
    await waitFor(() => expect(field).toHaveAccessibleDescription(/This identifier is taken/));
    expect(field).toBeInvalid();
    expect(field).toHaveValue('PUMP-103');
  });

  it('is not offered to a viewer', async () => {
    answerFleet('VIEWER');
    renderPage('/fleet');
    expect(await screen.findByText(/adds the first machine/, undefined, slow)).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Add machine' })).toBeNull();
  });
});

describe('health by site', () => {
  const answer = (sites: unknown[], whole = rollup()): void => {
    answerFleet('VIEWER');
    server.use(
      api.query('FleetHealthBySite', () => HttpResponse.json({ data: { fleetHealth: { whole, sites } } })),
    );
  };
  const table = async () =>
    within(await screen.findByRole('table', { name: 'Health by site, the lowest mean first' }, slow));

  it('has counts, mean, lowest, trends and the worst machines of each site and of all', async () => {
    answer([rollup({ site: 'Hall 2' }), rollup({ site: null, meanScore: 100, trend24h: 0 })]);
    renderPage('/fleet');
    const rows = (await table()).getAllByRole('row').slice(1);
    expect(rows.map((row) => within(row).getByRole('rowheader').textContent)).toEqual([
      'All sites',
      'Hall 2',
      'No location',
    ]);
    const first = within(rows[1] as HTMLElement);
    expect(first.getAllByRole('cell').map((cell) => cell.textContent)).toEqual([
      '1 critical, 2 healthy',
      '72',
      '−12.3',
      '–',
      '31 Booster pump',
    ]);
    expect(first.getByRole('link', { name: 'Booster pump' })).toHaveAttribute('href', '/machines/machine-9');
    expect(within(rows[2] as HTMLElement).getAllByRole('cell')[2]).toHaveTextContent(/^0$/);
  });

  it('needs no sum for a single site', async () => {
    answer([rollup({ site: 'Hall 2' })]);
    renderPage('/fleet');
    expect((await table()).getAllByRole('row')).toHaveLength(2);
  });

  it('says when it cannot be loaded, and tries again', async () => {
    answerFleet('VIEWER');
    let isBroken = true;
    server.use(
      api.query('FleetHealthBySite', () =>
        isBroken
          ? HttpResponse.json({ errors: [{ message: 'Internal error.' }] })
          : HttpResponse.json({ data: { fleetHealth: { whole: rollup(), sites: [rollup()] } } }),
      ),
    );
    renderPage('/fleet');
    expect(
      await screen.findByRole('heading', { name: 'The health of the sites could not be loaded.' }, slow),
    ).toBeVisible();
    isBroken = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect((await table()).getAllByRole('row')).toHaveLength(2);
  });
});

it('keeps the navigation at an unknown address', async () => {
  server.use(...frameHandlers());
  renderPage('/no/such/page');
  expect(
    await screen.findByRole('heading', { name: 'There is no page at this address' }, slow),
  ).toBeVisible();
  const navigation = screen.getByRole('navigation', { name: 'Main' });
  expect(within(navigation).getByRole('link', { name: 'Fleet' })).toBeVisible();
});
